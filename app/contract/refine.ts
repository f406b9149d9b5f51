import { z } from "zod";
import { bboxSchema, sizeSchema } from "./detection.ts";

/** One look of a refined search: the first at the whole image, each later one at a crop around the answer before. */
export const refineStepSchema = z.object({
  /** What the model was shown, px of the source image. */
  crop: bboxSchema,
  /** What the vision encoder was given of it, px. */
  input: sizeSchema,
  /** What it answered, px of the source image; absent where it found nothing, which ends the search. */
  bbox: bboxSchema.optional(),
  /** ms of preprocess, encode, prefill and generate. */
  ms: z.number().min(0),
});
export type RefineStep = z.infer<typeof refineStepSchema>;
