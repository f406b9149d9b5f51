import type { BoxNumbers } from "./document.ts";
import { looseNumbers } from "./loose.ts";

/** The smallest box [x1, y1, x2, y2] around points, given as x, y, x, y, ...; undefined without a point. */
export function boxAround(coordinates: readonly number[]): BoxNumbers | undefined {
  let [x1, y1, x2, y2] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1 / 0, -1 / 0];
  for (let index = 0; index + 1 < coordinates.length; index += 2) {
    const [x, y] = [coordinates[index] ?? 0, coordinates[index + 1] ?? 0];
    x1 = Math.min(x1, x);
    y1 = Math.min(y1, y);
    x2 = Math.max(x2, x);
    y2 = Math.max(y2, y);
  }
  return x2 >= x1 ? [x1, y1, x2, y2] : undefined;
}

/** The box around points given as [[x, y], ...] or as [{x, y}, ...]. */
export function boxAroundPoints(points: unknown): BoxNumbers | undefined {
  if (!Array.isArray(points)) return undefined;
  const flat: number[] = [];
  for (const point of points) {
    const pair = looseNumbers(
      Array.isArray(point) ? point : [Reflect.get(Object(point), "x"), Reflect.get(Object(point), "y")],
      2,
    );
    if (pair === undefined) return undefined;
    flat.push(pair[0] ?? 0, pair[1] ?? 0);
  }
  return boxAround(flat);
}

/** Width and height as the two other corners. */
export function corners(x: number, y: number, width: number, height: number): BoxNumbers {
  return [x, y, x + width, y + height];
}

/**
 * The box around a rectangle that is turned around its upper left corner, as Label Studio turns it.
 * @param degrees clockwise.
 */
export function turnedBox([x1, y1, x2, y2]: BoxNumbers, degrees: number, aspect = 1): BoxNumbers {
  if (degrees === 0) return [x1, y1, x2, y2];
  // Percents of width and height are no squares: turned in units of the width.
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [width, height] = [x2 - x1, (y2 - y1) * aspect];
  const xs = [0, width * cos, -height * sin, width * cos - height * sin];
  const ys = [0, width * sin, height * cos, width * sin + height * cos].map((y) => y / aspect);
  return [x1 + Math.min(...xs), y1 + Math.min(...ys), x1 + Math.max(...xs), y1 + Math.max(...ys)];
}

/** The box around what COCO has as `segmentation`: polygons, or a mask in run lengths. [x1, y1, x2, y2] in px. */
export function boxOfSegmentation(segmentation: unknown): BoxNumbers | undefined {
  if (Array.isArray(segmentation)) {
    const flat = looseNumbers(segmentation, 4);
    if (flat !== undefined) return boxAround(flat);
    const parts = segmentation.map((part) => looseNumbers(part, 4)).filter((part) => part !== undefined);
    return boxAround(parts.flat());
  }
  if (typeof segmentation !== "object" || segmentation === null) return undefined;
  const [height = 0, width = 0] = looseNumbers(Reflect.get(segmentation, "size"), 2) ?? [];
  const counts: unknown = Reflect.get(segmentation, "counts");
  const runs = typeof counts === "string" ? decodedRuns(counts) : looseNumbers(counts);
  return runs === undefined ? undefined : boxOfRuns(runs, width, height);
}

/**
 * The box around a mask given as run lengths of 0 and 1 in turn, column by column (pycocotools, maskApi.c). Linear in
 * the runs: the mask itself is never made. undefined for runs that do not fill the image exactly, or without any 1.
 */
function boxOfRuns(runs: readonly number[], width: number, height: number): BoxNumbers | undefined {
  let at = 0;
  let [x1, y1, x2, y2] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1 / 0, -1 / 0];
  for (const [index, length] of runs.entries()) {
    if (!Number.isInteger(length) || length < 0) return undefined;
    const end = at + length;
    if (index % 2 === 1 && length > 0) {
      const [first, last] = [Math.floor(at / height), Math.floor((end - 1) / height)];
      x1 = Math.min(x1, first);
      x2 = Math.max(x2, last + 1);
      y1 = first === last ? Math.min(y1, at % height) : 0;
      y2 = first === last ? Math.max(y2, ((end - 1) % height) + 1) : height;
    }
    at = end;
  }
  return at === width * height && x2 > x1 ? [x1, y1, x2, y2] : undefined;
}

/**
 * Run lengths out of their compressed text (pycocotools, maskApi.c, rleFrString): 5 bits in each character from "0",
 * the sixth says that more follow, and from the fourth on each is the difference to the one two before.
 */
function decodedRuns(text: string): readonly number[] | undefined {
  const runs: number[] = [];
  let [value, shift] = [0, 0];
  for (let index = 0; index < text.length; index += 1) {
    const bits = text.charCodeAt(index) - 48;
    if (bits < 0 || bits > 63 || shift > 30) return undefined;
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    if ((bits & 16) !== 0) value -= 2 ** shift;
    runs.push(runs.length > 2 ? value + (runs.at(-2) ?? 0) : value);
    [value, shift] = [0, 0];
  }
  return shift === 0 ? runs : undefined;
}
