import { z } from "zod";

/** [x1, y1, x2, y2] in px of the source image after EXIF rotation; x2 and y2 are exclusive edges; may be fractional. */
export const bboxSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export type BBox = z.infer<typeof bboxSchema>;

/** [x, y] in px of the source image after EXIF rotation. */
export const pointSchema = z.tuple([z.number(), z.number()]);
export type Point = z.infer<typeof pointSchema>;

export const sizeSchema = z.object({ width: z.int().positive(), height: z.int().positive() });
export type Size = z.infer<typeof sizeSchema>;

/**
 * How a confidence came about. No supported model reports one; ours is always computed: from token probabilities alone,
 * or from them by way of the map that the model's file has of how often it was right on held-out screens.
 */
export const confidenceSourceSchema = z.enum(["token-probability", "calibrated"]);
export type ConfidenceSource = z.infer<typeof confidenceSourceSchema>;

/** CSS hex colour, "#rrggbb". */
export const hexColorSchema = z.string().regex(/^#[0-9a-f]{6}$/i);

/**
 * One UI element found in the image.
 * Without a calibration `confidence` is the geometric mean of the model's own probabilities of the tokens that carry the
 * element's coordinates and label (see app/engine/answer/confidence.ts).
 */
export const detectionSchema = z.object({
  /** Unique in its run, in the order the model wrote them: "e1", "e2", ... */
  id: z.string(),
  label: z.string(),
  /** Text of the element, when the model reads it. */
  text: z.string().optional(),
  bbox: bboxSchema,
  /** Set when the model answered with a click point; `bbox` is then a small square around it. */
  point: pointSchema.optional(),
  confidence: z.number().min(0).max(1),
  confidenceSource: confidenceSourceSchema,
  /** What the token probabilities alone gave; present if `confidence` is calibrated. */
  rawConfidence: z.number().min(0).max(1).optional(),
  /** Colour of the label, if the model's file names one. */
  color: hexColorSchema.optional(),
  /** The answer's own numbers before mapping to source pixels; in focus mode those of the crop it was found in. */
  raw: z.object({ space: z.enum(["normalised-1000", "model-pixels"]), values: z.array(z.number()) }),
});
export type Detection = z.infer<typeof detectionSchema>;

/** The stages of a detection in the order they run. They add up to the total. */
export const stageNames = ["decode", "preprocess", "encode", "prefill", "generate", "parse", "other"] as const;
export const stageNameSchema = z.enum(stageNames);
export type StageName = z.infer<typeof stageNameSchema>;

export const stageSchema = z.object({
  stage: stageNameSchema,
  /** Measured wall time on one monotonic clock. */
  ms: z.number().min(0),
  /**
   * The stage's work on the image was not done: the result of an earlier run was used again. Never shown as a speed;
   * `ms` is what was left of the stage, and `parts` what of it was measured.
   */
  reused: z.boolean().optional(),
  /**
   * ms that the stage's work on the image took ahead, while an earlier detection was under way; `ms` then holds only what
   * was waited for. Such a stage has no speed either.
   */
  overlappedMs: z.number().min(0).optional(),
  /** Measured parts of this stage, such as prefill's image and text parts; they need not add up to `ms`. */
  parts: z.array(z.object({ name: z.string(), ms: z.number().min(0) })).optional(),
});
export type Stage = z.infer<typeof stageSchema>;

/** Whether `ms` is the time of all the stage's work; only then it belongs into statistics. */
export function isMeasured({ reused, overlappedMs }: Pick<Stage, "reused" | "overlappedMs">): boolean {
  return reused !== true && overlappedMs === undefined;
}

/** How the language model wrote an answer: token by token, or several in one call where its course could be guessed. */
export const decodingSchema = z.object({
  /** Calls of the language model; the first token needs none. */
  calls: z.int().min(0),
  /** Calls that brought more than one token of the answer. */
  jumps: z.int().min(0),
  /** Tokens run through the model before they were chosen, and those of them that were chosen then. */
  proposed: z.int().min(0),
  accepted: z.int().min(0),
});
export type Decoding = z.infer<typeof decodingSchema>;

export const tokenCountsSchema = z.object({
  image: z.int().min(0),
  text: z.int().min(0),
  generated: z.int().min(0),
  /** Not counted in runs of earlier versions. */
  decoding: decodingSchema.optional(),
});
export type TokenCounts = z.infer<typeof tokenCountsSchema>;

export const warningSchema = z.object({
  code: z.enum([
    "OFF_TRAINING",
    "ANSWER_TRUNCATED",
    "MAX_DETECTIONS",
    "BELOW_MIN_CONFIDENCE",
    "BOX_DROPPED",
    "ANIMATED_FIRST_FRAME",
    "FEW_IMAGE_TOKENS",
    "GENERATION_STALLED",
    "BACKEND_FALLBACK",
    "CONTEXT_RAISED",
    /** The detection is whole, but the profiled pass after it failed. */
    "PROFILE_FAILED",
    /** The run record could not be written to disk; it lives only as long as the application. */
    "NOT_SAVED",
  ]),
  message: z.string(),
});
export type Warning = z.infer<typeof warningSchema>;
