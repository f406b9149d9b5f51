import type { Detection, ErrorInfo, ImageRef, RunRecord } from "../../../app/contract/index.ts";
import { spreadOf } from "../statistics/spread.ts";

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
  /** From the file's turn to its end: what the estimate is made of. */
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

/** Everything that has not begun will not. */
export function withoutWaiting(state: BatchState): BatchState {
  return {
    ...state,
    items: state.items.map((item) => (item.status === "waiting" ? { ...item, status: "cancelled" } : item)),
  };
}

/** What a finished run says about its file. */
export function outcomeOf(run: RunRecord): Partial<BatchItem> {
  return {
    status: run.status,
    detections: run.detections,
    totalMs: run.totalMs,
    ...(run.error === undefined ? {} : { error: run.error }),
  };
}
