import { isDeepStrictEqual } from "node:util";
import {
  type EngineRequest,
  endedEarly,
  maxListedRuns,
  type RunRecord,
  type RunSummary,
  resolveSettings,
} from "../../contract/index.ts";
import type { ImageStore } from "../images/store.ts";
import { type PlannedRun, presetOf, type RunProgress } from "./record.ts";
import type { RunStore } from "./store.ts";

/** Runs to read before giving up; nearly always the first whose summary fits is the one. */
const mostRead = 8;

type FocusBase = NonNullable<Extract<EngineRequest, { type: "detect" }>["focus"]>;

/**
 * The newest finished run that focus mode can build on: mode "detect", the same image size, model files, preset,
 * backend and settings (with focus mode on or off), a complete list of elements, and its image still stored here.
 */
export async function findFocusBase(
  runs: RunStore,
  images: ImageStore,
  run: PlannedRun,
  progress: RunProgress,
): Promise<FocusBase | undefined> {
  const fitting = (await runs.list({ limit: maxListedRuns })).filter((summary) => fits(summary, run, progress));
  for (const { id } of fitting.slice(0, mostRead)) {
    const record = await runs.get(id).catch(() => undefined);
    if (record === undefined || !isComplete(record) || !sameFiles(record, progress)) continue;
    if (!isDeepStrictEqual(record.model.preset, presetOf(run.model))) continue;
    const stored = await images.file(record.image.id).catch(() => undefined);
    if (stored === undefined) continue;
    const previousDetections = [...record.detections, ...record.belowThreshold];
    return { previousRunId: record.id, previousImagePath: stored.path, previousDetections };
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

/** A list that was cut off may lack elements. */
function isComplete({ warnings }: RunRecord): boolean {
  return endedEarly(warnings) === undefined && !warnings.some(({ code }) => code === "MAX_DETECTIONS");
}

/** Compares hashes if both are known, else names and sizes. */
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
