import { type BBox, boxArea, type Size } from "../../contract/index.ts";

/** Unchanged surroundings shown to the model on each side of what changed, px. */
const margin = 64;
/** Unchanged surroundings of an earlier element that has to lie inside the region, px. */
const elementMargin = 16;
/** Minimum side of the region, px, unless the image is smaller: a detector needs surroundings to recognise controls. */
const leastSide = 320;
/**
 * If the region is a larger share of the image, the whole image is detected. Measured with the bundled detector over 23
 * drawn steps: crops of a quarter of the image (a dialog that opens or closes) agreed with the full pass to an F1 of only
 * 0.81 to 0.92, and their mistakes stayed in the steps that followed. Smaller ones agreed to about 0.95 at 1280 x 736 px,
 * and to 0.82 or more at 1920 x 1104 px, earlier mistakes included. The value was chosen on the same sequences
 * (test/bench/focus.ts) that it was measured on.
 */
export const largestShare = 0.2;

/**
 * The region to detect anew: around all changed tiles with a margin, at least `leastSide` each way, grown so that each
 * of `whole` (earlier elements that the change touches) lies inside it, with sides that are multiples of `step` px where
 * the image allows, so that the model's input needs no scaling. Undefined if it is more than `largestShare` of the image.
 */
export function focusRegion(change: BBox, whole: readonly BBox[], size: Size, step: number): BBox | undefined {
  const around = whole.map((box) => padded(box, elementMargin)).reduce(union, padded(change, margin));
  const [x1, x2] = side(around[0], around[2], size.width, step);
  const [y1, y2] = side(around[1], around[3], size.height, step);
  const region: BBox = [x1, y1, x2, y2];
  return boxArea(region) > largestShare * size.width * size.height ? undefined : region;
}

/** One axis: at least as long as asked, a multiple of `step`, and inside the image, px. */
function side(from: number, to: number, length: number, step: number): readonly [number, number] {
  const [low, high] = [Math.max(0, Math.floor(from)), Math.min(length, Math.ceil(to))];
  const wanted = Math.ceil(Math.max(high - low, leastSide) / step) * step;
  if (wanted >= length) return [0, length];
  const start = Math.min(Math.max(0, Math.round((low + high - wanted) / 2)), length - wanted);
  return [start, start + wanted];
}

function padded([x1, y1, x2, y2]: BBox, by: number): BBox {
  return [x1 - by, y1 - by, x2 + by, y2 + by];
}

function union(a: BBox, b: BBox): BBox {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/** Whether the change lies well inside the earlier element, so that the element's own edges cannot have moved. */
export function isContainer(element: BBox, change: BBox): boolean {
  const [x1, y1, x2, y2] = padded(element, -margin);
  return x1 <= change[0] && y1 <= change[1] && x2 >= change[2] && y2 >= change[3];
}
