import { now } from "../clock.ts";

/** Tokens whose pace counts as the run's own start. */
const startTokens = 32;
/** Length of the windows that are compared with the start, ms. */
const windowMs = 500;
/** A window this many times slower than the start counts as stalled. */
const slowdown = 8;

/** Tokens a second at a generation's start and in its slowest window. */
export interface Stall {
  readonly start: number;
  readonly slowest: number;
}

/**
 * Notices a generation that falls far behind its own start: another program took the cores on which ggml's threads wait
 * for each other. A run that is slow from its first token on goes unnoticed.
 */
export class StallWatch {
  readonly #clock: () => number;
  #tokens = 0;
  #first: Mark | undefined;
  #window: Mark | undefined;
  #startPace: number | undefined;
  #slowestPace = Number.POSITIVE_INFINITY;

  /** @param clock monotonic, ms */
  constructor(clock: () => number = now) {
    this.#clock = clock;
  }

  push(tokens: number): void {
    const mark = { at: this.#clock(), tokens: this.#tokens + tokens };
    this.#tokens = mark.tokens;
    this.#first ??= mark;
    if (this.#startPace === undefined) {
      if (mark.tokens - this.#first.tokens < startTokens || mark.at <= this.#first.at) return;
      this.#startPace = pace(this.#first, mark);
      this.#window = mark;
    } else if (this.#window !== undefined && mark.at - this.#window.at >= windowMs) {
      this.#slowestPace = Math.min(this.#slowestPace, pace(this.#window, mark));
      this.#window = mark;
    }
  }

  /** undefined if the generation kept its pace. */
  stall(): Stall | undefined {
    const start = this.#startPace;
    if (start === undefined || this.#slowestPace * slowdown >= start) return undefined;
    return { start, slowest: this.#slowestPace };
  }
}

interface Mark {
  readonly at: number;
  readonly tokens: number;
}

function pace(from: Mark, to: Mark): number {
  return ((to.tokens - from.tokens) * 1000) / (to.at - from.at);
}
