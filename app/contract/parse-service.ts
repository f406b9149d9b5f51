import { z } from "zod";
import { stageSchema } from "./detection.ts";
import { absentable, absentOr, laxBoolean, laxInt, laxNumber } from "./lax.ts";
import type { DetectOverrides } from "./profile.ts";
import { type ByProfile, profileNameSchema } from "./setting.ts";

/**
 * What clients of the original parse service send and receive: bytebot-holo of zhound420/bytebot-hawkeye-holo, whose
 * own client is bytebot-cv of the same project. Shapes and limits are those of its pydantic models.
 */

/** Limits of the original service's profiles, which its clients get instead of ours. */
export const parseServiceLimits = {
  speed: { maxDetections: 20, maxNewTokens: 256, minConfidence: 0.5 },
  balanced: { maxDetections: 40, maxNewTokens: 512, minConfidence: 0.3 },
  quality: { maxDetections: 100, maxNewTokens: 1024, minConfidence: 0.2 },
} as const satisfies ByProfile<DetectOverrides>;

/** The original takes profiles in any case, and an empty one for none. */
const laxProfile = z.preprocess(
  (value) => (typeof value === "string" ? value.toLowerCase() || undefined : value),
  profileNameSchema.optional(),
);

/** The fields of POST /parse besides the image; those of POST /parse/upload are the same. */
export const parseFieldsSchema = z.object({
  /** What to locate; the answer is then the one matching element, whatever `detect_multiple` says. */
  task: absentable(z.string()),
  detect_multiple: absentOr(laxBoolean, true),
  include_som: absentOr(laxBoolean, true),
  max_detections: absentable(laxInt(z.int().min(1).max(200))),
  min_confidence: absentable(laxNumber(z.number().min(0).max(1))),
  return_raw_outputs: absentOr(laxBoolean, false),
  performance_profile: absentable(laxProfile).transform((profile) => profile ?? "balanced"),
});
export type ParseFields = z.infer<typeof parseFieldsSchema>;

/** Base64 or data URL. */
const imageTextSchema = z.string().min(1);

/** POST /parse. */
export const parseRequestSchema = parseFieldsSchema.extend({ image: imageTextSchema });
export type ParseRequest = z.infer<typeof parseRequestSchema>;

/** POST /navigate. */
export const navigateRequestSchema = z.object({
  image: imageTextSchema,
  task: z.string(),
  step: laxInt(z.int().min(1)).default(1),
});

/** POST /detect_dialog. */
export const dialogRequestSchema = z.object({ image: imageTextSchema });

export const imageSizeSchema = z.object({ width: z.int(), height: z.int() });

/** Sums of our stages, in ms. */
export const timingSchema = z.object({
  resize_ms: z.number(),
  inference_ms: z.number(),
  parse_ms: z.number(),
  total_ms: z.number(),
});
export type ParseTiming = z.infer<typeof timingSchema>;

/** One element as the original describes it, in whole px of the source image. */
export const parseElementSchema = z.object({
  /** [x, y, width, height]. */
  bbox: z.tuple([z.int(), z.int(), z.int(), z.int()]),
  /** Where to click: always a px of the image. */
  center: z.tuple([z.int(), z.int()]),
  /** null where the engine tells none. */
  confidence: z.number().min(0).max(1).nullable(),
  type: z.string(),
  caption: z.string().nullable(),
  /** From 0; the number that the element has in `som_image`. */
  element_id: z.int().min(0),
});

/** What both answers tell in the same way. */
const answered = {
  count: z.int(),
  processing_time_ms: z.number(),
  image_size: imageSizeSchema,
  device: z.string(),
  profile: profileNameSchema,
  max_detections: z.int(),
  min_confidence: z.number(),
  model: z.string(),
};

/** The answer to POST /parse as the original gives it: fields without a value are null. */
export const parseResponseSchema = z.object({
  elements: z.array(parseElementSchema),
  ...answered,
  /** A PNG with numbered boxes, in base64; null unless asked for, and where nothing was found. */
  som_image: z.base64().nullable(),
  /** null in an answer that was stored before: nothing was timed. */
  timing: timingSchema.nullable(),
  raw_output: z.string().nullable(),
  output_length: z.int().nullable(),
  /** "error" for an answer that was cut short: the elements are those before the cut. */
  parse_status: z.enum(["success", "error"]),
  parse_error: z.string().nullable(),
});
export type ParseResponse = z.infer<typeof parseResponseSchema>;

/** The answer to POST /api/parse, which tells more; fields without a value are absent. */
export const detailedParseResponseSchema = z.object({
  elements: z.array(
    z.object({
      /** [x, y, width, height] in px of the source image, with fractions. */
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      center: z.tuple([z.number(), z.number()]),
      confidence: z.number().min(0).max(1).nullable(),
      type: z.string(),
      caption: z.string(),
      /** From 1, as everywhere else in Holoscope. */
      element_id: z.int(),
    }),
  ),
  ...answered,
  /** Data URL of a PNG with numbered boxes. */
  som_image: z.string().optional(),
  /** Absent in a cached answer: nothing was timed. */
  timing: timingSchema.optional(),
  raw_output: z.string().optional(),
  output_length: z.int().optional(),
  parse_status: z.enum(["ok", "truncated"]),
  parse_error: z.string().optional(),
  /** The full stages, and the run under which everything else can be read at /api. */
  stages: z.array(stageSchema),
  run_id: z.string(),
  /** The very same detection was made before, and this is its answer; `stages` is then empty. */
  cached: z.object({ run_id: z.string(), created_at: z.string() }).optional(),
  warnings: z.array(z.string()),
});
export type DetailedParseResponse = z.infer<typeof detailedParseResponseSchema>;
