import { z } from "zod";

/** A line of the engine's log that carries a fact. */
const line = z.string().min(1);

/** Facts from the engine's log. What the log does not say is absent, never guessed. */
export const engineFactsSchema = z.object({
  /** Libraries that were loaded: "CPU" from "libggml-cpu-zen4.so". File names only. */
  libraries: z.array(z.object({ backend: z.string(), file: z.string(), line })),
  cuda: z.array(
    z.object({
      index: z.int(),
      name: z.string(),
      computeCapability: z.string(),
      memoryBytes: z.number().optional(),
      line,
    }),
  ),
  vulkan: z.array(
    z.object({
      index: z.int(),
      name: z.string(),
      fp16: z.boolean().optional(),
      bf16: z.boolean().optional(),
      matrixCores: z.string().optional(),
      line,
    }),
  ),
  metal: z
    .object({
      gpu: z.string().optional(),
      families: z.array(z.string()),
      simdgroupReduction: z.boolean().optional(),
      simdgroupMatrix: z.boolean().optional(),
      unifiedMemory: z.boolean().optional(),
      bfloat: z.boolean().optional(),
      tensorApi: z.boolean().optional(),
      lines: z.array(z.string()),
    })
    .optional(),
  /** Kernels that the backend skipped because the device or the build lacks something. */
  skippedKernels: z.array(z.object({ kernel: z.string(), line })),
  /** Layers on the GPU as llama.cpp counts them: the output layer is one of them. */
  offloaded: z.object({ layers: z.int(), of: z.int(), line }).optional(),
  buffers: z.array(
    z.object({
      what: z.enum(["weights", "kv-cache", "compute", "output", "encoder-compute"]),
      device: z.string(),
      bytes: z.number(),
      line,
    }),
  ),
  kvCache: z.object({ cells: z.int(), keys: z.string(), values: z.string(), bytes: z.number(), line }).optional(),
  context: z
    .object({ contextTokens: z.int().optional(), batchTokens: z.int().optional(), ubatchTokens: z.int().optional() })
    .optional(),
  flashAttention: z.object({
    /** What was asked for: "auto", "enabled", "disabled". */
    requested: z.object({ value: z.string(), line }).optional(),
    languageModel: z.object({ on: z.boolean(), line }).optional(),
    encoder: z.object({ on: z.boolean(), line }).optional(),
  }),
  /** ggml's name of the backend that computes the vision encoder. */
  encoderBackend: z.object({ name: z.string(), line }).optional(),
  /** Operators of the vision encoder that its backend lacks; they run on the CPU. */
  unsupportedEncoderOps: z.array(z.object({ op: z.string(), type: z.string(), shape: z.array(z.int()), line })),
  graphSplits: z.object({
    languageModel: z.object({ splits: z.int(), line }).optional(),
    encoder: z.object({ splits: z.int(), nodes: z.int(), line }).optional(),
  }),
  /** Lines about work or memory that was moved to the CPU. */
  fallbacks: z.array(line),
  /** Lines about a build that is not made for speed. */
  buildComplaints: z.array(line),
  /** All other warnings and errors. */
  complaints: z.array(line),
});
export type EngineFacts = z.infer<typeof engineFactsSchema>;
