import { type BBox, boxArea, type Detection } from "../../../app/contract/index.ts";

/** Whether a point lies in a box or at most `reach` outside it; all in px of the source image. */
export function isNear([x1, y1, x2, y2]: BBox, x: number, y: number, reach: number): boolean {
  return x >= x1 - reach && x <= x2 + reach && y >= y1 - reach && y <= y2 + reach;
}

/**
 * Elements under a point, smallest first, so that a button on a card is met before the card.
 * @param x,y in px of the source image. @param reach px of the source image by which a box may be missed.
 */
export function elementsAt(
  detections: readonly Detection[],
  x: number,
  y: number,
  reach: number,
): readonly Detection[] {
  return detections
    .filter(({ bbox, point }) => {
      const atPoint = point !== undefined && Math.hypot(point[0] - x, point[1] - y) <= reach * 3;
      return atPoint || isNear(bbox, x, y, reach);
    })
    .sort((a, b) => boxArea(a.bbox) - boxArea(b.bbox));
}
