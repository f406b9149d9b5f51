import { randomBytes } from "node:crypto";
import type { Detection, Stage, Warning } from "../contract/detection.ts";
import type { Initialised } from "../contract/engine.ts";
import type { ErrorInfo } from "../contract/errors.ts";
import type { ImageRef } from "../contract/image.ts";
import type { Backend, BackendChoice, ModelEntry } from "../contract/model.ts";
import { type DetectSettings, type ProfileName, resolveSettings } from "../contract/profile.ts";
import {
  type DetectRequest,
  type EngineInfo,
  type EngineResult,
  type Machine,
  type RunRecord,
  runSchemaName,
  runSchemaVersion,
} from "../contract/run.ts";
import type { Settings } from "../contract/settings.ts";
import type { ModelFiles } from "./models.ts";

/** A request with everything that the settings add to it: what exactly will be run. */
export interface PlannedRun {
  readonly id: string;
  readonly createdAt: string;
  readonly request: DetectRequest;
  readonly image: ImageRef;
  readonly imagePath: string;
  readonly model: ModelEntry;
  readonly backend: BackendChoice;
  readonly profile: ProfileName;
  readonly settings: DetectSettings;
}

/** What became known while a run went on; all of it may be missing when it fails early. */
export interface RunProgress {
  machine: Machine;
  engine?: EngineInfo;
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

/** The request's overrides lie over those of the settings, both over what the model's file says, and that over the profile. */
export function settingsOf(
  request: DetectRequest,
  settings: Settings,
  model: Pick<ModelEntry, "minConfidence">,
): { profile: ProfileName; settings: DetectSettings } {
  const profile = request.profile ?? settings.profile;
  const resolved = resolveSettings(profile, { ...settings.overrides, ...definedFields(request.overrides) }, model);
  // Repeats and profiles measure a detection, and a target may lie anywhere: none of them is one of a part.
  const wholeOnly = request.mode !== "detect" || request.repeat !== undefined || request.profileOps === true;
  return { profile, settings: wholeOnly ? { ...resolved, focus: false } : resolved };
}

function definedFields<T extends object>(fields: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
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
  const { stages, totalMs, detections, belowThreshold, warnings, focus, opProfile, ...result } = answer;
  return {
    ...commonFields(run, progress, appVersion),
    status: "done",
    detections,
    belowThreshold,
    stages,
    totalMs,
    warnings: [...progress.warnings, ...warnings],
    result,
    ...(focus === undefined ? {} : { focus }),
    ...(opProfile === undefined ? {} : { opProfile }),
  };
}

/** The record of a run that ended early: what had been streamed until then, and why it ended. */
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
  return {
    schema: runSchemaName,
    version: runSchemaVersion,
    id,
    createdAt,
    app: { version: appVersion, node: process.versions.node },
    machine: progress.machine,
    ...(progress.engine === undefined ? {} : { engine: progress.engine }),
    model: { id: model.id, name: model.name, family: model.family, files: progress.files },
    image,
    mode: request.mode,
    ...(request.target === undefined ? {} : { target: request.target }),
    profile,
    settings,
    ...(request.repeat === undefined ? {} : { repeat: request.repeat }),
  } as const;
}
