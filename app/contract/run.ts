import { z } from "zod";
import { detectionSchema, sizeSchema, stageSchema, tokenCountsSchema, warningSchema } from "./detection.ts";
import { constraintSchema, endpointKindSchema, engineIdSchema, maxEngines } from "./endpoint.ts";
import { errorInfoSchema } from "./errors.ts";
import { focusReportSchema } from "./focus.ts";
import { imageRefSchema } from "./image.ts";
import { backendChoiceSchema, backends, deviceSchema, loadedModelSchema, memorySchema, modeSchema } from "./model.ts";
import { operatorTimesSchema } from "./operator-times.ts";
import { detectOverridesSchema, detectSettingsSchema } from "./profile.ts";
import { refineStepSchema } from "./refine.ts";
import { profileNameSchema } from "./setting.ts";
import { vitPathSchema } from "./setting-fields.ts";
import { longText, shortText } from "./text.ts";

export const runIdSchema = z.string().regex(/^[0-9A-Za-z-]{8,64}$/, "a run id is 8 to 64 letters, digits and dashes");
export const runStatusSchema = z.enum(["done", "failed", "cancelled"]);
export type RunStatus = z.infer<typeof runStatusSchema>;

export const targetSchema = z.string().trim().min(1).max(2000);

/** Which of the runs of one "repeat N times" this is. */
export const repeatSchema = z.object({
  group: shortText,
  /** From 0, warm-up runs included. */
  index: z.int().min(0),
  of: z.int().min(1),
  /** Run only to warm caches and clocks; statistics leave it out. */
  warmup: z.boolean().optional(),
});
export type Repeat = z.infer<typeof repeatSchema>;

/** What a user asks for. Everything left out comes from the settings. */
export const detectRequestSchema = z.object({
  imageId: shortText,
  mode: modeSchema.default("detect"),
  /** What to locate; required when mode is "locate". */
  target: targetSchema.optional(),
  modelId: shortText.optional(),
  /** Engines that may do it, whichever is free first; {@link localEngineId} is this machine. */
  engines: z.array(engineIdSchema).min(1).max(maxEngines).optional(),
  backend: backendChoiceSchema.optional(),
  profile: profileNameSchema.optional(),
  overrides: detectOverridesSchema.optional(),
  repeat: repeatSchema.optional(),
  /** Add a second pass that tells operator by operator where the time goes. */
  profileOps: z.boolean().optional(),
  /**
   * Answer with the stored run of the very same detection, if there is one and the settings allow it (`resultCache`).
   * Leave it out to measure: then the detection is always made. Without effect on repeats, runs that time operators, and
   * focus mode.
   */
  useCache: z.boolean().optional(),
});
export type DetectRequest = z.infer<typeof detectRequestSchema>;
/** As written by a caller, before defaults. */
export type DetectRequestInput = z.input<typeof detectRequestSchema>;

/** The machine a run was made on; no user name, host name or path in it. */
export const machineSchema = z.object({
  /** Chosen by the user in the settings, else made from platform and CPU. */
  name: shortText,
  platform: shortText,
  arch: shortText,
  osRelease: shortText,
  cpu: shortText,
  physicalCores: z.int(),
  logicalCores: z.int(),
  memoryBytes: z.number(),
});
export type Machine = z.infer<typeof machineSchema>;

/** Where a run was made that was not made by this machine's own engine. No key, no path and no user name is in it. */
export const runEndpointSchema = z.object({
  id: engineIdSchema,
  name: shortText,
  kind: endpointKindSchema,
  /** As the server tells it. */
  version: shortText.optional(),
  /** Host and port of its address. */
  host: shortText,
  /** The server's name of the model. */
  model: shortText.optional(),
  /** Absent in a run that ended before it was known. */
  constraint: constraintSchema.optional(),
  /** Tokens of the prompt that the server says it had from an earlier request. */
  cachedTokens: z.int().min(0).optional(),
  /** Whether other requests ran on the server at the same time, where it tells. */
  shared: z.boolean().optional(),
});
export type RunEndpoint = z.infer<typeof runEndpointSchema>;

/** Where the encoder and the language model ran. */
export const runBackendSchema = z.enum([...backends, "remote"]);
export type RunBackend = z.infer<typeof runBackendSchema>;

/** The engine that ran the detection. What an engine elsewhere does not tell of itself is absent. */
export const engineInfoSchema = z.object({
  /** "remote" with an `endpoint`, whose own backend is not known. */
  backend: runBackendSchema,
  /** Why this backend: chosen by the user, best available, or a fallback with its reason. */
  backendReason: shortText,
  llamaCppRelease: shortText.optional(),
  features: shortText.optional(),
  devices: z.array(deviceSchema),
  endpoint: runEndpointSchema.optional(),
});
export type EngineInfo = z.infer<typeof engineInfoSchema>;

