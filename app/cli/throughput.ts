import type { AnsweredRun } from "../contract/index.ts";
import { quantile } from "../host/quantile.ts";
import { formatMs } from "./numbers.ts";

const perSecond = (images: number, ms: number): string => `${((images * 1000) / ms).toFixed(2)} images/s`;

/** How many images a second a command got through, which with overlapping is more than one over a run's time. */
export class Throughput {
  readonly #begin = performance.now();
  readonly #ends: number[] = [];
  readonly #runs: AnsweredRun[] = [];

  /** To be called when the run ends, whether done or not. */
  add(run: AnsweredRun): void {
    this.#ends.push(performance.now() - this.#begin);
    this.#runs.push(run);
  }

  /** One line; nothing for fewer than two images. Cached and unfinished ones took no detection's time: then there is no figure. */
  report(): string {
    const images = this.#runs.length;
    const [first = 0] = this.#ends;
    const last = this.#ends.at(-1) ?? 0;
    if (images < 2) return "";
    const unmeasured = this.#runs.filter(({ status, cached }) => status !== "done" || cached !== undefined).length;
    if (unmeasured > 0) {
      return `throughput: not measured, since ${unmeasured} of ${images} answers were cached or not finished\n`;
    }
    const latency = quantile(
      this.#runs.map(({ totalMs }) => totalMs),
      0.5,
    );
    const overlapped = this.#runs.filter(({ stages }) =>
      stages.some((stage) => stage.overlappedMs !== undefined),
    ).length;
    return [
      `throughput: ${perSecond(images - 1, last - first)} from the first answer to the last`,
      `${perSecond(images, last)} in all, loading included`,
      `latency ${formatMs(latency)} ms (median of ${images} images, ${overlapped} of them decoded during the one before)\n`,
    ].join("; ");
  }
}
