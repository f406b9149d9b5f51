import type { BBox } from "../../app/contract/index.ts";
import { boxArea } from "./canvas/hit-test.ts";

/** Intersection over union of two boxes: area in common through area of both together, 0..1; 0 for two empty boxes. */
export function iou(a: BBox, b: BBox): number {
  const common = boxArea([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  const together = boxArea(a) + boxArea(b) - common;
  return together > 0 ? common / together : 0;
}
