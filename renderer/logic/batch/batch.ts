import { type Detection, defined, type ErrorInfo, type ImageRef, type RunRecord } from "../../../app/contract/index.ts";
import { spreadOf } from "../../../app/presentation/spread.ts";

/** One file of a batch. */
export interface BatchItem {
  readonly id: string;
  readonly name: string;
  readonly status: "waiting" | "running" | "done" | "failed" | "cancelled";
  readonly image?: ImageRef;
  readonly runId?: string;
  readonly detections?: readonly Detection[];
  /** Of the run, as measured by the engine. */
  readonly totalMs?: number;
  /** ms from the start of the file's work to its end; the time left is estimated from these. */
  readonly wallMs?: number;
  readonly error?: ErrorInfo;
}

export type BatchPhase = "empty" | "running" | "pausing" | "paused" | "ended";

export interface BatchState {
  readonly phase: BatchPhase;
  /** Folder that the files come from, if it was one. */
  readonly folder: string | undefined;
  readonly items: readonly BatchItem[];
}

export const emptyBatch: BatchState = { phase: "empty", folder: undefined, items: [] };

export interface BatchProgress {
  readonly all: number;
  readonly done: number;
  readonly failed: number;
  readonly left: number;
  /** ms until the end, from the median of the files measured so far; undefined before the first. */
  readonly leftMs: number | undefined;
}

/** How far a batch is. A file that failed took its time too, and counts for the estimate. */
export function progressOf(items: readonly BatchItem[]): BatchProgress {
  const median = spreadOf(items.flatMap(({ wallMs }) => (wallMs === undefined ? [] : [wallMs])))?.median;
  const left = items.filter(({ status }) => status === "waiting" || status === "running").length;
  return {
    all: items.length,
    done: items.filter(({ status }) => status === "done").length,
    failed: items.filter(({ status }) => status === "failed").length,
    left,
    leftMs: median === undefined ? undefined : median * left,
  };
}

/** Changes one item. */
export function withItem(state: BatchState, id: string, change: Partial<BatchItem>): BatchState {
  return { ...state, items: state.items.map((item) => (item.id === id ? { ...item, ...change } : item)) };
}

/** Cancels every file whose work has not begun. */
export function withoutWaiting(state: BatchState): BatchState {
  return {
    ...state,
    items: state.items.map((item) => (item.status === "waiting" ? { ...item, status: "cancelled" } : item)),
  };
}

/** Forgets the files whose images are gone; a batch of no other files is over. */
export function withoutItemsOf(state: BatchState, gone: ReadonlySet<string>): BatchState {
  const items = state.items.filter(({ image }) => image === undefined || !gone.has(image.id));
  if (items.length === state.items.length) return state;
  return items.length === 0 ? emptyBatch : { ...state, items };
}

/** What a finished run says about its file. */
export function outcomeOf(run: RunRecord): Partial<BatchItem> {
  return {
    status: run.status,
    detections: run.detections,
    totalMs: run.totalMs,
    ...defined({ error: run.error }),
  };
}
