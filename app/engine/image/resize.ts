import sharp from "sharp";
import type { Size } from "../../contract/index.ts";
import type { RgbImage } from "./decode.ts";

/**
 * Scales to exactly `size`, each axis by its own factor: no letterboxing and no cropping, so that mapping coordinates
 * back is one multiplication for each axis.
 * Kernel: cubic (Catmull-Rom, widened when shrinking), the one that Qwen's image processors use ("bicubic" with
 * antialiasing), so the model sees what it was trained on. An image that already has the size is passed on untouched.
 * @param threads of libvips: one for work beside a running detection, more where a detection waits for it
 */
export async function resizeExactly(image: RgbImage, size: Size, threads = 1): Promise<RgbImage> {
  if (image.width === size.width && image.height === size.height) return image;
  sharp.concurrency(threads);
  const { data, info } = await sharp(image.rgb, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize(size.width, size.height, { fit: "fill", kernel: "cubic" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}
