/** ms over which the speed is measured. */
const windowMs = 5000;
/** Spans shorter than this give no reliable speed. */
const leastSpanMs = 500;

/** Bytes per second over the last few seconds. */
export class Speed {
  readonly #now: () => number;
  #samples: { readonly at: number; readonly bytes: number }[] = [];

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  restart(bytes: number): void {
    this.#samples = [{ at: this.#now(), bytes }];
  }

  /** Records the bytes done by now and returns the speed; undefined until enough time has passed. */
  at(bytes: number): number | undefined {
    const at = this.#now();
    const last = this.#samples.at(-1);
    if (last === undefined || at - last.at >= windowMs / 50) this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > windowMs) this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || at - first.at < leastSpanMs) return undefined;
    return Math.max(0, ((bytes - first.bytes) * 1000) / (at - first.at));
  }
}
