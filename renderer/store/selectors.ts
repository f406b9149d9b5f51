import type { Detection, ImageRef, RunSummary } from "../../app/contract/index.ts";
import { applyFilter, type Found, type VisibleElements } from "../model/declutter/filter.ts";
import { type ModeChoice, modeChoices } from "../model/modes.ts";
import { isActive, type RunView } from "../model/run-view.ts";
import type { AppState } from "./app-store.ts";
import { chosenModel } from "./host-slice.ts";
import { rememberLast } from "./memo.ts";

/** Questions that views ask across slices. All return stable references as long as nothing relevant changed. */

const noDetections: readonly Detection[] = [];
const noRuns: readonly RunSummary[] = [];

export function currentImage(state: AppState): ImageRef | undefined {
  return state.images.currentId === undefined ? undefined : state.images.byId[state.images.currentId];
}

export function shownRun(state: AppState): RunView | undefined {
  return state.images.currentId === undefined ? undefined : shownRunOf(state, state.images.currentId);
}

export function shownRunOf(state: AppState, imageId: string): RunView | undefined {
  const runId = state.runs.shown[imageId];
  return runId === undefined ? undefined : state.runs.byId[runId];
}

export function shownDetections(state: AppState): readonly Detection[] {
  return shownRun(state)?.detections ?? noDetections;
}

const joinFound = rememberLast(
  (detections: readonly Detection[], belowThreshold: readonly Detection[]): Found => ({ detections, belowThreshold }),
);

/** Everything that the shown run found, also below its threshold. */
export function shownFound(state: AppState): Found {
  return joinFound(shownDetections(state), shownRun(state)?.record?.belowThreshold ?? noDetections);
}

const filtered = rememberLast(applyFilter);

/** The elements that canvas and list show: those of the shown run that the filter leaves. */
export function visibleElements(state: AppState): VisibleElements {
  return filtered(shownFound(state), state.filter);
}

function foundElement({ detections, belowThreshold }: Found, id: string | undefined): Detection | undefined {
  const wanted = (each: Detection) => each.id === id;
  return detections.find(wanted) ?? belowThreshold.find(wanted);
}

/** The active element of the selection. */
export function selectedDetection(state: AppState): Detection | undefined {
  return state.view.selectedId === undefined ? undefined : foundElement(shownFound(state), state.view.selectedId);
}

const elementsOf = rememberLast((found: Found, ids: readonly string[]) =>
  ids.map((id) => foundElement(found, id)).filter((each) => each !== undefined),
);

/** All selected elements, in the order they were selected; the active one last. */
export function selectedDetections(state: AppState): readonly Detection[] {
  return elementsOf(shownFound(state), state.view.selectedIds);
}

export function currentHistory(state: AppState): readonly RunSummary[] {
  return (state.images.currentId === undefined ? undefined : state.runs.history[state.images.currentId]) ?? noRuns;
}

/** The run of an image that is queued or under way. */
export function activeRunOf(state: AppState, imageId: string): RunView | undefined {
  const shown = shownRunOf(state, imageId);
  if (isActive(shown)) return shown;
  return Object.values(state.runs.byId).find((run) => run.imageId === imageId && isActive(run));
}

export function currentActiveRun(state: AppState): RunView | undefined {
  return state.images.currentId === undefined ? undefined : activeRunOf(state, state.images.currentId);
}

/** The chosen mode's support by the chosen model. */
export function chosenMode(state: AppState): ModeChoice | undefined {
  const mode = state.host.settings?.mode;
  return modeChoices(chosenModel(state.host)).find((choice) => choice.mode === mode);
}

/** Why a detection of the current image cannot be started now; undefined if it can. */
export function detectBlocker(state: AppState): string | undefined {
  if (currentImage(state) === undefined) return "Open a screenshot first.";
  return requestBlocker(state);
}

/** Why no image's detection can be started with the present choices; undefined if it can. */
export function requestBlocker(state: AppState): string | undefined {
  const { settings, models } = state.host;
  if (settings === undefined) return "Holoscope is still starting.";
  if (models.length === 0) return "There is no model. Add a GGUF pair first.";
  const mode = chosenMode(state);
  if (mode?.enabled === false) return mode.note;
  if (settings.mode === "locate" && state.view.target.trim() === "") return "Type what to locate first.";
  return undefined;
}
