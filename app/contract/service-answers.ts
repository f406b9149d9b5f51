import { z } from "zod";
import { engineStateSchema } from "./api.ts";
import { errorInfoSchema } from "./errors.ts";
import { backendSchema } from "./model.ts";
import { imageSizeSchema, timingSchema } from "./parse-service.ts";

/**
 * What the addresses beside /parse answer, in the shapes of the original service, with our own fields beside them. A
 * device is named as the original names it: "mps" is Metal.
 */

/** The answer to POST /navigate: a click on the one element that was found, or the end. */
export const navigateResponseSchema = z.object({
  note: z.string(),
  thought: z.string(),
  action: z.discriminatedUnion("action", [
    z.object({ action: z.literal("click_element"), element: z.string(), x: z.int(), y: z.int() }),
    z.object({ action: z.literal("answer"), content: z.string() }),
  ]),
  processing_time_ms: z.number(),
  image_size: imageSizeSchema,
  device: z.string(),
  /** null in an answer that was stored before: nothing was timed. */
  timing: timingSchema.nullable(),
});
export type NavigateResponse = z.infer<typeof navigateResponseSchema>;

/** The answer to POST /detect_dialog, which cannot tell. */
export const dialogResponseSchema = z.object({
  has_dialog: z.boolean(),
  dialog_type: z.string().nullable(),
  dialog_text: z.string(),
  button_options: z.array(z.string()),
  dialog_location: z.string(),
  confidence: z.number().min(0).max(1),
  processing_time_ms: z.number(),
  device: z.string(),
  timing: timingSchema.nullable(),
  error: z.string(),
});
export type DialogResponse = z.infer<typeof dialogResponseSchema>;

const megabytes = z.int().nullable();

/** The answer to GET /health, and what it is without the token. */
export const healthSchema = z.object({
  status: z.literal("healthy"),
  service: z.literal("holoscope"),
  version: z.string(),
  model: z.string(),
  model_loaded: z.boolean(),
  models_loaded: z.boolean(),
  device: z.string(),
  backend: z.string(),
  /** Of the GPU only what the last /gpu-info found. */
  gpu_name: z.string().nullable(),
  gpu_memory_total_gb: z.number().nullable(),
  gpu_memory_used_gb: z.number().nullable(),
  gpu_memory_total_mb: megabytes,
  gpu_memory_used_mb: megabytes,
  gpu_memory_free_mb: megabytes,
  engine: engineStateSchema.shape.state,
  queued: engineStateSchema.shape.queued,
  last_error: errorInfoSchema.pick({ code: true, message: true }).optional(),
});
export type Health = z.infer<typeof healthSchema>;
export const livenessSchema = healthSchema.pick({ status: true });

/** The answer to GET /models/status. Paths are file names. */
export const modelsStatusSchema = z.object({
  icon_detector: z.object({ loaded: z.boolean(), type: z.string(), path: z.string(), quantization: z.string() }),
  caption_model: z.object({
    loaded: z.boolean(),
    type: z.string(),
    path: z.string(),
    device: z.string(),
    dtype: z.string(),
  }),
  weights_path: z.string(),
});
export type ModelsStatus = z.infer<typeof modelsStatusSchema>;

/** The answer to GET /gpu-info. */
export const gpuInfoSchema = z.object({
  device_type: z.string(),
  gpu_name: z.string().nullable(),
  memory_total_mb: megabytes,
  memory_used_mb: megabytes,
  memory_free_mb: megabytes,
  memory_utilization_percent: z.number().nullable(),
  available: z.boolean(),
  device: z.string(),
  device_count: z.int(),
  devices: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      backend: backendSchema,
      memory_total_bytes: z.number(),
      memory_free_bytes: z.number(),
    }),
  ),
  backends: z.array(z.object({ backend: backendSchema, available: z.boolean(), reason: z.string() })),
});
export type GpuInfo = z.infer<typeof gpuInfoSchema>;
