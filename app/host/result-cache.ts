import { isDeepStrictEqual } from "node:util";
import type { Initialised } from "../contract/engine.ts";
import type { Backend } from "../contract/model.ts";
import { resolveSettings } from "../contract/profile.ts";
import type { Machine, RunRecord } from "../contract/run.ts";
import { maxListedRuns, type RunSummary } from "../contract/run-summary.ts";
import type { ModelFiles } from "./models.ts";
import type { PlannedRun } from "./run-record.ts";
import type { RunStore } from "./run-store.ts";

/** What beside the request decides an answer. */
export interface AnsweringParts {
  readonly engine: Initialised & { readonly backend: Backend };
  readonly machine: Machine;
  readonly files: ModelFiles;
  readonly appVersion: string;
}

/** Stored runs read at most in search of one that answers: those whose summary fits nearly always do. */
const candidates = 8;

/** A measured series, a profiled run and a run that depends on the one before it are always run. */
export function mayBeCached({ request, settings }: PlannedRun): boolean {
  return request.useCache === true && request.repeat === undefined && request.profileOps !== true && !settings.focus;
}

/**
 * The newest stored run that answered the very same question: the same image bytes, model files (by their hashes), mode,
 * target, profile and settings, on the same backend, devices and machine, with the same llama.cpp and the same Holoscope,
 * in which prompts and grammars lie. It must have been done and not cut short. There is no second store beside the
 * library: a run that was deleted or whose file cannot be read answers nothing, and the next detection takes its place.
 */
export async function findCachedRun(
  runs: RunStore,
  run: PlannedRun,
  parts: AnsweringParts,
): Promise<RunRecord | undefined> {
  if (parts.files.some(({ sha256 }) => sha256 === null)) return undefined;
  const summaries = await runs.list({ imageId: run.image.id, limit: maxListedRuns });
  for (const { id } of summaries.filter((summary) => fits(summary, run, parts)).slice(0, candidates)) {
    const stored = await runs.get(id).catch(() => undefined);
    if (stored !== undefined && answers(stored, run, parts)) return stored;
  }
  return undefined;
}

/** What a summary tells, so that not every run of the image is read. */
function fits(before: RunSummary, { model, profile, request, settings }: PlannedRun, { engine }: AnsweringParts) {
  return (
    before.status === "done" &&
    before.modelId === model.id &&
    before.backend === engine.backend &&
    before.mode === request.mode &&
    before.target === request.target &&
    before.profile === profile &&
    isDeepStrictEqual(resolveSettings(before.profile, before.overrides), settings)
  );
}

function answers(stored: RunRecord, run: PlannedRun, { engine, machine, files, appVersion }: AnsweringParts): boolean {
  return (
    stored.result !== undefined &&
    stored.focus === undefined &&
    !stored.warnings.some(({ code }) => code === "ANSWER_TRUNCATED") &&
    stored.image.id === run.image.id &&
    isDeepStrictEqual(stored.settings, run.settings) &&
    stored.app.version === appVersion &&
    isDeepStrictEqual(whereOf(stored.engine), whereOf(engine)) &&
    isDeepStrictEqual(hardwareOf(stored.machine), hardwareOf(machine)) &&
    isDeepStrictEqual(stored.model.files.map(hashOf), files.map(hashOf))
  );
}

/** Free memory changes all the time and decides nothing; which devices there are does. */
function whereOf(
  engine: Pick<AnsweringParts["engine"], "backend" | "llamaCppRelease" | "features" | "devices"> | undefined,
) {
  if (engine === undefined) return undefined;
  const { backend, llamaCppRelease, features, devices } = engine;
  return { backend, llamaCppRelease, features, devices: devices.map(({ name, description }) => [name, description]) };
}

/** Without the name, which the user may change, and the system's version. */
function hardwareOf({ platform, arch, cpu, physicalCores, logicalCores }: Machine) {
  return { platform, arch, cpu, physicalCores, logicalCores };
}

function hashOf({ role, sha256 }: ModelFiles[number]) {
  return { role, sha256 };
}
