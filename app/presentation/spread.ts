import { quantileSorted, sort } from "d3-array";

/** Middle and spread of figures in one unit. `n` says how many figures it rests on. */
export interface Spread {
  readonly n: number;
  readonly median: number;
  /** 5th and 95th percentile; of a few figures they lie just inside the smallest and the largest. */
  readonly p5: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Quantiles are linear between neighbours: type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages"
 * (1996), as in d3, NumPy and R's default. Undefined for no figures.
 */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = sort(values);
  const at = (fraction: number) => quantileSorted(sorted, fraction);
  const [median, p5, p95] = [at(0.5), at(0.05), at(0.95)];
  if (median === undefined || p5 === undefined || p95 === undefined) return undefined;
  return { n: sorted.length, median, p5, p95, min: sorted[0] ?? median, max: sorted.at(-1) ?? median };
}
