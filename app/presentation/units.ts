import type { BBox, Detection, ImageScale, Point, ScaleSource, Size } from "../contract/index.ts";

/**
 * What coordinates of an element can be given in: px of the image, or CSS px of the page (points of the screen), which
 * are what a browser's and most desktop tools' clicks count in.
 */
export type CoordinateUnit = "css" | "image";

export const unitNames: Readonly<Record<CoordinateUnit, string>> = { css: "CSS px", image: "image px" };

/** px of the image that one of the unit takes. */
export function unitSize(unit: CoordinateUnit, { value }: ImageScale): number {
  return unit === "css" ? value : 1;
}

export function boxInUnit([x1, y1, x2, y2]: BBox, size: number): BBox {
  return [x1 / size, y1 / size, x2 / size, y2 / size];
}

export function pointInUnit([x, y]: Point, size: number): Point {
  return [x / size, y / size];
}

/** Where to click an element, px of the image: the model's own point, else the centre of its box. */
export function clickPoint({ bbox: [x1, y1, x2, y2], point }: Pick<Detection, "bbox" | "point">): Point {
  return point ?? [(x1 + x2) / 2, (y1 + y2) / 2];
}

/** Whole px with the nearest edges, at least 1 px on each side and within the image: [x, y, width, height]. */
export function wholeBox([x1, y1, x2, y2]: BBox, { width, height }: Size): [number, number, number, number] {
  const [x, w] = wholeSpan(x1, x2, width);
  const [y, h] = wholeSpan(y1, y2, height);
  return [x, y, w, h];
}

function wholeSpan(from: number, to: number, size: number): [start: number, length: number] {
  const start = Math.max(0, Math.min(Math.round(from), size - 1));
  return [start, Math.max(1, Math.min(Math.round(to), size) - start)];
}

/** The px of the image that a point lies in. */
export function wholePoint([x, y]: Point, { width, height }: Size): [number, number] {
  const within = (value: number, size: number) => Math.max(0, Math.min(Math.floor(value), size - 1));
  return [within(x, width), within(y, height)];
}

/** "2x", "1.25x". */
export function scaleText(value: number): string {
  return `${Math.round(value * 100) / 100}x`;
}

/** Where a scale comes from, as the end of a sentence. */
export const scaleSourceTexts: Readonly<Record<ScaleSource, string>> = {
  user: "set by you",
  name: "from the file's name",
  density: "from the file's density",
  size: "from the size of the screen",
  assumed: "assumed: the file does not tell it",
};

/** px to hundredths: finer than any model answers, coarse enough to read. */
export function roundPx(px: number): number {
  return Math.round(px * 100) / 100;
}
