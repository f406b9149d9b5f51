import { formatDuration, formatRate } from "../presentation/numbers.ts";

/** What is told of a batch while it goes on. */
export class BatchProgress {
  readonly #total: number;
  readonly #now: () => number;
  #before = 0;
  #done = 0;
  #failed = 0;
  #first: number | undefined;
  #last = 0;

  /** @param total images of the batch; `now` is in ms. */
  constructor(total: number, now: () => number = () => performance.now()) {
    this.#total = total;
    this.#now = now;
  }

  /** An image was done by an earlier process, or is another's copy. */
  known(): void {
    this.#before++;
  }

  ended(outcome: "done" | "failed"): void {
    if (outcome === "done") this.#done++;
    else this.#failed++;
    this.#last = this.#now();
    this.#first ??= this.#last;
  }

  get done(): number {
    return this.#before + this.#done;
  }

  get failed(): number {
    return this.#failed;
  }

  get left(): number {
    return this.#total - this.done - this.#failed;
  }

  /** Images per second from the first end to the last of this process; undefined until two have ended. */
  get rate(): number | undefined {
    const ended = this.#done + this.#failed;
    const ms = this.#last - (this.#first ?? 0);
    return ended < 2 || ms <= 0 ? undefined : ((ended - 1) * 1000) / ms;
  }

  /** One line. What was not measured yet is not told. */
  line(): string {
    const { rate, left } = this;
    const failed = this.#failed === 0 ? "" : `, ${this.#failed} failed`;
    const speed = rate === undefined ? "" : `; ${formatRate(rate)} images/s`;
    const time = rate === undefined || left === 0 ? "" : `; ${formatDuration((left * 1000) / rate)} left`;
    return `${this.done} of ${this.#total} done${failed}, ${left} left${speed}${time}`;
  }
}
