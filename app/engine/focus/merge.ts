import { type BBox, type Detection, defined, iou, matchIou, type Point } from "../../contract/index.ts";
import { tileSize } from "./tiles.ts";

/** An element found in a crop, in px of the source image; `region` is the crop's place there. */
export function fromCrop(detection: Detection, [left, top]: BBox): Detection {
  const [x1, y1, x2, y2] = detection.bbox;
  const { point } = detection;
  return {
    ...detection,
    bbox: [x1 + left, y1 + top, x2 + left, y2 + top],
    ...defined({ point: point === undefined ? undefined : ([point[0] + left, point[1] + top] satisfies Point) }),
  };
}

/** Whether one of the elements is the one in this box. */
export function isKnown(box: BBox, elements: readonly Detection[]): boolean {
  return elements.some(({ bbox }) => iou(bbox, box) >= matchIou);
}

/** Reading order (rows of one tile's height by the boxes' centres, then from left to right) and new ids "e1", "e2", ... */
export function inReadingOrder(elements: readonly Detection[]): Detection[] {
  const placed = elements.map((element) => {
    const [x1, y1, x2, y2] = element.bbox;
    return { element, row: Math.floor((y1 + y2) / 2 / tileSize), x: (x1 + x2) / 2 };
  });
  placed.sort((a, b) => a.row - b.row || a.x - b.x);
  return placed.map(({ element }, index) => ({ ...element, id: `e${index + 1}` }));
}
