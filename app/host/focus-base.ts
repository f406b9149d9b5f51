import { isDeepStrictEqual } from "node:util";
import type { EngineRequest } from "../contract/engine.ts";
import { resolveSettings } from "../contract/profile.ts";
import type { RunRecord } from "../contract/run.ts";
import { maxListedRuns, type RunSummary } from "../contract/run-summary.ts";
import type { ImageStore } from "./images.ts";
import type { PlannedRun, RunProgress } from "./run-record.ts";
import type { RunStore } from "./run-store.ts";

export type FocusBase = NonNullable<Extract<EngineRequest, { type: "detect" }>["focus"]>;

/** Runs looked at before giving up: the newest that fits is nearly always the first. */
const candidates = 8;

/**
 * The newest finished run that focus mode can build on: mode "detect", the same image size, model files, backend and
 * settings (with focus mode on or off), a complete list of elements, and its image still stored here.
 */
export async function findFocusBase(
  runs: RunStore,
  images: ImageStore,
  run: PlannedRun,
  progress: RunProgress,
): Promise<FocusBase | undefined> {
  const fitting = (await runs.list({ limit: maxListedRuns })).filter((summary) => fits(summary, run, progress));
  for (const { id } of fitting.slice(0, candidates)) {
    const record = await runs.get(id).catch(() => undefined);
    if (record === undefined || !isComplete(record) || !sameFiles(record, progress)) continue;
    const stored = await images.file(record.image.id).catch(() => undefined);
    if (stored === undefined) continue;
    const previousDetections = [...record.detections, ...record.belowThreshold];
    return { previousRunId: id, previousImagePath: stored.path, previousDetections };
  }
  return undefined;
}

function fits(before: RunSummary, { image, model, settings }: PlannedRun, { engine }: RunProgress): boolean {
  return (
    before.status === "done" &&
    before.mode === "detect" &&
    before.modelId === model.id &&
    before.backend === engine?.backend &&
    before.imageSize.width === image.width &&
    before.imageSize.height === image.height &&
    isDeepStrictEqual({ ...resolveSettings(before.profile, before.overrides), focus: true }, settings)
  );
}

/** A list that was cut off says nothing about what lay beyond its end. */
function isComplete({ warnings }: RunRecord): boolean {
  return !warnings.some(({ code }) => code === "ANSWER_TRUNCATED" || code === "MAX_DETECTIONS");
}

/** By the hashes where both are known, else by names and sizes. */
function sameFiles({ model }: RunRecord, { files }: RunProgress): boolean {
  return (
    files.length === model.files.length &&
    files.every((file) => {
      const before = model.files.find(({ role }) => role === file.role);
      if (before === undefined || before.bytes !== file.bytes || before.name !== file.name) return false;
      return before.sha256 === null || file.sha256 === null || before.sha256 === file.sha256;
    })
  );
}
