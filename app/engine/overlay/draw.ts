import sharp from "sharp";
import type { OverlayBox } from "../../contract/index.ts";
import { decodeImage, openImage, type RgbImage } from "../image/decode.ts";
import { type Color, fillDisc, fillRect, inkOn, parseColor, strokeRect } from "./canvas.ts";
import { forEachGlyphPixel, glyphSize } from "./font.ts";

/** Longer tags are cut: a label may be a sentence. */
const maxTagCharacters = 32;

/**
 * The image at its full source resolution with boxes, click points and tags drawn over it, as PNG bytes.
 * Drawn straight into the pixels: no fonts of the system and no SVG text are involved, and edges are exact to the px.
 * Line widths grow with the image. Errors: those of {@link openImage} and {@link decodeImage}.
 */
export async function drawOverlay(imagePath: string, boxes: readonly OverlayBox[]): Promise<Uint8Array> {
  const image = await decodeImage(await openImage(imagePath));
  // Frames first, so that no frame crosses a tag.
  for (const box of boxes) drawFrame(image, box, lineWidth(image));
  for (const box of boxes) drawTag(image, box, fontScale(image));
  return sharp(image.rgb, { raw: { width: image.width, height: image.height, channels: 3 } })
    .png()
    .toBuffer();
}

/** px of a line: 1 for small images, 2 at 1080p, 4 at 4K. */
function lineWidth(image: RgbImage): number {
  return Math.max(1, Math.round(Math.max(image.width, image.height) / 960));
}

/** px of one px of the font: 1 for images up to 1800 px, 2 at 1080p, 3 at 4K. */
function fontScale(image: RgbImage): number {
  return Math.max(1, Math.round(Math.max(image.width, image.height) / 1250));
}

function drawFrame(image: RgbImage, box: OverlayBox, line: number): void {
  const color = parseColor(box.color);
  const [x1, y1, x2, y2] = box.bbox;
  strokeRect(image, [Math.round(x1), Math.round(y1), Math.round(x2), Math.round(y2)], line, color);
  if (box.point === undefined) return;
  fillDisc(image, box.point[0], box.point[1], line * 4, inkOn(color));
  fillDisc(image, box.point[0], box.point[1], line * 3, color);
}

/** The tag stands on the box's upper left corner; where there is no room above, it hangs inside. */
function drawTag(image: RgbImage, box: OverlayBox, unit: number): void {
  const characters = [...box.tag].slice(0, maxTagCharacters);
  if (characters.length === 0) return;
  const color = parseColor(box.color);
  const width = (characters.length * glyphSize.advance + 1) * unit;
  const height = (glyphSize.height + 2) * unit;
  const left = Math.max(0, Math.min(Math.round(box.bbox[0]), image.width - width));
  const above = Math.round(box.bbox[1]) - height;
  const top = above >= 0 ? above : Math.max(0, Math.round(box.bbox[1]));
  fillRect(image, left, top, left + width, top + height, color);
  writeText(image, characters, left + unit, top + unit, unit, inkOn(color));
}

function writeText(
  image: RgbImage,
  characters: readonly string[],
  left: number,
  top: number,
  unit: number,
  ink: Color,
): void {
  for (const [index, character] of characters.entries()) {
    const x0 = left + index * glyphSize.advance * unit;
    forEachGlyphPixel(character, (x, y) => {
      fillRect(image, x0 + x * unit, top + y * unit, x0 + (x + 1) * unit, top + (y + 1) * unit, ink);
    });
  }
}
