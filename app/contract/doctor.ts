import { z } from "zod";
import { sizeSchema, stageNameSchema, tokenCountsSchema } from "./detection.ts";
import { errorInfoSchema } from "./errors.ts";
import { imageIdSchema, imageRefSchema } from "./image.ts";
import { backendChoiceSchema, backendSchema, deviceSchema, ggufSummarySchema, loadedModelSchema } from "./model.ts";
import { detectOverridesSchema, detectSettingsSchema, profileNameSchema } from "./profile.ts";
import { engineInfoSchema, machineSchema, modelFileSchema, targetSchema } from "./run.ts";

/**
 * What the doctor says: evidence first, findings second. Nothing here may be said without `source`: where it was read,
 * so that a reader can look for himself.
 */
export const sourceKindSchema = z.enum([
  /** A line that llama.cpp, ggml or libmtmd wrote; `detail` quotes it. */
  "engine-log",
  /** A figure that the engine process answered with, such as its memory by device. */
  "engine",
  /** A GGUF header; `detail` names the file. */
  "gguf",
  /** A stored run record; `detail` names it. */
  "run",
  /** Measured by the doctor just now. */
  "measurement",
  /** The operating system. */
  "system",
  /** A driver or its tool, such as nvidia-smi. */
  "driver",
  /** Holoscope's own start of a backend: what was found or what failed. */
  "probe",
  /** The user's settings or the profile. */
  "settings",
  /** llama.cpp's source code of the release that `detail` names. */
  "llama.cpp",
  /** A calculation that nobody measured; `detail` says whose. */
  "estimate",
]);
export type SourceKind = z.infer<typeof sourceKindSchema>;

export const sourceSchema = z.object({ kind: sourceKindSchema, detail: z.string().min(1) });
export type Source = z.infer<typeof sourceSchema>;

export const evidenceTopics = ["machine", "backends", "model", "placement", "engine-log", "run"] as const;
export const evidenceTopicSchema = z.enum(evidenceTopics);
export type EvidenceTopic = z.infer<typeof evidenceTopicSchema>;

