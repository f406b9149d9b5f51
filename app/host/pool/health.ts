import type { Retry } from "../../contract/index.ts";
import type { Clock } from "./clock.ts";

/**
 * "closed": takes as many tasks as it can. "open": it failed several times in a row and takes none until its probe finds it
 * well. "half-open": it takes one task, whose end decides.
 */
export type BreakerState = "closed" | "open" | "half-open";

export interface HealthRules {
  /** Bound of the rest after the first failure, ms, and of the longest. Each failure in a row doubles it. */
  readonly restMs: number;
  readonly longestRestMs: number;
  /** Failures in a row that open the breaker. */
  readonly failuresToOpen: number;
}

export const defaultHealthRules: HealthRules = { restMs: 500, longestRestMs: 30_000, failuresToOpen: 3 };

/**
 * What is known of one engine's health: how long it rests after a failure, and its breaker. The rest is drawn from 0 to its
 * bound ("full jitter"), so that clients that failed together do not come back together
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter); what a server asks for goes before it.
 */
export class EngineHealth {
  readonly #clock: Clock;
  readonly #rules: HealthRules;
  #state: BreakerState = "closed";
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #openSince: number | undefined;

  constructor(clock: Clock, rules: HealthRules) {
    this.#clock = clock;
    this.#rules = rules;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** When it stopped taking tasks; undefined while it takes any. */
  get openSince(): number | undefined {
    return this.#openSince;
  }

  /** Time on the clock before which it is left alone. */
  get restsUntil(): number {
    return this.#restsUntil;
  }

  get resting(): boolean {
    return this.#restsUntil > this.#clock.now();
  }

  /** How many more tasks it takes now. */
  room(limit: number, running: number): number {
    if (this.#state === "open" || this.resting) return 0;
    return Math.max(0, (this.#state === "half-open" ? 1 : limit) - running);
  }

  /** Work ended as it should. A rest that was asked for lasts on. */
  succeeded(): void {
    this.#state = "closed";
    this.#failures = 0;
    this.#openSince = undefined;
  }

  /** The probe found it well. */
  probed(): void {
    this.#state = "half-open";
    this.#openSince = undefined;
  }

  /**
   * @param begunAt when the work began on the clock: what began before the last failure fails for the same reason, and counts
   * once with it
   */
  failed(begunAt: number, { afterMs = 0 }: Retry): void {
    const now = this.#clock.now();
    if (begunAt >= this.#failedAt) {
      this.#failures++;
      this.#failedAt = now;
      const bound = Math.min(this.#rules.longestRestMs, this.#rules.restMs * 2 ** (this.#failures - 1));
      // Never nothing: an engine that refuses at once would be asked without end.
      this.#rest(now + Math.max(this.#rules.restMs / 10, this.#clock.random() * bound));
    }
    this.#rest(now + afterMs);
    if (this.#state === "half-open" || this.#failures >= this.#rules.failuresToOpen) this.#open(now);
  }

  #rest(until: number): void {
    this.#restsUntil = Math.max(this.#restsUntil, until);
  }

  #open(now: number): void {
    this.#state = "open";
    this.#openSince ??= now;
  }
}
