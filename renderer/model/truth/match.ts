import { type BBox, type Detection, iou, type Point, type TruthElement } from "../../../app/contract/index.ts";
import { labelKey } from "../label-colors.ts";

/** What makes a detection an answer to a known element. */
export interface MatchRule {
  /** By overlap, or by whether the detection's centre (or click point) lies in the known element's box. */
  readonly criterion: "iou" | "centre";
  /** Smallest intersection over union of a match, 0..1; unused by "centre". */
  readonly minIou: number;
  /** Both must have the same label; an element whose truth names none agrees with any. */
  readonly sameLabel: boolean;
}

export const defaultRule: MatchRule = { criterion: "iou", minIou: 0.5, sameLabel: false };
/** Bounds of the threshold, and its step. */
export const iouRange = { min: 0.1, max: 0.95, step: 0.05 } as const;

export interface TruthPair {
  readonly truth: TruthElement;
  readonly detection: Detection;
  readonly iou: number;
}

/** Each known element and each detection stands in exactly one of the three lists. */
export interface TruthMatch {
  readonly matched: readonly TruthPair[];
  /** Known elements that nothing found. */
  readonly missed: readonly TruthElement[];
  /** Detections that answer to no known element: false ones, and second ones of the same element. */
  readonly extra: readonly Detection[];
}

/** Where a detection would click: its click point, else the centre of its box; px of the source image. */
export function clickPoint({ bbox: [x1, y1, x2, y2], point }: Detection): Point {
  return point ?? [(x1 + x2) / 2, (y1 + y2) / 2];
}

/** Edges count as inside, as ScreenSpot's evaluation has it. */
export function isInside([x, y]: Point, [x1, y1, x2, y2]: BBox): boolean {
  return x >= x1 && x <= x2 && y >= y1 && y <= y2;
}

/**
 * Matches greedily by confidence, as the COCO evaluation does (pycocotools, cocoeval.py, evaluateImg; `sameLabel` is
 * its useCats): the detections take their turns from the most confident down, and each takes the still free element
 * that it overlaps most, if it satisfies the rule; of equals the last. So of two detections of one element the more
 * confident is the match and the other is extra. Detections of equal confidence keep their order.
 */
export function matchTruth(
  truths: readonly TruthElement[],
  detections: readonly Detection[],
  rule: MatchRule,
): TruthMatch {
  const free = new Set(truths);
  const matched: TruthPair[] = [];
  const extra = new Set(detections);
  for (const detection of [...detections].sort((a, b) => b.confidence - a.confidence)) {
    const best = bestFree(free, detection, rule);
    if (best === undefined) continue;
    free.delete(best.truth);
    extra.delete(detection);
    matched.push(best);
  }
  return {
    matched,
    missed: truths.filter((truth) => free.has(truth)),
    extra: detections.filter((detection) => extra.has(detection)),
  };
}

function bestFree(free: Iterable<TruthElement>, detection: Detection, rule: MatchRule): TruthPair | undefined {
  let best: TruthPair | undefined;
  for (const truth of free) {
    if (rule.sameLabel && !agree(truth, detection)) continue;
    const overlap = iou(truth.bbox, detection.bbox);
    const fits = rule.criterion === "iou" ? overlap >= rule.minIou : isInside(clickPoint(detection), truth.bbox);
    if (fits && overlap >= (best?.iou ?? 0)) best = { truth, detection, iou: overlap };
  }
  return best;
}

function agree(truth: TruthElement, detection: Detection): boolean {
  return truth.label === undefined || labelKey(truth.label) === labelKey(detection.label);
}
