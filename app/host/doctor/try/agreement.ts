import type { Detection } from "../../../contract/detection.ts";
import type { Agreement } from "../../../contract/doctor-try.ts";
import { matchDetections, matchIou } from "../../../contract/match-detections.ts";

/** How far `found` is what the baseline found: F1 over pairs with an IoU of at least 0.5. */
export function agreementOf(baseline: readonly Detection[], found: readonly Detection[]): Agreement {
  const pairs = matchDetections(baseline, found).pairs.filter(({ iou }) => iou >= matchIou);
  const f1 = (matched: number): number =>
    baseline.length + found.length === 0 ? 1 : (2 * matched) / (baseline.length + found.length);
  return {
    baseline: baseline.length,
    found: found.length,
    matched: pairs.length,
    f1: f1(pairs.length),
    f1SameLabel: f1(pairs.filter(({ a, b }) => a.label === b.label).length),
  };
}
