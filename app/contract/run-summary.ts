import { z } from "zod";
import { type RunAnnotations, runAnnotationsSchema } from "./annotations.ts";
import { type StageName, sizeSchema, stageNameSchema, tokenCountsSchema } from "./detection.ts";
import { focusOutcomeSchema } from "./focus.ts";
import { backendSchema, modeSchema } from "./model.ts";
import {
  type DetectOverrides,
  type DetectSettings,
  detectOverridesSchema,
  profileNameSchema,
  profiles,
} from "./profile.ts";
import { type RunRecord, repeatSchema, runIdSchema, runStatusSchema } from "./run.ts";

/** Most runs that one listing answers with, and that one call deletes or restores. */
export const maxListedRuns = 10_000;

/** What of a record a list, a filter or a comparison of timings needs; about 600 bytes of JSON. */
export const runFactsSchema = z.object({
  id: runIdSchema,
  status: runStatusSchema,
  createdAt: z.iso.datetime(),
  imageId: z.string(),
  imageName: z.string().optional(),
  /** px of the image after EXIF rotation. */
  imageSize: sizeSchema,
  modelId: z.string(),
  modelName: z.string(),
  family: z.string(),
  backend: backendSchema.optional(),
  machineName: z.string(),
  profile: profileNameSchema,
  /** Settings that differ from the profile's; absent if none does. */
  overrides: detectOverridesSchema.optional(),
  mode: modeSchema,
  target: z.string().optional(),
  /** Number of detections. */
  detections: z.int(),
  /** ms, rounded to a microsecond as `stages` are. */
  totalMs: z.number(),
  /** ms by stage. */
  stages: z.partialRecord(stageNameSchema, z.number()),
  /** Stages that were not run because an earlier result was used again: their ms are no speed. */
  reused: z.array(stageNameSchema).optional(),
  /** Stages whose work was done ahead, during an earlier detection: their ms are no speed either. */
  overlapped: z.array(stageNameSchema).optional(),
  /** What focus mode did; the times of a cropped or unchanged run are no full detection's. */
  focus: focusOutcomeSchema.optional(),
  tokens: tokenCountsSchema.optional(),
  repeat: repeatSchema.optional(),
});
export type RunFacts = z.infer<typeof runFactsSchema>;

/** What a list of runs shows: facts of the record and what the user wrote beside it. */
export const runSummarySchema = runFactsSchema.extend(runAnnotationsSchema.shape);
export type RunSummary = z.infer<typeof runSummarySchema>;

export const noAnnotations: RunAnnotations = { tags: [] };

/** Of a run without annotations. */
export function summariseRun(run: RunRecord): RunSummary {
  return withAnnotations(factsOf(run), noAnnotations);
}

export function withAnnotations(facts: RunFacts, annotations: RunAnnotations): RunSummary {
  return { ...facts, ...annotations };
}

export function factsOf(run: RunRecord): RunFacts {
  const overrides = overridesOf(run);
  const reused = run.stages.filter(({ reused }) => reused === true).map(({ stage }) => stage);
  const overlapped = run.stages.filter(({ overlappedMs }) => overlappedMs !== undefined).map(({ stage }) => stage);
  return {
    id: run.id,
    status: run.status,
    createdAt: run.createdAt,
    imageId: run.image.id,
    ...(run.image.name === undefined ? {} : { imageName: run.image.name }),
    imageSize: { width: run.image.width, height: run.image.height },
    modelId: run.model.id,
    modelName: run.model.name,
    family: run.model.family,
    ...(run.engine === undefined ? {} : { backend: run.engine.backend }),
    machineName: run.machine.name,
    profile: run.profile,
    ...(overrides === undefined ? {} : { overrides }),
    mode: run.mode,
    ...(run.target === undefined ? {} : { target: run.target }),
    detections: run.detections.length,
    totalMs: rounded(run.totalMs),
    stages: stageTimes(run),
    ...(reused.length === 0 ? {} : { reused }),
    ...(overlapped.length === 0 ? {} : { overlapped }),
    ...(run.focus === undefined ? {} : { focus: run.focus.outcome }),
    ...(run.result === undefined ? {} : { tokens: run.result.tokens }),
    ...(run.repeat === undefined ? {} : { repeat: run.repeat }),
  };
}

function stageTimes({ stages }: RunRecord): Partial<Record<StageName, number>> {
  return Object.fromEntries(stages.map(({ stage, ms }) => [stage, rounded(ms)]));
}

function overridesOf({ profile, settings }: RunRecord): DetectOverrides | undefined {
  const standard: DetectSettings = profiles[profile];
  const names = Object.keys(settings) as (keyof DetectSettings)[];
  const different = names.filter((name) => settings[name] !== standard[name]).map((name) => [name, settings[name]]);
  return different.length === 0 ? undefined : Object.fromEntries(different);
}

/** Digits beyond a microsecond are noise that a list of thousands would carry. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