/** One fact, for reading. Tables of figures are beside the list, in fields of their own. */
export const evidenceSchema = z.object({
  /** Unique in its report: "machine.cpu", "log.flash-attention". */
  id: z.string().min(1),
  topic: evidenceTopicSchema,
  label: z.string().min(1),
  /** With its unit. */
  value: z.string(),
  source: sourceSchema,
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const severities = ["problem", "warning", "advice", "fine"] as const;
/** "problem": slow or wrong because of it; "warning": may be; "advice": worth trying; "fine": looked at, costs nothing. */
export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;

export const findingActionSchema = z.discriminatedUnion("type", [
  /** Write the file again with its bf16 tensors in another type (`models convert`). */
  z.object({
    type: z.literal("convert-mmproj"),
    modelId: z.string(),
    to: z.enum(["f16", "f32"]),
  }),
  z.object({
    type: z.literal("convert-model"),
    modelId: z.string(),
    to: z.enum(["f16", "f32"]),
  }),
  /** Lay these over the settings' overrides. */
  z.object({ type: z.literal("change-settings"), overrides: detectOverridesSchema }),
  z.object({ type: z.literal("change-backend"), backend: backendChoiceSchema }),
  /** Measure the remedies (`doctor.try`). */
  z.object({ type: z.literal("try") }),
]);
export type FindingAction = z.infer<typeof findingActionSchema>;

export const findingSchema = z.object({
  /** Id of the rule that found it: "bf16-kernels-unneeded". */
  rule: z.string().min(1),
  severity: severitySchema,
  /** One plain sentence. */
  title: z.string().min(1),
  /** Why it matters, or does not. */
  explanation: z.string().optional(),
  /** What to do about it. */
  remedy: z.string().optional(),
  action: findingActionSchema.optional(),
  source: sourceSchema,
  /** Ids of the evidence that it rests on. */
  evidence: z.array(z.string()).default([]),
});
export type Finding = z.infer<typeof findingSchema>;

/** What becomes of one backend on this machine, and why. */
export const backendVerdictSchema = z.object({
  backend: backendSchema,
  available: z.boolean(),
  chosen: z.boolean(),
  reason: z.string().min(1),
  /** Package of node-llama-cpp with its libraries; absent where there is none for this platform. */
  package: z.string().optional(),
  installed: z.boolean(),
  source: sourceSchema,
});
export type BackendVerdict = z.infer<typeof backendVerdictSchema>;

/** How a backend computes with weights of a type. */
export const typeSupportSchema = z.enum(["native", "converted", "unsupported", "unknown"]);
export type TypeSupport = z.infer<typeof typeSupportSchema>;

export const tensorTypeAuditSchema = z.object({
  /** ggml's name in lower case: "q4_k", "bf16". */
  type: z.string(),
  tensors: z.int().min(0),
  bytes: z.number().min(0),
  support: typeSupportSchema,
  /** What the chosen backend does with it, in a few words. */
  note: z.string(),
  source: sourceSchema,
});
export type TensorTypeAudit = z.infer<typeof tensorTypeAuditSchema>;

export const fileAuditSchema = z.object({
  role: z.enum(["model", "mmproj"]),
  summary: ggufSummarySchema,
  types: z.array(tensorTypeAuditSchema),
  source: sourceSchema,
});
export type FileAudit = z.infer<typeof fileAuditSchema>;

/** Bytes that one part of the model holds on one device, as the engine counts them. */
export const memoryRowSchema = z.object({
  part: z.enum(["language-model", "vision-encoder"]),
  device: z.string(),
  weights: z.number(),
  kvCache: z.number(),
  compute: z.number(),
  source: sourceSchema,
});
export type MemoryRow = z.infer<typeof memoryRowSchema>;

/** What a context for images of this size would take. */
export const fitSchema = z.object({
  imageTokens: z.int(),
  contextTokens: z.int(),
  /** Bytes of graphics memory, and of main memory. */
  gpuBytes: z.number(),
  cpuBytes: z.number(),
  fits: z.boolean(),
  /** What it was compared with, in one sentence. */
  note: z.string(),
  source: sourceSchema,
});
export type Fit = z.infer<typeof fitSchema>;

/** A line of the engine's log that carries a fact. */
const line = z.string().min(1);

/** The engine's log as facts. Whatever the log does not tell is absent: never a guess. */
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
  /** Kernels that the backend left out because the device or the build lacks something. */
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
  /** Operators of the vision encoder's graph that its backend lacks; they are computed on the CPU. */
  unsupportedEncoderOps: z.array(z.object({ op: z.string(), type: z.string(), shape: z.array(z.int()), line })),
  graphSplits: z.object({
    languageModel: z.object({ splits: z.int(), line }).optional(),
    encoder: z.object({ splits: z.int(), nodes: z.int(), line }).optional(),
  }),
  /** Lines that tell of work or memory that went to the CPU instead. */
  fallbacks: z.array(line),
  /** Lines that tell of a build that is not meant for speed. */
  buildComplaints: z.array(line),
  /** All other warnings and errors. */
  complaints: z.array(line),
});
export type EngineFacts = z.infer<typeof engineFactsSchema>;

export const doctorReportName = "holoscope.doctor";

