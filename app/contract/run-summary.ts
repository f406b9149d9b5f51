import { z } from "zod";
import { type RunAnnotations, runAnnotationsSchema } from "./annotations.ts";
import { defined } from "./defined.ts";
import { type Stage, type StageName, sizeSchema, stageNameSchema, tokenCountsSchema } from "./detection.ts";
import { focusOutcomeSchema } from "./focus.ts";
import { modeSchema } from "./model.ts";
import { type DetectOverrides, type DetectSettings, detectOverridesSchema, profiles } from "./profile.ts";
import { type RunRecord, repeatSchema, runBackendSchema, runIdSchema, runStatusSchema } from "./run.ts";
import { profileNameSchema } from "./setting.ts";
import { shortText } from "./text.ts";

/** Most runs that one listing answers with, and that one call deletes or restores. */
export const maxListedRuns = 10_000;

/** The facts of a record that lists, filters and comparisons of timings need; about 600 bytes of JSON. */
export const runFactsSchema = z.object({
  id: runIdSchema,
  status: runStatusSchema,
  createdAt: z.iso.datetime(),
  imageId: shortText,
  imageName: shortText.optional(),
  /** px of the image after EXIF rotation. */
  imageSize: sizeSchema,
  modelId: shortText,
  modelName: shortText,
  family: shortText,
  backend: runBackendSchema.optional(),
  machineName: shortText,
  profile: profileNameSchema,
  /** Settings that differ from the profile's; absent if none does. */
  overrides: detectOverridesSchema.optional(),
  mode: modeSchema,
  target: shortText.optional(),
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
  /** What focus mode did; the times of a cropped or unchanged run are not those of a full detection. */
  focus: focusOutcomeSchema.optional(),
  tokens: tokenCountsSchema.optional(),
  repeat: repeatSchema.optional(),
});
export type RunFacts = z.infer<typeof runFactsSchema>;

/** What a list of runs shows: facts of the record and what the user wrote beside it. */
export const runSummarySchema = runFactsSchema.extend(runAnnotationsSchema.shape);
export type RunSummary = z.infer<typeof runSummarySchema>;

export const noAnnotations: RunAnnotations = { tags: [] };

/** The summary of a run that has no annotations. */
export function summariseRun(run: RunRecord): RunSummary {
  return { ...factsOf(run), ...noAnnotations };
}

export function factsOf(run: RunRecord): RunFacts {
  const { id, status, createdAt, image, model, machine, profile, mode, detections, totalMs } = run;
  return {
    id,
    status,
    createdAt,
    imageId: image.id,
    imageSize: { width: image.width, height: image.height },
    modelId: model.id,
    modelName: model.name,
    family: model.family,
    machineName: machine.name,
    profile,
    mode,
    detections: detections.length,
    totalMs: rounded(totalMs),
    stages: Object.fromEntries(run.stages.map(({ stage, ms }) => [stage, rounded(ms)])),
    ...defined({
      imageName: image.name,
      backend: run.engine?.backend,
      overrides: overridesOf(run),
      target: run.target,
      reused: stagesWith(run, ({ reused }) => reused === true),
      overlapped: stagesWith(run, ({ overlappedMs }) => overlappedMs !== undefined),
      focus: run.focus?.outcome,
      tokens: run.result?.tokens,
      repeat: run.repeat,
    }),
  };
}

/** undefined if there are none. */
function stagesWith({ stages }: RunRecord, test: (stage: Stage) => boolean): StageName[] | undefined {
  const found = stages.filter(test).map(({ stage }) => stage);
  return found.length === 0 ? undefined : found;
}

function overridesOf({ profile, settings }: RunRecord): DetectOverrides | undefined {
  const standard = profiles[profile];
  const names = Object.keys(settings) as (keyof DetectSettings)[];
  const different = names.filter((name) => settings[name] !== standard[name]).map((name) => [name, settings[name]]);
  return different.length === 0 ? undefined : Object.fromEntries(different);
}

/** Rounds to microseconds: further digits are noise that would enlarge long lists. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
