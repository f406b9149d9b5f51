import { z } from "zod";
import { stageSchema } from "./detection.ts";
import { type DetectOverrides, type ProfileName, profileNameSchema } from "./profile.ts";

/** What the original service's profiles stand for; its clients get these limits instead of ours. */
export const parseServiceLimits = {
  speed: { maxDetections: 20, maxNewTokens: 256, minConfidence: 0.5 },
  balanced: { maxDetections: 40, maxNewTokens: 512, minConfidence: 0.3 },
  quality: { maxDetections: 100, maxNewTokens: 1024, minConfidence: 0.2 },
} as const satisfies Record<ProfileName, DetectOverrides>;

/** POST /parse as clients of the original service send it. */
export const parseRequestSchema = z.object({
  /** Base64 or data URL. */
  image: z.string().min(1),
  /** What to locate; with `detect_multiple` false the one element that matches is answered. */
  task: z.string().optional(),
  detect_multiple: z.boolean().default(true),
  include_som: z.boolean().default(true),
  max_detections: z.int().min(1).max(200).optional(),
  min_confidence: z.number().min(0).max(1).optional(),
  return_raw_outputs: z.boolean().default(false),
  performance_profile: profileNameSchema.default("balanced"),
});
export type ParseRequest = z.infer<typeof parseRequestSchema>;

export const parseElementSchema = z.object({
  /** [x, y, width, height] in px of the source image. */
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  center: z.tuple([z.number(), z.number()]),
  confidence: z.number().min(0).max(1),
  type: z.string(),
  caption: z.string(),
  element_id: z.int(),
});

export const parseResponseSchema = z.object({
  elements: z.array(parseElementSchema),
  count: z.int(),
  processing_time_ms: z.number(),
  image_size: z.object({ width: z.int(), height: z.int() }),
  device: z.string(),
  profile: profileNameSchema,
  max_detections: z.int(),
  min_confidence: z.number(),
  /** Data URL of a PNG with numbered boxes. */
  som_image: z.string().optional(),
  model: z.string(),
  /** Absent in a cached answer: nothing was timed. */
  timing: z
    .object({ resize_ms: z.number(), inference_ms: z.number(), parse_ms: z.number(), total_ms: z.number() })
    .optional(),
  raw_output: z.string().optional(),
  output_length: z.int().optional(),
  parse_status: z.enum(["ok", "truncated"]).optional(),
  parse_error: z.string().optional(),
  /** Ours: the full stages, and the run under which everything else can be read at /api. */
  stages: z.array(stageSchema),
  run_id: z.string(),
  /** Ours: the very same detection was made before, and this is its answer; `stages` is then empty. */
  cached: z.object({ run_id: z.string(), created_at: z.string() }).optional(),
  warnings: z.array(z.string()),
});
export type ParseResponse = z.infer<typeof parseResponseSchema>;
