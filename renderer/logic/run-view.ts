import {
  type Detection,
  type DetectRequest,
  defined,
  type ErrorInfo,
  type EventPayload,
  type Mode,
  type Phase,
  type RunRecord,
  type RunStatus,
  type Stage,
} from "../../app/contract/index.ts";

/** One run as the window knows it: streamed so far, or finished with its record. */
export interface RunView {
  readonly id: string;
  readonly imageId: string;
  readonly mode: Mode;
  readonly target?: string;
  readonly status: "queued" | "running" | RunStatus;
  readonly phase: Phase;
  /** 0..1 of the present phase, where it is known. */
  readonly fraction?: number;
  /** Runs ahead of it in the queue. */
  readonly position: number;
  readonly stages: readonly Stage[];
  /** Streamed boxes; replaced by the record's. A failed or cancelled run keeps what was streamed. */
  readonly detections: readonly Detection[];
  readonly record?: RunRecord;
  readonly error?: ErrorInfo;
}

export type RunViews = Readonly<Record<string, RunView>>;

export function isActive(run: RunView | undefined): boolean {
  return run?.status === "queued" || run?.status === "running";
}

/** Makes a queued run known. The host's event and the answer to `runs.start` may come in either order. */
export function addQueuedRun(runs: RunViews, id: string, request: DetectRequest, position = 0): RunViews {
  if (runs[id] !== undefined) return runs;
  const run: RunView = {
    id,
    imageId: request.imageId,
    mode: request.mode,
    ...defined({ target: request.target }),
    status: "queued",
    phase: "queued",
    position,
    stages: [],
    detections: [],
  };
  return { ...runs, [id]: run };
}

/** Changes one run that is under way; a run that is unknown or has ended stays as it is. */
function whileActive(runs: RunViews, id: string, change: (run: RunView) => RunView): RunViews {
  const run = runs[id];
  if (run === undefined || !isActive(run)) return runs;
  return { ...runs, [id]: change(run) };
}

export function applyProgress(runs: RunViews, event: EventPayload<"run.progress">): RunViews {
  return whileActive(runs, event.runId, ({ fraction: _past, ...run }) => ({
    ...run,
    status: event.phase === "queued" ? "queued" : "running",
    phase: event.phase,
    ...defined({ fraction: event.fraction }),
  }));
}

/** A stage sent twice replaces its first figure. */
export function applyStage(runs: RunViews, event: EventPayload<"run.stage">): RunViews {
  return whileActive(runs, event.runId, (run) => ({
    ...run,
    status: "running",
    stages: [...run.stages.filter((stage) => stage.stage !== event.stage.stage), event.stage],
  }));
}

export function applyDetection(runs: RunViews, event: EventPayload<"run.detection">): RunViews {
  return whileActive(runs, event.runId, (run) => ({
    ...run,
    status: "running",
    detections: [...run.detections.filter((each) => each.id !== event.detection.id), event.detection],
  }));
}

/** A finished run from its record. */
export function runFromRecord(record: RunRecord, streamed?: RunView): RunView {
  const keepStreamed = record.status !== "done" && record.detections.length === 0;
  return {
    id: record.id,
    imageId: record.image.id,
    mode: record.mode,
    ...defined({ target: record.target }),
    status: record.status,
    phase: "parse",
    position: 0,
    stages: record.stages.length > 0 ? record.stages : (streamed?.stages ?? []),
    detections: keepStreamed ? (streamed?.detections ?? []) : record.detections,
    record,
    ...defined({ error: record.error }),
  };
}

export function applyFinished(runs: RunViews, record: RunRecord): RunViews {
  return { ...runs, [record.id]: runFromRecord(record, runs[record.id]) };
}

/** Ends a run whose record will not come, such as one that a restarted server has forgotten. */
export function applyLost(runs: RunViews, id: string, error: ErrorInfo): RunViews {
  return whileActive(runs, id, (run) => ({ ...run, status: "failed", error }));
}
