import type { RgbImage } from "../image/decode.ts";

/** Red, green and blue, 0..255. */
export type Color = readonly [number, number, number];

/** "#rrggbb" as a colour. */
export function parseColor(hex: string): Color {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** Black or white, whichever reads better on this colour (luma after ITU-R BT.601). */
export function inkOn([red, green, blue]: Color): Color {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150 ? [0, 0, 0] : [255, 255, 255];
}

/** Fills [x1, x2) x [y1, y2) px of the image, cut to it. */
export function fillRect(image: RgbImage, x1: number, y1: number, x2: number, y2: number, color: Color): void {
  const left = Math.max(0, x1);
  const right = Math.min(image.width, x2);
  const bottom = Math.min(image.height, y2);
  for (let y = Math.max(0, y1); y < bottom; y++) {
    for (let x = left; x < right; x++) image.rgb.set(color, (y * image.width + x) * 3);
  }
}

/** A frame of this thickness whose outer edge is [x1, x2) x [y1, y2). */
export function strokeRect(
  image: RgbImage,
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  thickness: number,
  color: Color,
): void {
  const across = Math.min(thickness, x2 - x1);
  const down = Math.min(thickness, y2 - y1);
  fillRect(image, x1, y1, x2, y1 + down, color);
  fillRect(image, x1, y2 - down, x2, y2, color);
  fillRect(image, x1, y1, x1 + across, y2, color);
  fillRect(image, x2 - across, y1, x2, y2, color);
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

function blend(image: RgbImage, x: number, y: number, color: Color, opacity: number): void {
  const at = (y * image.width + x) * 3;
  for (const [channel, value] of color.entries()) {
    const under = image.rgb[at + channel] ?? 0;
    image.rgb[at + channel] = Math.round(under + (value - under) * opacity);
  }
}
