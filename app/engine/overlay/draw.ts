import sharp from "sharp";
import type { BBox, Size } from "../../contract/index.ts";
import { layOutOverlay, type OverlayBox, type OverlayTag, plainGround, tagFont } from "../../presentation/overlay.ts";
import { decodeImage, openImage, type RgbImage } from "../image/decode.ts";
import { type Color, Coverage, fillDisc, fillRect, parseColor, strokeRect } from "./canvas.ts";
import { forEachGlyphPixel } from "./font.ts";

const white: Color = [255, 255, 255];
const haloOpacity = 0.75;

/**
 * The one painter of boxes: a picture at its full source resolution with boxes, click points and tags drawn over it, as
 * PNG bytes. It draws into the pixels, without fonts of the system, so that every machine draws the same.
 * @param ground path of an image, or the size in px of a plain ground. Errors: those of {@link openImage} and
 * {@link decodeImage}.
 */
export async function drawOverlay(ground: string | Size, boxes: readonly OverlayBox[]): Promise<Uint8Array> {
  const image = typeof ground === "string" ? await decodeImage(await openImage(ground)) : await plainImage(ground);
  const { line, unit, tags } = layOutOverlay(boxes, image);
  // A light edge tells frames from any background; no edge lies upon a frame, and no frame upon a tag.
  for (const box of boxes) drawHalo(image, box, line);
  for (const box of boxes) drawFrame(image, box, line);
  for (const tag of tags) drawTag(image, tag, unit);
  return sharp(image.rgb, { raw: { width: image.width, height: image.height, channels: 3 } })
    .png()
    .toBuffer();
}

async function plainImage({ width, height }: Size): Promise<RgbImage> {
  const ground = sharp({ create: { width, height, channels: 3, background: plainGround } });
  return { width, height, rgb: await ground.raw().toBuffer() };
}

function drawHalo(image: RgbImage, { bbox, point }: OverlayBox, line: number): void {
  const edge = Math.ceil(line / 2);
  const [x1, y1, x2, y2] = rounded(bbox);
  strokeRect(image, [x1 - edge, y1 - edge, x2 + edge, y2 + edge], edge, white, haloOpacity);
  if (point !== undefined) fillDisc(image, point[0], point[1], line * 4, white);
}

function drawFrame(image: RgbImage, { bbox, point, color }: OverlayBox, line: number): void {
  strokeRect(image, rounded(bbox), line, parseColor(color));
  if (point !== undefined) fillDisc(image, point[0], point[1], line * 3, parseColor(color));
}

function rounded([x1, y1, x2, y2]: BBox): BBox {
  return [Math.round(x1), Math.round(y1), Math.round(x2), Math.round(y2)];
}

function drawTag(image: RgbImage, { area, text, textAt, color, ink }: OverlayTag, unit: number): void {
  fillRect(image, area, parseColor(color));
  const letters = new Coverage(area);
  for (const [index, character] of [...text].entries()) {
    const left = textAt[0] + index * tagFont.advance * unit;
    forEachGlyphPixel(character, (column, row) => {
      const [x, y] = [left + column * unit, textAt[1] + row * unit];
      letters.add([x, y, x + unit, y + unit]);
    });
  }
  letters.paint(image, parseColor(ink));
}
