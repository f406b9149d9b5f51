import { randomBytes } from "node:crypto";
import {
  type Backend,
  type BackendChoice,
  type Detection,
  type DetectRequest,
  type DetectSettings,
  defined,
  type EngineInfo,
  type EngineResult,
  type ErrorInfo,
  type ImageRef,
  type Initialised,
  type Machine,
  type ModelEntry,
  type ProfileName,
  type RunRecord,
  resolveSettings,
  runSchemaName,
  runSchemaVersion,
  type Settings,
  type Stage,
  type Warning,
} from "../../contract/index.ts";
import type { ModelFiles } from "../models/registry.ts";

/** A request completed by the settings: what exactly will be run. */
export interface PlannedRun {
  readonly id: string;
  readonly createdAt: string;
  /** Whether its record is written and told of. */
  readonly keep: boolean;
  readonly request: DetectRequest;
  readonly image: ImageRef;
  readonly imagePath: string;
  /** That of this machine. */
  readonly model: ModelEntry;
  /** Ids of the engines that may do it. */
  readonly engines: readonly string[];
  readonly backend: BackendChoice;
  readonly profile: ProfileName;
  readonly settings: DetectSettings;
}

/** What has become known during a run; most of it is missing if the run fails early. */
export interface RunProgress {
  machine: Machine;
  engine?: EngineInfo;
  /** Of an engine elsewhere, in place of this machine's. */
  model?: Pick<ModelEntry, "id" | "name" | "family">;
  files: ModelFiles;
  warnings: Warning[];
  detections: Detection[];
  stages: Stage[];
  /** ms since the run's turn came. */
  elapsedMs: number;
}

/** "20261005-142301-1f2e3d4c": sorts by time (UTC), unique by its random part. */
export function newRunId(now: Date): string {
  const [date = "", time = ""] = now.toISOString().split("T");
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${randomBytes(4).toString("hex")}`;
}

/** Overrides of the request go before those of the settings, then what the model's file says, then the profile. */
export function settingsOf(
  request: DetectRequest,
  settings: Settings,
  model: Pick<ModelEntry, "minConfidence">,
): { profile: ProfileName; settings: DetectSettings } {
  const profile = request.profile ?? settings.profile;
  const resolved = resolveSettings(profile, { ...settings.overrides, ...defined(request.overrides ?? {}) }, model);
  // Repeats and operator times measure whole detections, and a target may lie anywhere: none of them uses focus mode.
  const wholeOnly = request.mode !== "detect" || request.repeat !== undefined || request.profileOps === true;
  return { profile, settings: wholeOnly ? { ...resolved, focus: false } : resolved };
}

export function engineInfoOf(info: Initialised, backend: Backend, backendReason: string): EngineInfo {
  const { llamaCppRelease, features, devices } = info;
  return { backend, backendReason, llamaCppRelease, features, devices };
}

/** The record of a run that the engine finished. */
export function finishedRecord(
  run: PlannedRun,
  progress: RunProgress,
  answer: EngineResult,
  appVersion: string,
): RunRecord {
  const { stages, totalMs, detections, belowThreshold, warnings, focus, refinement, opProfile, endpoint, ...result } =
    answer;
  const { engine } = progress;
  return {
    ...commonFields(run, progress, appVersion),
    status: "done",
    detections,
    belowThreshold,
    stages,
    totalMs,
    warnings: [...progress.warnings, ...warnings],
    result,
    ...(engine?.endpoint === undefined ? {} : { engine: { ...engine, endpoint: { ...engine.endpoint, ...endpoint } } }),
    ...defined({ focus, refinement, opProfile }),
  };
}

/** The record of a run that ended early, with what was streamed until then and the reason. */
export function unfinishedRecord(
  run: PlannedRun,
  progress: RunProgress,
  status: "failed" | "cancelled",
  error: ErrorInfo,
  appVersion: string,
): RunRecord {
  const { minConfidence } = run.settings;
  return {
    ...commonFields(run, progress, appVersion),
    status,
    detections: progress.detections.filter(({ confidence }) => confidence >= minConfidence),
    belowThreshold: progress.detections.filter(({ confidence }) => confidence < minConfidence),
    stages: progress.stages,
    totalMs: progress.elapsedMs,
    warnings: progress.warnings,
    error,
  };
}

function commonFields(
  { id, createdAt, request, image, model, profile, settings }: PlannedRun,
  progress: RunProgress,
  appVersion: string,
) {
  const named = progress.model ?? { id: model.id, name: model.name, family: model.family };
  return {
    schema: runSchemaName,
    version: runSchemaVersion,
    id,
    createdAt,
    app: { version: appVersion, node: process.versions.node },
    machine: progress.machine,
    model: { ...named, files: progress.files },
    image,
    mode: request.mode,
    profile,
    settings,
    ...defined({ engine: progress.engine, target: request.target, repeat: request.repeat }),
  } as const;
}
