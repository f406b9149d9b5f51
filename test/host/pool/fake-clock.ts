import type { Clock } from "../../../app/host/pool/clock.ts";

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #alarms = new Set<{ readonly at: number; readonly callback: () => void }>();
  /** What `random` gives. */
  chance = 0.5;
  /** ms that pass whenever somebody looks at the clock, as real ones do while code runs. */
  creep = 0;
  /** ms by which alarms go off too early, as timers that know no fractions do. */
  early = 0;

  now(): number {
    this.#now += this.creep;
    return this.#now;
  }

  random(): number {
    return this.chance;
  }

  after(ms: number, callback: () => void): () => void {
    const alarm = { at: this.#now + Math.max(0, ms - this.early), callback };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Alarms that are set. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** Lets ms pass: alarms go off in their order, and what follows from each happens before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let next = this.#first(end); next !== undefined; next = this.#first(end)) {
      this.#now = Math.max(this.#now, next.at);
      this.#alarms.delete(next);
      next.callback();
      await settled();
    }
    this.#now = end;
    await settled();
  }

  /** Lets time pass up to the next alarm; false if none is set. */
  async toNextAlarm(): Promise<boolean> {
    const next = this.#first(Number.POSITIVE_INFINITY);
    if (next === undefined) return false;
    await this.pass(Math.max(0, next.at - this.#now));
    return true;
  }

  #first(end: number) {
    const due = [...this.#alarms].filter(({ at }) => at <= end);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}

/** Resolves when all promises that can go on have done so. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
