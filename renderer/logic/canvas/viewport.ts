import type { BBox, Size } from "../../../app/contract/index.ts";

/** Where the image lies in the view: screen px = image px * scale + offset. All in CSS px. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface ViewSize {
  readonly width: number;
  readonly height: number;
}

/** Largest magnification, in CSS px for one image px. */
export const maxScale = 32;
/** CSS px left free around a fitted image. */
const fitMargin = 16;
/** CSS px of the image that always stay in view. */
const keepVisible = 48;

/** Shows the whole image, centred; small images are not enlarged. */
export function fitViewport(image: Size, view: ViewSize): Viewport {
  const scale = Math.min(
    1,
    Math.max(0.01, (view.width - 2 * fitMargin) / image.width),
    Math.max(0.01, (view.height - 2 * fitMargin) / image.height),
  );
  return centred(image, view, scale);
}

/** The image at a scale, centred in the view. */
export function centred(image: Size, view: ViewSize, scale: number): Viewport {
  return { scale, x: (view.width - image.width * scale) / 2, y: (view.height - image.height * scale) / 2 };
}

/** Scales by a factor; the image px under (atX, atY) stays where it is. */
export function zoomAt(viewport: Viewport, factor: number, atX: number, atY: number, minScale: number): Viewport {
  const scale = Math.min(maxScale, Math.max(minScale, viewport.scale * factor));
  const ratio = scale / viewport.scale;
  return { scale, x: atX - (atX - viewport.x) * ratio, y: atY - (atY - viewport.y) * ratio };
}

/** Keeps a part of the image in view, so that it cannot be lost by panning. */
export function clampViewport(viewport: Viewport, image: Size, view: ViewSize): Viewport {
  const limit = (offset: number, length: number, room: number) =>
    Math.min(room - keepVisible, Math.max(keepVisible - length, offset));
  return {
    scale: viewport.scale,
    x: limit(viewport.x, image.width * viewport.scale, view.width),
    y: limit(viewport.y, image.height * viewport.scale, view.height),
  };
}

/** Moves a box into view if it is not, without changing the scale. */
export function revealBox(viewport: Viewport, [x1, y1, x2, y2]: BBox, view: ViewSize): Viewport {
  const left = x1 * viewport.scale + viewport.x;
  const right = x2 * viewport.scale + viewport.x;
  const top = y1 * viewport.scale + viewport.y;
  const bottom = y2 * viewport.scale + viewport.y;
  const inside = right > 0 && bottom > 0 && left < view.width && top < view.height;
  if (inside) return viewport;
  return {
    scale: viewport.scale,
    x: viewport.x + view.width / 2 - (left + right) / 2,
    y: viewport.y + view.height / 2 - (top + bottom) / 2,
  };
}

/** Screen position to image px. */
export function toImage(viewport: Viewport, x: number, y: number): readonly [number, number] {
  return [(x - viewport.x) / viewport.scale, (y - viewport.y) / viewport.scale];
}

/** The part of the image in view, in image px; may reach beyond the image. */
export function visiblePart({ x, y, scale }: Viewport, view: ViewSize): BBox {
  return [-x / scale, -y / scale, (view.width - x) / scale, (view.height - y) / scale];
}

/** Whether a part of the image lies outside the view. */
export function overflows(viewport: Viewport, image: Size, view: ViewSize): boolean {
  const [left, top, right, bottom] = visiblePart(viewport, view);
  const slack = 0.5;
  return left > slack || top > slack || right < image.width - slack || bottom < image.height - slack;
}

/** Puts the image's corner on a device px, so that at rest nothing is resampled by a fraction of one. */
export function snapped({ x, y, scale }: Viewport, devicePixelRatio: number): Viewport {
  const snap = (value: number) => Math.round(value * devicePixelRatio) / devicePixelRatio;
  return { x: snap(x), y: snap(y), scale };
}
