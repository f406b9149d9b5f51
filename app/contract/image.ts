import { z } from "zod";
import { imageScaleSchema } from "./scale.ts";
import { shortText } from "./text.ts";

/** Limits of what is accepted as an image. */
export const imageLimits = { maxBytes: 64 * 1024 * 1024, maxPixels: 64_000_000 } as const;

export const imageFormats = ["png", "jpeg", "webp", "gif", "avif"] as const;
export const imageFormatSchema = z.enum(imageFormats);
export type ImageFormat = z.infer<typeof imageFormatSchema>;

/** Raw bytes in any kind of buffer. */
export const bytesSchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "expected a Uint8Array");

/** SHA-256 of the file's bytes, lower-case hex. The only name by which the renderer knows an image. */
export const imageIdSchema = z.string().regex(/^[0-9a-f]{64}$/, "an image id is 64 hex digits");

/** An image as stored. Width and height are px after EXIF rotation. */
export const imageRefSchema = z.object({
  id: imageIdSchema,
  name: shortText.optional(),
  width: z.int().positive(),
  height: z.int().positive(),
  bytes: z.int().positive(),
  format: imageFormatSchema,
  /** Frames in the file; only the first is used. */
  frames: z.int().positive().default(1),
  /** Absent where nothing tells it: see `scaleOf`. */
  scale: imageScaleSchema.optional(),
});
export type ImageRef = z.infer<typeof imageRefSchema>;
