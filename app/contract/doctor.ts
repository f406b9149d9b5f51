import { z } from "zod";
import { engineFactsSchema } from "./doctor-facts.ts";
import { errorInfoSchema } from "./errors.ts";
import { imageIdSchema } from "./image.ts";
import { backendChoiceSchema, backendSchema, deviceSchema, ggufSummarySchema, loadedModelSchema } from "./model.ts";
import { conversionTargetSchema } from "./model-files.ts";
import { detectOverridesSchema } from "./profile.ts";
import { engineInfoSchema, machineSchema } from "./run.ts";
import { sourceSchema } from "./source.ts";

export const evidenceTopics = ["machine", "backends", "model", "placement", "engine-log", "run"] as const;
export const evidenceTopicSchema = z.enum(evidenceTopics);
export type EvidenceTopic = z.infer<typeof evidenceTopicSchema>;

/** One fact as a readable line. Tables of figures have their own fields in the report. */
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
/**
 * "problem": makes results slow or wrong; "warning": may do so; "advice": worth trying; "fine": checked, costs nothing.
 */
export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;

export const findingActionSchema = z.discriminatedUnion("type", [
  /** Write the file again with its bf16 tensors in another type (`models convert`). */
  z.object({ type: z.enum(["convert-mmproj", "convert-model"]), modelId: z.string(), to: conversionTargetSchema }),
  /** Change these overrides in the settings. */
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
  /** Ids of the evidence for it. */
  evidence: z.array(z.string()).default([]),
});
export type Finding = z.infer<typeof findingSchema>;

/** Whether a backend works on this machine and is used, and why. */
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

/** The head of both kinds of report: when, by what and on which machine it was made. */
export const reportHeadSchema = z.object({
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  app: z.object({ version: z.string(), node: z.string() }),
  machine: machineSchema,
});

export const doctorReportName = "holoscope.doctor";

export const doctorReportSchema = reportHeadSchema.extend({
  schema: z.literal(doctorReportName),
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
  /** Estimates, as each one's source says. */
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
