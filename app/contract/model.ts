import { z } from "zod";
import { presetIdSchema } from "./presets/declaration.ts";
import { profileNameSchema } from "./setting.ts";
import { shortText } from "./text.ts";

export const backends = ["cuda", "metal", "vulkan", "cpu"] as const;
export const backendSchema = z.enum(backends);
export type Backend = z.infer<typeof backendSchema>;
export const backendChoiceSchema = z.enum(["auto", ...backends]);
export type BackendChoice = z.infer<typeof backendChoiceSchema>;

export const modeSchema = z.enum(["detect", "locate"]);
export type Mode = z.infer<typeof modeSchema>;

/** Minimum confidence of each profile, as a model's file names them in place of the profiles' own. */
export const minConfidencesSchema = z.record(profileNameSchema, z.number().min(0).max(1));
export type MinConfidences = z.infer<typeof minConfidencesSchema>;

/** How well a model family supports a mode: trained for it, capable without training for it, or incapable. */
export const modeSupportSchema = z.enum(["trained", "off-training", "unsupported"]);
export type ModeSupport = z.infer<typeof modeSupportSchema>;

/** What a GGUF header says, without its tensors. Bytes by ggml type name ("q4_k", "f16", ...). */
export const ggufSummarySchema = z.object({
  path: shortText,
  bytes: z.int().positive(),
  name: shortText.optional(),
  architecture: shortText,
  projector: shortText.optional(),
  quantisation: shortText.optional(),
  parameters: z.number().optional(),
  tensorTypes: z.record(z.string(), z.object({ tensors: z.int(), bytes: z.number() })),
  /** Names of the bf16 tensors; absent if there is none. */
  bf16Tensors: z.array(shortText).optional(),
  contextLength: z.int().optional(),
  embeddingLength: z.int().optional(),
  /** Width of the mmproj's output; must equal the language model's input width. */
  projectionDim: z.int().optional(),
});
export type GgufSummary = z.infer<typeof ggufSummarySchema>;

/** A place where a prompt is not what the model's own chat template gives. */
export const templateDifferenceSchema = z.object({
  mode: modeSchema,
  /** What the template has there, and what the prompt has. */
  template: shortText,
  prompt: shortText,
  /** Why that is deliberate; absent where it is not. */
  reason: shortText.optional(),
});
export type TemplateDifference = z.infer<typeof templateDifferenceSchema>;

export const templateCheckSchema = z.object({
  /** "deliberate": every difference has its reason. "absent": the file has no template. */
  verdict: z.enum(["same", "deliberate", "differs", "absent", "unreadable"]),
  differences: z.array(templateDifferenceSchema),
  /** Why the template could not be rendered. */
  error: shortText.optional(),
});
export type TemplateCheck = z.infer<typeof templateCheckSchema>;

/** A pair of language model and mmproj known to the registry. */
export const modelEntrySchema = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  name: z.string().min(1),
  bundled: z.boolean(),
  modelPath: shortText,
  mmprojPath: shortText,
  /** Family id chosen from GGUF metadata: "qwen3vl", "qwen25vl". */
  family: shortText,
  architecture: shortText,
  quantisation: shortText.optional(),
  bytes: z.int().positive(),
  modes: z.object({ detect: modeSupportSchema, locate: modeSupportSchema }),
  /** Of each profile, where the model's own file names them. */
  minConfidence: minConfidencesSchema.optional(),
  /** Id of the preset that the user chose; without one it is recognised by the model's name. */
  preset: presetIdSchema.optional(),
});
export type ModelEntry = z.infer<typeof modelEntrySchema>;

/** What the engine finds out about a pair before loading it. */
export const pairInspectionSchema = z.object({
  model: ggufSummarySchema,
  mmproj: ggufSummarySchema,
  family: shortText,
  modes: z.object({ detect: modeSupportSchema, locate: modeSupportSchema }),
  /** Of each profile, where the model's own file names them. */
  minConfidence: minConfidencesSchema.optional(),
  /** Id of the preset that it is asked with; absent for a detector that knows one prompt. */
  preset: shortText.optional(),
  /** How the prompts compare with the model's own chat template; absent where it was not compared. */
  template: templateCheckSchema.optional(),
});
export type PairInspection = z.infer<typeof pairInspectionSchema>;

export const deviceSchema = z.object({
  name: shortText,
  description: shortText,
  type: z.enum(["cpu", "gpu", "igpu", "accel"]),
  backend: shortText,
  memoryFree: z.number(),
  memoryTotal: z.number(),
});
export type Device = z.infer<typeof deviceSchema>;

export function isGpu({ type }: Device): boolean {
  return type === "gpu" || type === "igpu";
}

/** Figures that the engine reports after loading a model, never taken from settings. */
export const loadedModelSchema = z.object({
  description: shortText,
  family: shortText,
  /** Id of the preset that it is asked with; absent in records of earlier versions and for detectors. */
  preset: shortText.optional(),
  architecture: shortText,
  projector: shortText,
  parameters: z.number(),
  layers: z.int(),
  layersOnGpu: z.int().optional(),
  encoderDevice: shortText.optional(),
  contextLengthTrained: z.int(),
  loadMs: z.number(),
});
export type LoadedModel = z.infer<typeof loadedModelSchema>;

export const memoryItemSchema = z.object({
  device: shortText,
  model: z.number(),
  kvCache: z.number(),
  compute: z.number(),
});
export const memorySchema = z.object({
  languageModel: z.array(memoryItemSchema),
  visionEncoder: z.array(memoryItemSchema),
  /** Bytes of host memory with embeddings and KV prefixes of recent images. */
  keptImages: z.number().optional(),
  residentBytes: z.number(),
});
export type Memory = z.infer<typeof memorySchema>;
