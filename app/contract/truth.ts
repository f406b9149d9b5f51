import { z } from "zod";
import { bboxSchema, pointSchema } from "./detection.ts";

export const truthLimits = {
  elements: 10_000,
  labelLength: 200,
  textLength: 2000,
  sourceLength: 255,
  /** Kinds of entries that a file had and that could not be used. */
  skips: 20,
  reasonLength: 200,
} as const;

/** One element that is known to be in an image; px of the source image after EXIF rotation, as in a detection. */
export const truthElementSchema = z.object({
  /** Unique in its truth. */
  id: z.string().min(1).max(100),
  label: z.string().max(truthLimits.labelLength).optional(),
  bbox: bboxSchema.refine(([x1, y1, x2, y2]) => x2 >= x1 && y2 >= y1, "a box ends where it begins or after it"),
  /** The click point, where the source names one. */
  point: pointSchema.optional(),
  text: z.string().max(truthLimits.textLength).optional(),
});
export type TruthElement = z.infer<typeof truthElementSchema>;

/** The kinds of file that truth is read from. */
export const truthFormats = [
  "coco",
  "coco-results",
  "screenspot",
  "osworld-g",
  "holoscope",
  "parse",
  "dom",
  "uiautomator",
  "omniparser",
  "qwen",
  "boxes",
  "yolo",
  "voc",
  "cvat",
  "label-studio",
  "labelme",
  "via",
] as const;

/** Entries of a truth file that could not be used, and why. */
export const truthSkipSchema = z.object({ reason: z.string().max(truthLimits.reasonLength), count: z.int().min(1) });
export type TruthSkip = z.infer<typeof truthSkipSchema>;

/** Everything that is known to be in one image. */
export const truthSchema = z.object({
  format: z.enum(truthFormats),
  /** Name of the file it was read from. */
  source: z.string().max(truthLimits.sourceLength),
  elements: z
    .array(truthElementSchema)
    .max(truthLimits.elements)
    .refine((elements) => new Set(elements.map(({ id }) => id)).size === elements.length, "each id may occur once"),
  /** Absent where everything could be used. */
  skipped: z.array(truthSkipSchema).max(truthLimits.skips).optional(),
  /** How the user said that the boxes' numbers are to be read; absent where the format leaves no doubt. */
  reading: z.string().max(truthLimits.reasonLength).optional(),
});
export type Truth = z.infer<typeof truthSchema>;
