import { type BBox, boxArea, type Detection, type Match, matchDetections } from "../../../app/contract/index.ts";
import { labelText } from "../../../app/presentation/labels.ts";
import { formatPx } from "../../../app/presentation/numbers.ts";
import { clickPoint } from "../../../app/presentation/units.ts";
import { isNear } from "../canvas/hit-test.ts";

/** Kinds of the difference list in the order it shows them. Each element is of exactly one kind. */
export const differenceKinds = ["label", "moved", "only-a", "only-b", "matched"] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export const differenceTexts: Readonly<Record<DifferenceKind, string>> = {
  label: "Label changed",
  moved: "Moved",
  "only-a": "Only in A",
  "only-b": "Only in B",
  matched: "Matched",
};

/** An element of A, of B, or of both. */
export interface Difference {
  readonly id: string;
  readonly kind: DifferenceKind;
  readonly a?: Detection;
  readonly b?: Detection;
  /** Only of pairs: overlap 0..1. */
  readonly iou?: number;
  /** Only of pairs: px between the centres, and px by which B is wider and higher than A. */
  readonly movedPx?: number;
  readonly grownPx?: readonly [number, number];
}

/** Edges may differ by this many px before a pair counts as moved: rounding is no difference. */
export const samePlacePx = 1;

/**
 * What differs between two answers for one image. A pair with another label is "label" wherever it lies; a pair with
 * any edge (or click point) more than `samePlacePx` away is "moved", also if only its size changed.
 */
export function differencesOf(a: readonly Detection[], b: readonly Detection[]): readonly Difference[] {
  const { pairs, onlyA, onlyB } = matchDetections(a, b);
  const found = [
    ...pairs.map(pairDifference),
    ...onlyA.map((each): Difference => ({ id: `a-${each.id}`, kind: "only-a", a: each })),
    ...onlyB.map((each): Difference => ({ id: `b-${each.id}`, kind: "only-b", b: each })),
  ];
  return found.sort((one, other) => rank(one) - rank(other) || readingOrder(boxOf(one), boxOf(other)));
}

/** How many differences there are of each kind. */
export function countKinds(differences: readonly Difference[]): Readonly<Record<DifferenceKind, number>> {
  const counts = { label: 0, moved: 0, "only-a": 0, "only-b": 0, matched: 0 };
  for (const { kind } of differences) counts[kind] += 1;
  return counts;
}

/** The box, or the box around both boxes of a pair: px of the image. */
export function boxOf({ a, b }: Difference): BBox {
  const boxes = [a, b].flatMap((each) => (each === undefined ? [] : [each.bbox]));
  const side = (index: 0 | 1 | 2 | 3) => boxes.map((box) => box[index]);
  return [Math.min(...side(0)), Math.min(...side(1)), Math.max(...side(2)), Math.max(...side(3))];
}

function pairDifference({ a, b, iou }: Match): Difference {
  const [ax, ay] = clickPoint(a);
  const [bx, by] = clickPoint(b);
  const moved = Math.hypot(bx - ax, by - ay);
  const edge = Math.max(...a.bbox.map((value, side) => Math.abs(value - (b.bbox[side] ?? value))));
  const elsewhere = moved > samePlacePx || edge > samePlacePx;
  return {
    id: `${a.id}-${b.id}`,
    kind: a.label !== b.label ? "label" : elsewhere ? "moved" : "matched",
    a,
    b,
    iou,
    movedPx: moved,
    grownPx: [width(b.bbox) - width(a.bbox), height(b.bbox) - height(a.bbox)],
  };
}

const width = ([x1, , x2]: BBox) => x2 - x1;
const height = ([, y1, , y2]: BBox) => y2 - y1;
const rank = ({ kind }: Difference) => differenceKinds.indexOf(kind);

/** Top to bottom, then left to right, by the upper left corner. */
function readingOrder(one: BBox, other: BBox): number {
  return one[1] - other[1] || one[0] - other[0];
}

/** Differences under a point, smallest box first. x, y and reach in px of the image. */
export function differencesAt(
  differences: readonly Difference[],
  x: number,
  y: number,
  reach: number,
): readonly Difference[] {
  return differences
    .filter((difference) => isNear(boxOf(difference), x, y, reach))
    .sort((one, other) => boxArea(boxOf(one)) - boxArea(boxOf(other)));
}

/** The element's label; both where they differ: "button → link". */
export function differenceLabel({ a, b }: Difference): string {
  const labels = [a, b].flatMap((each) => (each === undefined ? [] : [labelText(each.label)]));
  return [...new Set(labels)].join(" → ");
}

/** How far B lies from A and by how much it is larger: "moved 12.4 px, 4 px wider". Empty where nothing moved. */
export function movementText({ movedPx, grownPx }: Difference): string {
  if (movedPx === undefined || grownPx === undefined) return "";
  const [wider, higher] = grownPx;
  const parts = [
    movedPx >= 0.05 ? `moved ${formatPx(movedPx)} px` : "",
    sizeText(wider, "wider", "narrower"),
    sizeText(higher, "higher", "lower"),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function sizeText(px: number, more: string, less: string): string {
  if (Math.abs(px) < 0.05) return "";
  return `${formatPx(Math.abs(px))} px ${px > 0 ? more : less}`;
}
