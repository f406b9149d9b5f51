import { z } from "zod";
import { shortText } from "./text.ts";

/** [x1, y1, x2, y2] in px of the source image after EXIF rotation; x2 and y2 are exclusive edges; may be fractional. */
export const bboxSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export type BBox = z.infer<typeof bboxSchema>;

/** [x, y] in px of the source image after EXIF rotation. */
export const pointSchema = z.tuple([z.number(), z.number()]);
export type Point = z.infer<typeof pointSchema>;

export const sizeSchema = z.object({ width: z.int().positive(), height: z.int().positive() });
export type Size = z.infer<typeof sizeSchema>;

/**
 * How a confidence was computed. No supported model reports one: it comes from token probabilities, either directly, or
 * mapped by a calibration in the model's file of how often answers were right on held-out screens. Some engines elsewhere
 * tell probabilities only after the grammar has ruled tokens out, which makes them higher, and some tell none.
 */
export const confidenceSourceSchema = z.enum(["token-probability", "calibrated", "after-grammar", "unavailable"]);
export type ConfidenceSource = z.infer<typeof confidenceSourceSchema>;

/** CSS hex colour, "#rrggbb". */
export const hexColorSchema = z.string().regex(/^#[0-9a-f]{6}$/i);

/**
 * One UI element found in the image.
 * Without a calibration `confidence` is the geometric mean of the model's own probabilities of the tokens that carry the
 * element's coordinates and label (see app/engine/answer/confidence.ts).
 */
/** px of the resized image that the vision encoder was given, or 0..1000 over its full width and height. */
export const coordinateSpaceSchema = z.enum(["normalised-1000", "model-pixels"]);

export const detectionSchema = z.object({
  /**
   * Unique in its run: "e1", "e2", ... without gaps, in the order the model wrote them; those that are kept apart for
   * their low confidence come last.
   */
  id: shortText,
  label: shortText,
  /** Text of the element, when the model reads it. */
  text: shortText.optional(),
  bbox: bboxSchema,
  /** Set when the model answered with a click point; `bbox` is then a small square around it. */
  point: pointSchema.optional(),
  /** 1 where the source is "unavailable", so that no filter drops the element; it is then never shown as a figure. */
  confidence: z.number().min(0).max(1),
  confidenceSource: confidenceSourceSchema,
  /** The value before calibration; present if `confidence` is calibrated. */
  rawConfidence: z.number().min(0).max(1).optional(),
  /** Colour of the label, if the model's file names one. */
  color: hexColorSchema.optional(),
  /** The answer's own numbers before mapping to source pixels; in focus mode those of the crop it was found in. */
  raw: z.object({ space: coordinateSpaceSchema, values: z.array(z.number()) }),
});
export type Detection = z.infer<typeof detectionSchema>;

/**
 * The stages of a detection in the order they run. They add up to the total. A run has only those that were measured:
 * "upload" and "queue" belong to engines elsewhere, and what an engine does not tell is absent.
 */
export const stageNames = [
  "decode",
  "preprocess",
  "upload",
  "queue",
  "encode",
  "prefill",
  "generate",
  "parse",
  "other",
] as const;
export const stageNameSchema = z.enum(stageNames);
/** Those of this machine's own engine, all of which every finished run of it has. */
export const localStageNames = ["decode", "preprocess", "encode", "prefill", "generate", "parse", "other"] as const;
export type StageName = z.infer<typeof stageNameSchema>;

export const stageSchema = z.object({
  stage: stageNameSchema,
  /** Measured wall time on one monotonic clock. */
  ms: z.number().min(0),
  /** Stages whose work this time holds as well, because the engine does not tell them apart; those have no entry of their own. */
  includes: z.array(stageNameSchema).optional(),
  /**
   * The stage's work on the image was skipped because the result of an earlier run was used again. `ms` is the time of
   * the rest of the stage, with its measured `parts`; it is never shown as a speed.
   */
  reused: z.boolean().optional(),
  /**
   * ms of the stage's work that were spent ahead of time, during an earlier detection; `ms` is then only the time that
   * was waited for it. Such a stage has no speed either.
   */
  overlappedMs: z.number().min(0).optional(),
  /** Measured parts of this stage, such as prefill's image and text parts; they need not add up to `ms`. */
  parts: z.array(z.object({ name: shortText, ms: z.number().min(0) })).optional(),
});
export type Stage = z.infer<typeof stageSchema>;

/** Whether `ms` is the time of all of the stage's work; only then it may enter statistics. */
export function isMeasured({ reused, overlappedMs }: Pick<Stage, "reused" | "overlappedMs">): boolean {
  return reused !== true && overlappedMs === undefined;
}

/** How the language model wrote an answer: token by token, or several in one call where they could be predicted. */
export const decodingSchema = z.object({
  /** Calls of the language model; the first token needs none. */
  calls: z.int().min(0),
  /** Calls that yielded more than one token of the answer. */
  jumps: z.int().min(0),
  /** Tokens that were decoded before they were chosen, and how many of those were then chosen. */
  proposed: z.int().min(0),
  accepted: z.int().min(0),
});
export type Decoding = z.infer<typeof decodingSchema>;

export const tokenCountsSchema = z.object({
  image: z.int().min(0),
  text: z.int().min(0),
  generated: z.int().min(0),
  /** Absent in runs of earlier versions. */
  decoding: decodingSchema.optional(),
});
export type TokenCounts = z.infer<typeof tokenCountsSchema>;

export const warningSchema = z.object({
  code: z.enum([
    "OFF_TRAINING",
    "ANSWER_TRUNCATED",
    /** The model only repeated itself or wrote boxes without area, and its answer was ended. */
    "ANSWER_LOOPED",
    "MAX_DETECTIONS",
    "BELOW_MIN_CONFIDENCE",
    "BOX_DROPPED",
    /** Boxes with the place and label of an earlier one were merged with it. */
    "BOX_MERGED",
    /** The model saw the screen at less than its size, so that small controls are likely missed. */
    "SHRUNK",
    "ANIMATED_FIRST_FRAME",
    "FEW_IMAGE_TOKENS",
    "GENERATION_STALLED",
    "BACKEND_FALLBACK",
    "CONTEXT_RAISED",
    /** The detection is complete, but timing its operators failed. */
    "PROFILE_FAILED",
    /** The run record could not be written to disk; it is lost when the application ends. */
    "NOT_SAVED",
  ]),
  message: shortText,
});
export type Warning = z.infer<typeof warningSchema>;

/** The warning that an answer ended before the model ended it, so that elements may be missing after the last one. */
export function endedEarly(warnings: readonly Warning[]): Warning | undefined {
  return warnings.find(({ code }) => code === "ANSWER_TRUNCATED" || code === "ANSWER_LOOPED");
}