export const modelFileSchema = z.object({
  role: z.enum(["model", "mmproj"]),
  name: shortText,
  bytes: z.number(),
  /** null while the hash of a large file has not been computed yet. */
  sha256: shortText.nullable(),
  tensorTypes: z.record(z.string(), z.object({ tensors: z.int(), bytes: z.number() })),
});

/** What the engine reports at the end of a detection; the core of a run record. */
export const engineResultSchema = z.object({
  stages: z.array(stageSchema),
  /** ms from the arrival of the request in the engine to the last parsed element; the stages add up to it. */
  totalMs: z.number().min(0),
  /** ms from the arrival of the request in the engine to the first finished element; absent if there was none. */
  firstDetectionMs: z.number().min(0).optional(),
  tokens: tokenCountsSchema,
  /** What the vision encoder was given: px of the resized image. */
  input: sizeSchema,
  prompt: longText,
  rawOutput: longText,
  detections: z.array(detectionSchema),
  belowThreshold: z.array(detectionSchema),
  warnings: z.array(warningSchema),
  /** Settings after "0 = automatic" was resolved; absent where an engine elsewhere does not tell. */
  effective: z.object({
    contextTokens: z.int().optional(),
    batchTokens: z.int().optional(),
    threads: z.int().optional(),
    generateThreads: z.int().optional(),
    /** How the encoder's windowed layers were computed; "upstream" too where there are none. */
    vit: vitPathSchema.optional(),
    /** Whether the encoder's attention ran in Holoscope's kernel for CPUs. */
    cpuAttention: z.boolean().optional(),
    /** Whether decoding several tokens in one call was tried; absent in records of earlier versions. */
    jumpForward: z.boolean().optional(),
  }),
  /** What was taken over from an earlier run on the same image: its embeddings, or its part of the KV cache. */
  reuse: z.object({ kind: z.enum(["embeddings", "kvPrefix"]), bytes: z.number().min(0) }).optional(),
  /** As the engine loaded it; absent for an engine elsewhere. */
  model: loadedModelSchema.optional(),
  /** Of this machine's engine; absent for an engine elsewhere. */
  memory: memorySchema.optional(),
  /** What an engine elsewhere told; absent for this machine's. */
  endpoint: runEndpointSchema.pick({ constraint: true, cachedTokens: true }).optional(),
  /** Present if focus was asked for. */
  focus: focusReportSchema.optional(),
  /** The looks of a refined search, in their order; the answer is that of the last that found something. */
  refinement: z.array(refineStepSchema).optional(),
  /** Of the second pass, which times operators; present if it was asked for and succeeded. */
  opProfile: operatorTimesSchema.optional(),
});
export type EngineResult = z.infer<typeof engineResultSchema>;

export const runSchemaName = "holoscope.run";
export const runSchemaVersion = 1;

/** One complete detection, self-contained, so that it opens on another machine. Written once, atomically. */
export const runRecordSchema = z.object({
  schema: z.literal(runSchemaName),
  version: z.literal(runSchemaVersion),
  id: runIdSchema,
  status: runStatusSchema,
  createdAt: z.iso.datetime(),
  app: z.object({ version: shortText, node: shortText }),
  machine: machineSchema,
  engine: engineInfoSchema.optional(),
  model: z.object({ id: shortText, name: shortText, family: shortText, files: z.array(modelFileSchema) }),
  image: imageRefSchema,
  mode: modeSchema,
  target: shortText.optional(),
  profile: profileNameSchema,
  settings: detectSettingsSchema,
  repeat: repeatSchema.optional(),
  detections: z.array(detectionSchema),
  belowThreshold: z.array(detectionSchema),
  stages: z.array(stageSchema),
  totalMs: z.number().min(0),
  warnings: z.array(warningSchema),
  /** Present when the engine finished. */
  result: engineResultSchema
    .omit({
      stages: true,
      totalMs: true,
      detections: true,
      belowThreshold: true,
      warnings: true,
      endpoint: true,
      focus: true,
      refinement: true,
      opProfile: true,
    })
    .optional(),
  /** What focus mode did; present when it was on and the engine finished. */
  focus: focusReportSchema.optional(),
  /** Present if a refined search was asked for and finished; the stages are those of all looks together. */
  refinement: z.array(refineStepSchema).optional(),
  /** Present if operator times were asked for and measured. */
  opProfile: operatorTimesSchema.optional(),
  /** Present when status is "failed" or "cancelled". */
  error: errorInfoSchema.optional(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

/** The earlier run that is given as an answer in place of a new detection. */
export const cachedFromSchema = z.object({ runId: runIdSchema, createdAt: z.iso.datetime() });
export type CachedFrom = z.infer<typeof cachedFromSchema>;

/**
 * The answer to a detection: its own run, or an earlier one marked as `cached`. The mark is not part of run records, so
 * that none is stored or imported with it. The times in a cached answer are the earlier run's; nothing was measured now.
 */
export const answeredRunSchema = runRecordSchema.extend({ cached: cachedFromSchema.optional() });
export type AnsweredRun = z.infer<typeof answeredRunSchema>;
