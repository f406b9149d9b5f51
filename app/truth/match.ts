import {
  type BBox,
  type Detection,
  iou,
  type PairCandidate,
  type Point,
  pairInOrder,
  type TruthElement,
} from "../contract/index.ts";
import { labelKey } from "../presentation/labels.ts";
import { clickPoint } from "../presentation/units.ts";

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

/** Edges count as inside, as ScreenSpot's evaluation has it. */
export function isInside([x, y]: Point, [x1, y1, x2, y2]: Readonly<BBox>): boolean {
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
  const candidates = [...detections]
    .sort((a, b) => b.confidence - a.confidence)
    .flatMap((detection) => candidatesOf(detection, truths, rule));
  const pairs = pairInOrder<TruthElement, Detection, Candidate>(candidates);
  const found = new Set(pairs.map(({ a }) => a));
  const right = new Set(pairs.map(({ b }) => b));
  return {
    matched: pairs.map(({ a, b, iou: overlap }) => ({ truth: a, detection: b, iou: overlap })),
    missed: truths.filter((truth) => !found.has(truth)),
    extra: detections.filter((detection) => !right.has(detection)),
  };
}

interface Candidate extends PairCandidate<TruthElement, Detection> {
  readonly iou: number;
}

/** The elements that a detection may answer to, the best first. */
function candidatesOf(detection: Detection, truths: readonly TruthElement[], rule: MatchRule): readonly Candidate[] {
  const candidates: (Candidate & { readonly place: number })[] = [];
  for (const [place, truth] of truths.entries()) {
    if (rule.sameLabel && !agree(truth, detection)) continue;
    const overlap = iou(truth.bbox, detection.bbox);
    const fits = rule.criterion === "iou" ? overlap >= rule.minIou : isInside(clickPoint(detection), truth.bbox);
    if (fits) candidates.push({ a: truth, b: detection, iou: overlap, place });
  }
  return candidates.sort((one, other) => other.iou - one.iou || other.place - one.place);
}

function agree(truth: TruthElement, detection: Detection): boolean {
  return truth.label === undefined || labelKey(truth.label) === labelKey(detection.label);
}
