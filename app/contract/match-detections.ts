import { iou } from "./boxes.ts";
import type { Detection } from "./detection.ts";

/** Two boxes that overlap at least this much (IoU, 0..1) are taken for the same element. */
export const matchIou = 0.5;

export interface Match {
  readonly a: Detection;
  readonly b: Detection;
  readonly iou: number;
}

export interface Matching {
  readonly pairs: readonly Match[];
  readonly onlyA: readonly Detection[];
  readonly onlyB: readonly Detection[];
}

/** Two that may belong together. */
export interface PairCandidate<A, B> {
  readonly a: A;
  readonly b: B;
}

/** Takes candidates in their order; each side of a pair that was taken is no longer free. The order is the rule. */
export function pairInOrder<A, B, C extends PairCandidate<A, B>>(candidates: readonly C[]): readonly C[] {
  const takenA = new Set<A>();
  const takenB = new Set<B>();
  return candidates.filter(({ a, b }) => {
    if (takenA.has(a) || takenB.has(b)) return false;
    takenA.add(a);
    takenB.add(b);
    return true;
  });
}

interface Candidate extends Match {
  /** Candidates with higher ranks are paired first. */
  readonly rank: number;
}

/**
 * Pairs the elements of two runs, each at most once: the best overlap first, equal overlaps in the order of the lists
 * (same labels first). Neither run is the truth, so unlike when matching known elements, confidence does not matter and
 * the sides may be swapped. Click points have no area that could overlap, so each pairs with the nearest point at any
 * distance: both answer the same question.
 */
export function matchDetections(
  listA: readonly Detection[],
  listB: readonly Detection[],
  threshold = matchIou,
): Matching {
  const candidates = listA.flatMap((a) => listB.flatMap((b) => candidate(a, b, threshold)));
  candidates.sort((one, other) => other.rank - one.rank || sameLabel(other) - sameLabel(one));
  const pairs = pairInOrder<Detection, Detection, Candidate>(candidates).map(({ a, b, iou }) => ({ a, b, iou }));
  const pairedA = new Set(pairs.map(({ a }) => a));
  const pairedB = new Set(pairs.map(({ b }) => b));
  return {
    pairs,
    onlyA: listA.filter((each) => !pairedA.has(each)),
    onlyB: listB.filter((each) => !pairedB.has(each)),
  };
}

function candidate(a: Detection, b: Detection, threshold: number): Candidate[] {
  const overlap = iou(a.bbox, b.bbox);
  if (a.point !== undefined && b.point !== undefined) {
    const distance = Math.hypot(a.point[0] - b.point[0], a.point[1] - b.point[1]);
    return [{ a, b, iou: overlap, rank: -distance }];
  }
  return overlap >= threshold ? [{ a, b, iou: overlap, rank: overlap }] : [];
}

function sameLabel({ a, b }: Match): number {
  return a.label === b.label ? 1 : 0;
}
