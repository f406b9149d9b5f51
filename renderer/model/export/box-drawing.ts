import type { Detection, Size } from "../../../app/contract/index.ts";
import { elementColor, labelText } from "../label-colors.ts";

/** A box and its tag, ready to be drawn. All lengths in px of the source image. */
export interface DrawnBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly color: string;
  readonly point?: readonly [number, number];
  readonly tag: { readonly x: number; readonly y: number; readonly width: number; readonly text: string };
}

export interface BoxDrawing {
  readonly strokeWidth: number;
  readonly fontSize: number;
  readonly tagHeight: number;
  readonly tagPadding: number;
  readonly boxes: readonly DrawnBox[];
}

export const exportFont = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/** Width of a text in px at a font size in px, where no canvas can measure it: 0.62 em covers common letters. */
export function estimateTextWidth(text: string, fontSize: number): number {
  return text.length * fontSize * 0.62;
}

type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/**
 * Where boxes and tags go in an exported picture: strokes and letters grow with the image, so that they can be read
 * in a 4K screenshot as well; a tag takes the first of eight places at its box where it covers no other tag.
 * @param measure px width of a text at a font size.
 */
export function layOutBoxes(
  detections: readonly Detection[],
  size: Size,
  measure: (text: string, fontSize: number) => number = estimateTextWidth,
): BoxDrawing {
  const reference = Math.max(size.width, size.height);
  const fontSize = Math.min(30, Math.max(11, Math.round(reference / 120)));
  // Whole px: fractions would be blurred.
  const strokeWidth = Math.min(6, Math.max(2, Math.round(reference / 1000)));
  const tagPadding = Math.round(fontSize * 0.3);
  const tagHeight = Math.round(fontSize * 1.35);
  const taken: Rect[] = [];
  const boxes = detections.map((detection, index): DrawnBox => {
    const [x1, y1, x2, y2] = detection.bbox;
    const text = `${index + 1} ${labelText(detection.label)}`;
    const width = Math.ceil(measure(text, fontSize)) + 2 * tagPadding;
    const places = tagPlaces(detection.bbox, { width, height: tagHeight })
      .map(({ x, y }) => inside({ x, y, width, height: tagHeight }, size))
      .map((rect) => ({ rect, covered: taken.reduce((sum, other) => sum + overlap(rect, other), 0) }));
    const best = places.reduce((a, b) => (b.covered < a.covered ? b : a)).rect;
    taken.push(best);
    return {
      x: x1,
      y: y1,
      width: Math.max(0, x2 - x1),
      height: Math.max(0, y2 - y1),
      color: elementColor(detection),
      ...(detection.point === undefined ? {} : { point: detection.point }),
      tag: { x: best.x, y: best.y, width, text },
    };
  });
  return { strokeWidth, fontSize, tagHeight, tagPadding, boxes };
}

/** Above, below, then at the sides, then inside. The first place wins if all are equally free. */
function tagPlaces([x1, y1, x2, y2]: Detection["bbox"], { width, height }: Size) {
  return [
    { x: x1, y: y1 - height },
    { x: x2 - width, y: y1 - height },
    { x: x1, y: y2 },
    { x: x2 - width, y: y2 },
    { x: x2, y: y1 },
    { x: x1 - width, y: y1 },
    { x: x1, y: y1 },
    { x: x2 - width, y: y2 - height },
  ];
}

function inside(rect: Rect, size: Size): Rect {
  return {
    ...rect,
    x: Math.max(0, Math.min(rect.x, size.width - rect.width)),
    y: Math.max(0, Math.min(rect.y, size.height - rect.height)),
  };
}

/** px² that two rectangles share. */
function overlap(a: Rect, b: Rect): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}
