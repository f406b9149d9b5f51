import type { BBox } from "../../../app/contract/index.ts";

/** All boxes in one path: a thousand of them are one element to the browser. */
export function outline(boxes: readonly BBox[]): string {
  return boxes.map(([x1, y1, x2, y2]) => `M${x1} ${y1}H${x2}V${y2}H${x1}Z`).join("");
}
