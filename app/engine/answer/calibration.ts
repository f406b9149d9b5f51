/**
 * A map from the confidence that token probabilities give to the share of elements that are right at it, measured on
 * held-out screens. Both lists have the same length, at least two; `raw` rises strictly, `calibrated` never falls.
 */
export interface Calibration {
  readonly raw: readonly number[];
  readonly calibrated: readonly number[];
}

/** Linear between the points of the map; before the first and after the last, their values. */
export function calibrate({ raw, calibrated }: Calibration, confidence: number): number {
  const above = raw.findIndex((value) => value >= confidence);
  if (above === 0) return calibrated[0] ?? confidence;
  if (above < 0) return calibrated.at(-1) ?? confidence;
  const [x0 = 0, x1 = 1] = [raw[above - 1], raw[above]];
  const [y0 = 0, y1 = 1] = [calibrated[above - 1], calibrated[above]];
  return y0 + ((y1 - y0) * (confidence - x0)) / (x1 - x0);
}
