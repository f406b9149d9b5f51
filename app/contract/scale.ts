import { z } from "zod";

/** Px of an image that one CSS px of its page, or one point of its screen, takes. */
export const scaleValueSchema = z.number().min(0.25).max(8);

/** Where an image's scale comes from. "assumed" is 1, because nothing says otherwise. */
export const scaleSourceSchema = z.enum(["user", "name", "density", "size", "assumed"]);
export type ScaleSource = z.infer<typeof scaleSourceSchema>;

export const imageScaleSchema = z.object({ value: scaleValueSchema, from: scaleSourceSchema });
export type ImageScale = z.infer<typeof imageScaleSchema>;

/** Of an image that is stored without one. */
export const assumedScale: ImageScale = { value: 1, from: "assumed" };

export function scaleOf({ scale }: { readonly scale?: ImageScale | undefined }): ImageScale {
  return scale ?? assumedScale;
}
