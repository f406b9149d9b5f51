import type { MinConfidences } from "../../app/contract/index.ts";
import type { Figures } from "./measure.ts";

/** Precision below which the profile Quality, which wants to miss little, shows too much that is wrong. */
const leastPrecision = 0.5;

/**
 * Minimum confidences of the profiles, from figures at IoU 0.5 with label: Speed and Balanced take the one with the best
 * F1, the lowest of equals; Quality the lowest one at which half of what is shown is right, but none above Balanced's.
 * @param at confidence and figures of all boxes from it on, by rising confidence
 */
export function chooseThresholds(
  at: readonly { readonly minConfidence: number; readonly figures: Pick<Figures, "precision" | "f1"> }[],
): MinConfidences {
  const best = Math.max(...at.map(({ figures }) => figures.f1));
  const balanced = at.find(({ figures }) => figures.f1 === best)?.minConfidence ?? 0;
  const precise = at.find(({ figures }) => figures.precision >= leastPrecision)?.minConfidence ?? balanced;
  return { speed: balanced, balanced, quality: Math.min(precise, balanced) };
}
