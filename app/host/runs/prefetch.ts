import { randomUUID } from "node:crypto";
import { localEngineId } from "../../contract/index.ts";
import type { EngineProcess } from "../engine/process.ts";
import { enginePair } from "../models/engine-pair.ts";
import type { Pool } from "../pool/pool.ts";
import type { PlannedRun } from "./record.ts";

interface PrefetchConfig {
  readonly pool: Pick<Pool, "next">;
  /** See RequestOptions. */
  readonly silenceMs: number;
}

interface Sent {
  readonly runId: string;
  readonly requestId: string;
  readonly engine: EngineProcess;
}

/**
 * Lets the engine decode and resize the next run's image while it generates the current run's answer. Only between
 * ordinary runs of the same model: repeats and runs that time operators are measured, so nothing may run beside them or
 * ahead of them, and focus mode compares the unresized images.
 */
export class Prefetch {
  readonly #config: PrefetchConfig;
  readonly #waiting = new Map<string, PlannedRun>();
  #generating: { readonly run: PlannedRun; readonly engine: EngineProcess } | undefined;
  #sent: Sent | undefined;

  constructor(config: PrefetchConfig) {
    this.#config = config;
  }

  /** A run was queued. */
  queued(run: PlannedRun): void {
    this.#waiting.set(run.id, run);
    this.#send();
  }

  /** A queued run's turn has come. */
  begun({ id }: PlannedRun): void {
    this.#waiting.delete(id);
  }

  /** A queued run was cancelled: its prepared image is dropped, and the run behind it is next. */
  dropped({ id }: PlannedRun): void {
    this.#waiting.delete(id);
    if (this.#sent?.runId !== id) return;
    this.#sent.engine.cancel(this.#sent.requestId);
    this.#sent = undefined;
    this.#send();
  }

  /** The running detection's image work is over. */
  generating(run: PlannedRun, engine: EngineProcess): void {
    if (this.#generating?.run === run) return;
    this.#generating = { run, engine };
    this.#send();
  }

  /** The running detection has ended. */
  ended(): void {
    this.#generating = undefined;
  }

  #send(): void {
    if (this.#generating === undefined) return;
    const { run, engine } = this.#generating;
    const next = this.#waiting.get(this.#config.pool.next(localEngineId)?.id ?? "");
    if (next === undefined || next.id === this.#sent?.runId || !mayOverlap(run) || !mayOverlap(next)) return;
    if (next.model.id !== run.model.id || next.backend !== run.backend) return;
    const { image, imagePath, settings } = next;
    const requestId = randomUUID();
    this.#sent = { runId: next.id, requestId, engine };
    const body = { type: "prefetch", imageId: image.id, imagePath, pair: enginePair(next.model), settings } as const;
    // The run itself will report the error.
    void engine.request(body, "done", { id: requestId, silenceMs: this.#config.silenceMs }).catch(() => {});
  }
}

function mayOverlap({ request, settings }: PlannedRun): boolean {
  return settings.prefetch && !settings.focus && request.repeat === undefined && request.profileOps !== true;
}
