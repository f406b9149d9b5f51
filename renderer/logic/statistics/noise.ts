import { defined } from "../../../app/contract/index.ts";
import { formatShare } from "../../../app/presentation/numbers.ts";
import { spreadOf } from "../../../app/presentation/spread.ts";

/** p5 to p95 wider than this share of the median calls a machine noisy. */
const noisySpread = 0.25;
/** Medians of the first and second half further apart than this share of the whole median call it drifting. */
const noisyDrift = 0.15;
/** Fewer runs than these say nothing about spread and drift. */
const minRunsForSpread = 3;
const minRunsForDrift = 6;

/** How steady a machine was while it repeated one detection. */
export interface Noise {
  readonly verdict: "steady" | "noisy" | "unknown";
  /** (p95 - p5) / median; absent below `minRunsForSpread`. */
  readonly spread?: number;
  /** (median of the second half - median of the first) / median of all; absent below `minRunsForDrift`. */
  readonly drift?: number;
}

/**
 * Judges totals in the order they were measured. Limits of the judgement: it cannot tell a busy machine from a model
 * whose answers differ in length; a load that was there from the first run to the last makes every run slow without
 * spreading them; and of three runs one outlier decides.
 */
export function noiseOf(totals: readonly number[]): Noise {
  const all = spreadOf(totals);
  if (all === undefined || all.n < minRunsForSpread || all.median <= 0) return { verdict: "unknown" };
  const spread = (all.p95 - all.p5) / all.median;
  const drift = all.n < minRunsForDrift ? undefined : driftOf(totals, all.median);
  const noisy = spread > noisySpread || Math.abs(drift ?? 0) > noisyDrift;
  return { verdict: noisy ? "noisy" : "steady", spread, ...defined({ drift }) };
}

/** An odd run in the middle belongs to neither half. */
function driftOf(totals: readonly number[], median: number): number {
  const half = Math.floor(totals.length / 2);
  const first = spreadOf(totals.slice(0, half))?.median ?? median;
  const second = spreadOf(totals.slice(totals.length - half))?.median ?? median;
  return (second - first) / median;
}

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
