import { boxArea, type Detection } from "../../../app/contract/index.ts";

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
    .filter(({ bbox: [x1, y1, x2, y2], point }) => {
      if (point !== undefined && Math.hypot(point[0] - x, point[1] - y) <= reach * 3) return true;
      return x >= x1 - reach && x <= x2 + reach && y >= y1 - reach && y <= y2 + reach;
    })
    .sort((a, b) => boxArea(a.bbox) - boxArea(b.bbox));
}
