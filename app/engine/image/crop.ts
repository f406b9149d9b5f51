import type { BBox } from "../../contract/index.ts";
import type { RgbImage } from "./decode.ts";

/** A copy of a part of an image; the box has whole px and lies inside the image. */
export function cropImage(image: RgbImage, [x1, y1, x2, y2]: BBox): RgbImage {
  const width = x2 - x1;
  const height = y2 - y1;
  const rgb = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((y1 + row) * image.width + x1) * 3;
    rgb.set(image.rgb.subarray(start, start + width * 3), row * width * 3);
  }
  return { rgb, width, height };
}
