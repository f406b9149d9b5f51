import type { BBox, EvaluationDataset, Point, Size, TruthElement } from "../../contract/index.ts";
import { isInside } from "../match.ts";

/** What is right; px of an image of the item's `size`, or of the image itself where the file names no size. */
export type ClickTarget =
  | { readonly kind: "box"; readonly box: BBox }
  /** Corners in their order; the last is joined with the first. */
  | { readonly kind: "polygon"; readonly corners: readonly Point[] }
  /** The element is not there: a model is right to find nothing. */
  | { readonly kind: "nothing" };

/** One question of a benchmark. */
export interface ClickItem {
  /** Its place in the file, from 0. */
  readonly index: number;
  /** The image file as the annotation names it, folders included. */
  readonly image: string;
  readonly instruction: string;
  readonly target: ClickTarget;
  /** px of the image that the annotation was made for, where it says so. */
  readonly size?: Size | undefined;
  /** Which columns of the report the item counts in, beside those of all items. */
  readonly groups: readonly string[];
}

/** An image of which every element is known; see `truthFileSchema`. */
export interface DetectionItem {
  readonly index: number;
  readonly image: string;
  readonly size?: Size | undefined;
  readonly elements: readonly TruthElement[];
}

/** What one annotation file asks. */
export interface EvaluationFile {
  readonly dataset: EvaluationDataset;
  readonly split?: string | undefined;
  /** The file's path below the evaluated folder. */
  readonly file: string;
  readonly clicks: readonly ClickItem[];
  readonly detections: readonly DetectionItem[];
}

/** Factors that bring px of an annotation to px of its image. Sides of another proportion are another picture: undefined. */
export function scaleTo(size: Size | undefined, image: Size): Point | undefined {
  if (size === undefined) return [1, 1];
  const [x, y] = [image.width / size.width, image.height / size.height];
  return Math.abs(x / y - 1) > 0.01 ? undefined : [x, y];
}

/**
 * Whether an answer is right, as the benchmarks' own scripts decide it: a box has its edges, a polygon is crossed an odd
 * number of times by a ray from the point (OSWorld-G, evaluation/eval.py), and nothing is right where nothing is to be
 * found.
 * @param point px of the image; undefined if the model found nothing
 * @param scale of `scaleTo`
 */
export function isRight(target: ClickTarget, point: Point | undefined, [scaleX, scaleY]: Point): boolean {
  if (point === undefined || target.kind === "nothing") return point === undefined && target.kind === "nothing";
  const own: Point = [point[0] / scaleX, point[1] / scaleY];
  return target.kind === "box" ? isInside(own, target.box) : isInPolygon(own, target.corners);
}

function isInPolygon([x, y]: Point, corners: readonly Point[]): boolean {
  let inside = false;
  let [lastX, lastY] = corners.at(-1) ?? [0, 0];
  for (const [cornerX, cornerY] of corners) {
    const crosses = cornerY > y !== lastY > y;
    if (crosses && x < ((lastX - cornerX) * (y - cornerY)) / (lastY - cornerY) + cornerX) inside = !inside;
    [lastX, lastY] = [cornerX, cornerY];
  }
  return inside;
}
