import type { z } from "zod";
import type { BBox, coordinateSpaceSchema, Point, Size } from "../contract/index.ts";

/** What a model family allows as its input image. */
export interface SizingRule {
  /** Both sides are multiples of it: patch size x merge size, px. */
  readonly factor: number;
  /** Minimum and maximum of image tokens; one token stands for factor x factor px. */
  readonly minTokens: number;
  readonly maxTokens: number;
}

/**
 * How a model writes coordinates.
 *
 * - "normalised-1000": 0..1000 over the full width and the full height, whatever the image's size (Qwen3-VL, Holo2). The
 *   bundled detector writes 0..999 on the same scale: over 390 boxes of known place its numbers fit 1000 x position (error
 *   0.05 over the whole width; a scale of 999 would show as 1).
 * - "model-pixels": px of the resized image that the vision encoder was given (Qwen2.5-VL, Holo1.5).
 */
export type CoordinateSpace = z.infer<typeof coordinateSpaceSchema>;

/**
 * The exact size to which an image is resized, so that libmtmd takes it as it is: both sides multiples of the factor,
 * their product within the token limits, the aspect ratio kept as well as that allows.
 * Source of the rule: `smart_resize` in Qwen's image processors. Qwen refuses aspect ratios beyond 200; here every
 * ratio gets a valid size, by shortening the long side once the short side has reached its minimum.
 */
export function smartResize(source: Size, rule: SizingRule): Size {
  const { factor, minTokens, maxTokens } = rule;
  const columns = Math.max(1, Math.round(source.width / factor));
  const rows = Math.max(1, Math.round(source.height / factor));
  if (columns * rows > maxTokens) {
    const scale = Math.sqrt(maxTokens / (source.width * source.height));
    return fit(Math.floor(source.width * scale), Math.floor(source.height * scale), factor, maxTokens);
  }
  if (columns * rows < minTokens) {
    const scale = Math.sqrt(minTokens / (source.width * source.height));
    return fit(Math.ceil(source.width * scale), Math.ceil(source.height * scale), factor, maxTokens);
  }
  return { width: columns * factor, height: rows * factor };
}

/** px of the model's input for an image of this size; the user's limit of tokens counts within what the model allows. */
export function inputSize(image: Size, rule: SizingRule, maxImageTokens: number): Size {
  const maxTokens = Math.max(rule.minTokens, Math.min(rule.maxTokens, maxImageTokens));
  return smartResize(image, { ...rule, maxTokens });
}

/** At least one token each way and no more than `maxTokens` in all; where that needs it, the longer side is cut. */
function fit(columns: number, rows: number, factor: number, maxTokens: number): Size {
  let width = Math.max(1, columns);
  let height = Math.max(1, rows);
  if (width * height > maxTokens) {
    if (width > height) width = Math.max(1, Math.floor(maxTokens / height));
    else height = Math.max(1, Math.floor(maxTokens / width));
  }
  return { width: width * factor, height: height * factor };
}

/** Number of image tokens of an input of this size. */
export function imageTokens(input: Size, factor: number): number {
  return (input.width / factor) * (input.height / factor);
}

/** How many of the model's units span the width and the height of the image. */
function span(space: CoordinateSpace, input: Size): Size {
  return space === "normalised-1000" ? { width: 1000, height: 1000 } : input;
}

/** Maps a point from the model's space to source px, exactly (no rounding, no clamping). */
export function pointToSource(point: Point, space: CoordinateSpace, input: Size, source: Size): Point {
  const units = span(space, input);
  return [(point[0] * source.width) / units.width, (point[1] * source.height) / units.height];
}

/** Maps a box from the model's space to source px, exactly. */
export function boxToSource(box: BBox, space: CoordinateSpace, input: Size, source: Size): BBox {
  const [x1, y1] = pointToSource([box[0], box[1]], space, input, source);
  const [x2, y2] = pointToSource([box[2], box[3]], space, input, source);
  return [x1, y1, x2, y2];
}

export function clampPoint(point: Point, size: Size): Point {
  return [clamp(point[0], 0, size.width), clamp(point[1], 0, size.height)];
}

/**
 * Puts inverted corners in order and cuts the box to the image. Returns undefined if no area is left (a degenerate box,
 * one wholly outside the image, or one that is not made of finite numbers).
 */
export function tidyBox(box: BBox, size: Size): BBox | undefined {
  if (!box.every(Number.isFinite)) return undefined;
  const x1 = clamp(Math.min(box[0], box[2]), 0, size.width);
  const y1 = clamp(Math.min(box[1], box[3]), 0, size.height);
  const x2 = clamp(Math.max(box[0], box[2]), 0, size.width);
  const y2 = clamp(Math.max(box[1], box[3]), 0, size.height);
  return x2 > x1 && y2 > y1 ? [x1, y1, x2, y2] : undefined;
}

/**
 * The small square shown around a click point: its side is 1/40 of the image's longer side, at least 16 px (about the
 * size of a small control), cut to the image.
 */
export function boxAroundPoint(point: Point, size: Size): BBox {
  const half = Math.max(16, Math.max(size.width, size.height) / 40) / 2;
  return [
    clamp(point[0] - half, 0, size.width),
    clamp(point[1] - half, 0, size.height),
    clamp(point[0] + half, 0, size.width),
    clamp(point[1] + half, 0, size.height),
  ];
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
