import { z } from "zod";
import { detectionSchema, sizeSchema, stageNameSchema, stageSchema } from "./detection.ts";
import { endpointCallSchema, endpointProbeSchema } from "./endpoint.ts";
import { errorInfoSchema } from "./errors.ts";
import { bytesSchema, imageFormatSchema, imageIdSchema } from "./image.ts";
import {
  backendSchema,
  deviceSchema,
  ggufSummarySchema,
  loadedModelSchema,
  modeSchema,
  pairInspectionSchema,
} from "./model.ts";
import { presetChoiceSchema } from "./presets/declaration.ts";
import { detectSettingsSchema } from "./profile.ts";
import { engineResultSchema } from "./run.ts";

/**
 * Messages between the host and the engine process, the same for Electron's utilityProcess and a forked Node process
 * (both use structured clone). Every request has an `id`; it is answered by exactly one `reply` with that id.
 */
const pair = z.object({
  modelPath: z.string(),
  mmprojPath: z.string(),
  /** How the model is asked; recognised by its name if left out. */
  preset: presetChoiceSchema.optional(),
});
export type EnginePair = z.infer<typeof pair>;

/** A stored image. The id is the SHA-256 of its file, which the engine takes from the host and does not compute again. */
const image = { imageId: imageIdSchema, imagePath: z.string() };

/** What of an element is drawn over its image. */
export const drawnElementSchema = detectionSchema.pick({ id: true, label: true, bbox: true, point: true, color: true });

export const engineRequestSchema = z.discriminatedUnion("type", [
  /** First message: loads the addon of one backend. Answers `initialised`. */
  z.object({ type: z.literal("init"), id: z.string(), backend: backendSchema }),
  /** Reads both headers and names the family, without loading weights. Answers `inspected`. */
  z.object({ type: z.literal("inspect"), id: z.string(), pair }),
  /** Reads the header of a language model whose mmproj is not known yet. Answers `model-inspected`. */
  z.object({ type: z.literal("inspect-model"), id: z.string(), modelPath: z.string() }),
  /** Loads a pair; an already loaded pair with the same options stays. Answers `loaded`. */
  z.object({ type: z.literal("load"), id: z.string(), pair, settings: detectSettingsSchema }),
  /** Frees the model. Answers `done`. */
  z.object({ type: z.literal("unload"), id: z.string() }),
  /** Checks and measures an image file. Answers `probed`. */
  z.object({ type: z.literal("probe"), id: z.string(), imagePath: z.string() }),
  /** Loads the pair if it is not loaded and detects. Streams `stage`, `detection`, `progress`; answers `detected`. */
  z.object({
    type: z.literal("detect"),
    id: z.string(),
    ...image,
    /** The model of this machine; without it an `endpoint` is asked. */
    pair: pair.optional(),
    endpoint: endpointCallSchema.optional(),
    mode: modeSchema,
    target: z.string().optional(),
    settings: detectSettingsSchema,
    /** Detect only what changed since an earlier run and keep the rest of its elements; both of the same settings. */
    focus: z
      .object({
        previousRunId: z.string(),
        previousImagePath: z.string(),
        /** All of that run's elements, those below the minimum confidence included. */
        previousDetections: z.array(detectionSchema),
      })
      .optional(),
    /** A measured run, which reuses nothing of earlier runs, whatever the settings say. */
    fresh: z.boolean().optional(),
    /** Time the operators in a second pass; the answer then has `opProfile`. */
    profileOps: z.boolean().optional(),
  }),
  /**
   * Prepares the pixels of an image that is detected soon, beside the running detection; at most one image at a time.
   * Without effect unless the pair is loaded. Answers `done` when they are ready or no longer wanted.
   */
  z.object({
    type: z.literal("prefetch"),
    id: z.string(),
    ...image,
    pair,
    settings: detectSettingsSchema,
  }),
  /** Finds out what a server is. Answers `endpoint-probed`. */
  z.object({
    type: z.literal("probe-endpoint"),
    id: z.string(),
    endpoint: endpointCallSchema.partial({ kind: true }),
  }),
  /** Draws elements over an image, or on a plain ground of that size in px. Answers `overlaid` with PNG bytes. */
  z.object({
    type: z.literal("overlay"),
    id: z.string(),
    ground: z.union([z.string(), sizeSchema]),
    elements: z.array(drawnElementSchema),
  }),
  /** Cancels the request with id `target`; that one then answers with CANCELLED. Answers `done`. */
  z.object({ type: z.literal("cancel"), id: z.string(), target: z.string() }),
]);
export type EngineRequest = z.infer<typeof engineRequestSchema>;

export const probeSchema = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  format: imageFormatSchema,
  frames: z.int().positive(),
  /** Whether the stored pixels have to be turned or mirrored to stand upright (EXIF orientation). */
  turned: z.boolean(),
  /** px per inch, if the file says it. */
  density: z.number().positive().optional(),
});
export type Probe = z.infer<typeof probeSchema>;

export const initialisedSchema = z.object({
  llamaCppRelease: z.string(),
  features: z.string(),
  physicalCores: z.int().positive(),
  devices: z.array(deviceSchema),
});
export type Initialised = z.infer<typeof initialisedSchema>;

/** What a running request is doing. `fraction` is 0..1 where it is known. */
export const phaseSchema = z.enum([
  "queued",
  "starting",
  "loading",
  ...stageNameSchema.exclude(["other"]).options,
  /** The timed pass after the detection itself. */
  "profile",
]);
export type Phase = z.infer<typeof phaseSchema>;

export const engineReplySchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("initialised"), value: initialisedSchema }),
  z.object({ kind: z.literal("inspected"), value: pairInspectionSchema }),
  z.object({ kind: z.literal("model-inspected"), value: ggufSummarySchema }),
  z.object({ kind: z.literal("loaded"), value: loadedModelSchema }),
  z.object({ kind: z.literal("probed"), value: probeSchema }),
  z.object({ kind: z.literal("detected"), value: engineResultSchema }),
  z.object({ kind: z.literal("endpoint-probed"), value: endpointProbeSchema }),
  z.object({ kind: z.literal("overlaid"), value: z.object({ png: bytesSchema }) }),
  z.object({ kind: z.literal("done") }),
  z.object({ kind: z.literal("failed"), error: errorInfoSchema }),
]);
export type EngineReply = z.infer<typeof engineReplySchema>;

export const engineMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("reply"), id: z.string(), reply: engineReplySchema }),
  z.object({
    type: z.literal("progress"),
    id: z.string(),
    phase: phaseSchema,
    fraction: z.number().min(0).max(1).optional(),
  }),
  z.object({ type: z.literal("stage"), id: z.string(), stage: stageSchema }),
  z.object({ type: z.literal("detection"), id: z.string(), detection: detectionSchema }),
  z.object({ type: z.literal("log"), level: z.enum(["debug", "info", "warn", "error"]), text: z.string() }),
]);
export type EngineMessage = z.infer<typeof engineMessageSchema>;
