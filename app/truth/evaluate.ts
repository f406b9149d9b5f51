import type { Detection, Mode, Truth } from "../contract/index.ts";
import { type MatchRule, matchTruth, type TruthMatch } from "./match.ts";

/** What of a run is measured; a `RunRecord` and a window's `RunView` with its record both have it. */
export interface MeasuredRun {
  readonly mode: Mode;
  readonly target?: string | undefined;
  readonly detections: readonly Detection[];
  readonly belowThreshold: readonly Detection[];
}

/**
 * Matches a run with the truth of its image; pure, for the window and for Node alike (`measure` in metrics.ts makes
 * figures of it). A run that located one target is held against the elements whose text is that target, as ScreenSpot's
 * entries have their instruction as text; against all if there is none.
 * @param minConfidence 0..1, in place of the run's own threshold: also lets in what lay below that.
 */
export function evaluateRun(
  { elements }: Truth,
  { mode, target, detections, belowThreshold }: MeasuredRun,
  rule: MatchRule,
  minConfidence?: number,
): TruthMatch {
  const asked = mode === "locate" && target !== undefined ? elements.filter(({ text }) => sameText(text, target)) : [];
  const measured =
    minConfidence === undefined
      ? detections
      : [...detections, ...belowThreshold].filter(({ confidence }) => confidence >= minConfidence);
  return matchTruth(asked.length > 0 ? asked : elements, measured, rule);
}

function sameText(text: string | undefined, target: string): boolean {
  return text?.trim().toLowerCase() === target.trim().toLowerCase();
}
