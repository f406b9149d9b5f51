import {
  type DetectRequest,
  type EventPayload,
  type RunRecord,
  type RunSummary,
  summariseRun,
} from "../../app/contract/index.ts";
import { addQueuedRun, applyFinished, isActive, type RunViews } from "../logic/run-view.ts";

export interface RunsState {
  readonly byId: RunViews;
  /** Run shown for each open image. */
  readonly shown: Readonly<Record<string, string>>;
  /** Finished runs of each open image, newest first. */
  readonly history: Readonly<Record<string, readonly RunSummary[]>>;
  /** Images whose detection was asked for and not yet accepted by the host. */
  readonly starting: readonly string[];
}

export const initialRuns: RunsState = { byId: {}, shown: {}, history: {}, starting: [] };

/** Makes a queued run known and shows it, or another run of its image. `position` tells how many are ahead of it. */
export function withQueuedRun(
  state: RunsState,
  runId: string,
  request: DetectRequest,
  position = 0,
  shown = runId,
): RunsState {
  const byId = addQueuedRun(state.byId, runId, request, position);
  return { ...state, byId, shown: { ...state.shown, [request.imageId]: shown } };
}

/** Adds summaries to an image's history: newest first, each run once. */
export function withHistory(state: RunsState, imageId: string, summaries: readonly RunSummary[]): RunsState {
  const known = new Map([...(state.history[imageId] ?? []), ...summaries].map((each) => [each.id, each]));
  const sorted = [...known.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return { ...state, history: { ...state.history, [imageId]: sorted } };
}

/** Takes in what the host says about runs of open images that were added, changed or deleted. */
export function withChangedHistory(state: RunsState, change: EventPayload<"runs.changed">): RunsState {
  const gone = new Set(change.removed);
  let next = state;
  for (const run of [...change.added, ...change.changed]) {
    if (next.history[run.imageId] !== undefined) next = withHistory(next, run.imageId, [run]);
  }
  if (gone.size === 0) return next;
  const history = Object.fromEntries(
    Object.entries(next.history).map(([imageId, runs]) => [imageId, runs.filter(({ id }) => !gone.has(id))]),
  );
  return { ...next, history };
}

/** Takes in a finished run; it is shown if its image shows none yet. */
export function withFinishedRun(state: RunsState, record: RunRecord): RunsState {
  const byId = applyFinished(state.byId, record);
  const shown = { ...state.shown, [record.image.id]: state.shown[record.image.id] ?? record.id };
  return withHistory({ ...state, byId, shown }, record.image.id, [summariseRun(record)]);
}

/** Forgets everything about an image that was closed; its runs stay with the host. */
export function withoutRunsOf(state: RunsState, imageId: string): RunsState {
  const { [imageId]: _shown, ...shown } = state.shown;
  const { [imageId]: _history, ...history } = state.history;
  const byId = Object.fromEntries(Object.entries(state.byId).filter(([, run]) => run.imageId !== imageId));
  return { ...state, byId, shown, history };
}

/** Takes back `withoutRunsOf`, by the state before it. Runs that were under way were cancelled and stay away. */
export function withRunsOf(state: RunsState, before: RunsState, imageId: string): RunsState {
  const kept = Object.entries(before.byId).filter(([, run]) => run.imageId === imageId && !isActive(run));
  const byId = { ...Object.fromEntries(kept), ...state.byId };
  const shown = before.shown[imageId];
  return withHistory(
    {
      ...state,
      byId,
      shown: shown === undefined || byId[shown] === undefined ? state.shown : { ...state.shown, [imageId]: shown },
    },
    imageId,
    before.history[imageId] ?? [],
  );
}
