import type { BBox } from "./detection.ts";

/** px² of the source image. */
export function boxArea([x1, y1, x2, y2]: Readonly<BBox>): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

/** The common part of two boxes; without area if they do not overlap. */
export function intersection(a: Readonly<BBox>, b: Readonly<BBox>): BBox {
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
}

/**
 * Intersection over union of two boxes: their common area divided by the area of both together, 0..1; 0 for empty
 * boxes.
 */
export function iou(a: BBox, b: BBox): number {
  const common = boxArea(intersection(a, b));
  const together = boxArea(a) + boxArea(b) - common;
  return together > 0 ? common / together : 0;
}
