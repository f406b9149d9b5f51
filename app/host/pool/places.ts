import type { HoloscopeError } from "../../contract/index.ts";
import type { EngineHealth } from "./health.ts";

/** A place where tasks are done: this machine's engine, or a server elsewhere. */
export interface PoolEngine {
  readonly id: string;
  /** Tasks at once; at least 1. */
  readonly limit: number;
  /** Rejects while the engine is not well; asked only when it has failed several times. Without it, the next task tells. */
  probe?(signal: AbortSignal): Promise<void>;
}

/** An engine with what the pool knows of it. */
export interface Place {
  engine: PoolEngine;
  /** False once the engine was taken out of the pool. */
  present: boolean;
  readonly health: EngineHealth;
  running: number;
  probing: boolean;
  lastError?: HoloscopeError;
}

export const roomOf = ({ engine, health, running }: Place): number => health.room(engine.limit, running);

/**
 * Where a task may go now, or undefined. Places that have failed it come last: they get it back only when all others that
 * it may go to are out of order. Of several with room, the least busy has it, and of those the first named.
 */
export function placeFor(allowed: readonly Place[], hasFailed: (engineId: string) => boolean): Place | undefined {
  const others = allowed.filter(({ engine, health }) => !hasFailed(engine.id) && health.state !== "open");
  const free = (others.length > 0 ? others : allowed).filter((place) => roomOf(place) > 0);
  const busy = ({ engine, running }: Place): number => running / engine.limit;
  return free.reduce<Place | undefined>(
    (best, place) => (best === undefined || busy(place) < busy(best) ? place : best),
    undefined,
  );
}

/** Since when, on the pool's clock, all of the places are out of order; undefined while one is not. */
export function brokenSince(allowed: readonly Place[]): number | undefined {
  const since = allowed.map(({ health }) => (health.state === "open" ? health.openSince : undefined));
  return since.reduce<number | undefined>(
    (latest, each) => (latest === undefined || each === undefined ? undefined : Math.max(latest, each)),
    Number.NEGATIVE_INFINITY,
  );
}
