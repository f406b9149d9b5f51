import type { BBox } from "../../contract/index.ts";
import type { RgbImage } from "../image/decode.ts";

/** Red, green and blue, 0..255. */
export type Color = readonly [number, number, number];

/** "#rrggbb" as a colour. */
export function parseColor(hex: string): Color {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Fills [x1, x2) x [y1, y2) px of the image, cut to it. */
export function fillRect(image: RgbImage, [x1, y1, x2, y2]: BBox, color: Color, opacity = 1): void {
  const left = Math.max(0, x1);
  const right = Math.min(image.width, x2);
  const bottom = Math.min(image.height, y2);
  for (let y = Math.max(0, y1); y < bottom; y++) {
    for (let x = left; x < right; x++) blend(image, x, y, color, opacity);
  }
}

/** A frame of this thickness whose outer edge is [x1, x2) x [y1, y2). */
export function strokeRect(
  image: RgbImage,
  [x1, y1, x2, y2]: BBox,
  thickness: number,
  color: Color,
  opacity = 1,
): void {
  // Of a small box the lines meet: each px is painted once.
  const top = Math.min(y1 + thickness, y2);
  const bottom = Math.max(y2 - thickness, top);
  const left = Math.min(x1 + thickness, x2);
  fillRect(image, [x1, y1, x2, top], color, opacity);
  fillRect(image, [x1, bottom, x2, y2], color, opacity);
  fillRect(image, [x1, top, left, bottom], color, opacity);
  fillRect(image, [Math.max(x2 - thickness, left), top, x2, bottom], color, opacity);
}

/** A disc whose edge is blended over one pixel. */
export function fillDisc(image: RgbImage, centreX: number, centreY: number, radius: number, color: Color): void {
  for (let y = Math.max(0, Math.floor(centreY - radius - 1)); y < Math.min(image.height, centreY + radius + 1); y++) {
    for (let x = Math.max(0, Math.floor(centreX - radius - 1)); x < Math.min(image.width, centreX + radius + 1); x++) {
      const distance = Math.hypot(x + 0.5 - centreX, y + 0.5 - centreY);
      blend(image, x, y, color, Math.min(1, Math.max(0, radius + 0.5 - distance)));
    }
  }
}

/** How much of each px of an area is covered by rectangles that need not end at whole px and do not overlap. */
export class Coverage {
  readonly #area: BBox;
  readonly #width: number;
  readonly #shares: Float32Array;

  /** @param area whole px. */
  constructor(area: BBox) {
    const [x1, y1, x2, y2] = area;
    this.#area = area;
    this.#width = x2 - x1;
    this.#shares = new Float32Array(this.#width * (y2 - y1));
  }

  /** What lies outside the area does not count. */
  add([x1, y1, x2, y2]: BBox): void {
    const [left, top, right, bottom] = this.#area;
    for (let y = Math.max(top, Math.floor(y1)); y < Math.min(bottom, y2); y++) {
      for (let x = Math.max(left, Math.floor(x1)); x < Math.min(right, x2); x++) {
        const share = (Math.min(x2, x + 1) - Math.max(x1, x)) * (Math.min(y2, y + 1) - Math.max(y1, y));
        const at = (y - top) * this.#width + x - left;
        this.#shares[at] = (this.#shares[at] ?? 0) + share;
      }
    }
  }

  paint(image: RgbImage, color: Color): void {
    const [left, top] = this.#area;
    for (const [at, share] of this.#shares.entries()) {
      if (share > 0) blend(image, left + (at % this.#width), top + Math.floor(at / this.#width), color, share);
    }
  }
}

function blend({ rgb, width }: RgbImage, x: number, y: number, color: Color, opacity: number): void {
  const at = (y * width + x) * 3;
  if (opacity === 1) {
    rgb.set(color, at);
    return;
  }
  for (const [channel, value] of color.entries()) {
    const under = rgb[at + channel] ?? 0;
    rgb[at + channel] = Math.round(under + (value - under) * opacity);
  }
}
