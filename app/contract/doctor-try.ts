import { z } from "zod";
import { sizeSchema, stageNameSchema, tokenCountsSchema } from "./detection.ts";
import { doctorIdSchema, reportHeadSchema } from "./doctor.ts";
import { imageIdSchema, imageRefSchema } from "./image.ts";
import { backendChoiceSchema } from "./model.ts";
import { detectOverridesSchema, detectSettingsSchema } from "./profile.ts";
import { engineInfoSchema, modelFileSchema, targetSchema } from "./run.ts";
import { profileNameSchema } from "./setting.ts";
import { sourceSchema } from "./source.ts";

export const remedies = ["image-tokens", "windowed-attention", "flash-attention", "ubatch", "mmproj"] as const;
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

/** How well the detections agree with the baseline's: one-to-one matches with an IoU of at least 0.5. */
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
    .object({
      contextTokens: z.int().optional(),
      batchTokens: z.int().optional(),
      flashAttention: z.boolean().optional(),
    })
    .optional(),
  /** ms */
  stages: z.partialRecord(stageNameSchema, spreadSchema),
  /** ms */
  total: spreadSchema.optional(),
  /** This row's total over the baseline's of the same round: 0.5 = half the time. Absent for the baseline. */
  ratio: spreadSchema.optional(),
  /** Whether the ratio's spread excludes 1. */
  significant: z.boolean().optional(),
  agreement: agreementSchema.optional(),
  source: sourceSchema,
});
export type TryRow = z.infer<typeof tryRowSchema>;

export const doctorTryReportName = "holoscope.doctor-try";

export const doctorTryReportSchema = reportHeadSchema.extend({
  schema: z.literal(doctorTryReportName),
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