export const doctorReportSchema = z.object({
  schema: z.literal(doctorReportName),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  app: z.object({ version: z.string(), node: z.string() }),
  machine: machineSchema,
  /** Absent if no engine could be started. */
  engine: engineInfoSchema.optional(),
  model: z.object({ id: z.string(), name: z.string(), family: z.string() }).optional(),
  /** Absent if the model was not loaded. */
  loaded: loadedModelSchema.optional(),
  evidence: z.array(evidenceSchema),
  backends: z.array(backendVerdictSchema),
  devices: z.array(deviceSchema.extend({ source: sourceSchema })),
  files: z.array(fileAuditSchema),
  memory: z.array(memoryRowSchema),
  /** Estimates, each labelled so by its source. */
  fits: z.array(fitSchema),
  facts: engineFactsSchema,
  findings: z.array(findingSchema),
  /** What could not be looked at, and why. */
  gaps: z.array(z.object({ what: z.string(), error: errorInfoSchema })),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;

/** Chosen by the caller, so that it can cancel and tell its own progress from others'. */
export const doctorIdSchema = z.string().min(1).max(64);

export const doctorRunSchema = z.object({
  id: doctorIdSchema.optional(),
  /** The settings' model if left out. */
  modelId: z.string().optional(),
  backend: backendChoiceSchema.optional(),
  /** The image of the probing detection; a sample if left out. */
  imageId: imageIdSchema.optional(),
  /** How far to go: read headers only, load the model too, or also run one short detection. */
  depth: z.enum(["files", "load", "detect"]).default("detect"),
});
export type DoctorRun = z.infer<typeof doctorRunSchema>;

export const remedies = ["image-tokens", "flash-attention", "ubatch", "mmproj"] as const;
export const remedySchema = z.enum(remedies);
export type Remedy = z.infer<typeof remedySchema>;

export const doctorTryParamsSchema = z.object({
  id: doctorIdSchema.optional(),
  imageId: imageIdSchema,
  modelId: z.string().optional(),
  backend: backendChoiceSchema.optional(),
  profile: profileNameSchema.optional(),
  /** Laid over the profile for the baseline and for every remedy. */
  overrides: detectOverridesSchema.optional(),
  /** Locates this instead of detecting everything. */
  target: targetSchema.optional(),
  remedies: z
    .array(remedySchema)
    .min(1)
    .default([...remedies]),
  /** Measured runs of each row. */
  repeats: z.int().min(1).max(100).default(5),
});
export type DoctorTryParams = z.infer<typeof doctorTryParamsSchema>;

/** Median and the 5th and 95th percentile. */
export const spreadSchema = z.object({ median: z.number(), p5: z.number(), p95: z.number() });
export type Spread = z.infer<typeof spreadSchema>;

/** How far the detections are those of the baseline: one-to-one matches with an IoU of at least 0.5. */
export const agreementSchema = z.object({
  /** Number of elements in the baseline, in this row, and matched. */
  baseline: z.int().min(0),
  found: z.int().min(0),
  matched: z.int().min(0),
  /** 2 matched / (baseline + found); 1 when both are empty. */
  f1: z.number().min(0).max(1),
  /** As f1, but only matches with the same label count. */
  f1SameLabel: z.number().min(0).max(1),
});
export type Agreement = z.infer<typeof agreementSchema>;

export const tryRowSchema = z.object({
  /** "baseline", "image-tokens-640", "flash-attention-off", ... */
  id: z.string().min(1),
  remedy: z.enum(["baseline", ...remedies]),
  label: z.string().min(1),
  overrides: detectOverridesSchema,
  /** "skipped": not measured, and `reason` says why. */
  status: z.enum(["done", "failed", "skipped"]),
  reason: z.string().optional(),
  /** Measured runs. */
  runs: z.int().min(0),
  input: sizeSchema.optional(),
  tokens: tokenCountsSchema.optional(),
  effective: z
    .object({ contextTokens: z.int(), batchTokens: z.int(), flashAttention: z.boolean().optional() })
    .optional(),
  /** ms */
  stages: z.partialRecord(stageNameSchema, spreadSchema),
  /** ms */
  total: spreadSchema.optional(),
  /** This row's total over the baseline's of the same round: 0.5 = half the time. Absent for the baseline. */
  ratio: spreadSchema.optional(),
  /** Whether the ratio's spread leaves 1 outside. */
  significant: z.boolean().optional(),
  agreement: agreementSchema.optional(),
  source: sourceSchema,
});
export type TryRow = z.infer<typeof tryRowSchema>;

export const doctorTryReportName = "holoscope.doctor-try";

export const doctorTryReportSchema = z.object({
  schema: z.literal(doctorTryReportName),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  app: z.object({ version: z.string(), node: z.string() }),
  machine: machineSchema,
  engine: engineInfoSchema,
  model: z.object({ id: z.string(), name: z.string(), family: z.string(), files: z.array(modelFileSchema) }),
  image: imageRefSchema,
  target: z.string().optional(),
  profile: profileNameSchema,
  settings: detectSettingsSchema,
  repeats: z.int(),
  rows: z.array(tryRowSchema).min(1),
});
export type DoctorTryReport = z.infer<typeof doctorTryReportSchema>;

export const doctorProgressSchema = z.object({
  id: z.string(),
  /** What is being done, for reading: "loading the model", "flash attention off, run 2 of 5". */
  step: z.string(),
  fraction: z.number().min(0).max(1).optional(),
  /** A row of `doctor.try` as far as it is measured. */
  row: tryRowSchema.optional(),
});
export type DoctorProgress = z.infer<typeof doctorProgressSchema>;

export const diagnosticsBundleParamsSchema = z.object({
  /** Leave paths and the user's name as they are. */
  includePaths: z.boolean().default(false),
  /** Leave the names of image files as they are. Images themselves are never in it. */
  includeImageNames: z.boolean().default(false),
  /** Last lines of the log. */
  logLines: z.int().min(0).max(5000).default(400),
});
export type DiagnosticsBundleParams = z.infer<typeof diagnosticsBundleParamsSchema>;

export const diagnosticsBundleSchema = z.object({
  text: z.string(),
  /** A name for saving it: "holoscope-diagnostics-20261005-142301.txt". */
  fileName: z.string(),
});
