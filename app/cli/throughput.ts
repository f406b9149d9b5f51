import { median } from "d3-array";
import type { AnsweredRun } from "../contract/index.ts";
import { formatMs } from "../presentation/numbers.ts";

const perSecond = (images: number, ms: number): string => `${((images * 1000) / ms).toFixed(2)} images/s`;

/** Images per second of a command, which with overlapping is more than one run's time suggests. */
export class Throughput {
  readonly #begin = performance.now();
  readonly #ends: number[] = [];
  readonly #runs: AnsweredRun[] = [];

  /** To be called at the end of each run, done or not. */
  add(run: AnsweredRun): void {
    this.#ends.push(performance.now() - this.#begin);
    this.#runs.push(run);
  }

  /**
   * One line; empty for fewer than two images, and if any was cached or did not finish, since those took no detection's
   * time.
   */
  report(): string {
    const images = this.#runs.length;
    const [first = 0] = this.#ends;
    const last = this.#ends.at(-1) ?? 0;
    if (images < 2) return "";
    const unmeasured = this.#runs.filter(({ status, cached }) => status !== "done" || cached !== undefined).length;
    if (unmeasured > 0) {
      return `throughput: not measured, since ${unmeasured} of ${images} answers were cached or not finished\n`;
    }
    const latency = median(this.#runs, ({ totalMs }) => totalMs) ?? 0;
    const overlapped = this.#runs.filter(({ stages }) =>
      stages.some((stage) => stage.overlappedMs !== undefined),
    ).length;
    return [
      `throughput: ${perSecond(images - 1, last - first)} from the first answer to the last`,
      `${perSecond(images, last)} in all, loading included`,
      `latency ${formatMs(latency)} (median of ${images} images, ${overlapped} of them decoded during the one before)\n`,
    ].join("; ");
  }
}
