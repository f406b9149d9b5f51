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

interface Candidate extends Match {
  /** The larger, the sooner paired. */
  readonly rank: number;
}

/**
 * Pairs the elements of two runs, each at most once: the best overlap first, equal overlaps in the order of the lists
 * (same labels first). Neither run is the truth, so unlike in the match with known elements no confidence decides and
 * the sides may change places. Click points have no extent that could overlap, so they pair with the nearest point,
 * however far: they answer the same question.
 */
export function matchDetections(
  listA: readonly Detection[],
  listB: readonly Detection[],
  threshold = matchIou,
): Matching {
  const candidates = listA.flatMap((a) => listB.flatMap((b) => candidate(a, b, threshold)));
  candidates.sort((one, other) => other.rank - one.rank || sameLabel(other) - sameLabel(one));
  const takenA = new Set<Detection>();
  const takenB = new Set<Detection>();
  const pairs: Match[] = [];
  for (const { a, b, iou: overlap } of candidates) {
    if (takenA.has(a) || takenB.has(b)) continue;
    takenA.add(a);
    takenB.add(b);
    pairs.push({ a, b, iou: overlap });
  }
  return {
    pairs,
    onlyA: listA.filter((each) => !takenA.has(each)),
    onlyB: listB.filter((each) => !takenB.has(each)),
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
