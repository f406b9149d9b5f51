import { formatShare } from "../format.ts";
import { minRunsForDrift, minRunsForSpread, type Noise, noisyDrift, noisySpread } from "./noise.ts";

/** What a judgement means, for people. */
export function noiseText({ verdict, spread, drift }: Noise): string {
  const figures = [
    ...(spread === undefined ? [] : [`p5 to p95 is ${formatShare(spread)} of the median`]),
    ...(drift === undefined ? [] : [`drift ${drift < 0 ? "-" : "+"}${formatShare(Math.abs(drift))}`]),
  ].join(", ");
  switch (verdict) {
    case "unknown":
      return `Fewer than ${minRunsForSpread} whole runs: their spread cannot be judged.`;
    case "steady":
      return `The machine was steady: ${figures}.`;
    case "noisy":
      return `The machine was noisy: ${figures}. Close other programs, let it cool, and repeat.`;
  }
}

/** How the judgement is made and what it cannot see. */
export const noiseMethod =
  `Noisy: p5 to p95 of the total wider than ${noisySpread * 100} % of the median, or the medians of the first and ` +
  `second half more than ${noisyDrift * 100} % apart (from ${minRunsForDrift} runs on). A load that lasts from the ` +
  "first run to the last makes all of them slow and is not seen; answers of different length spread the times too.";
