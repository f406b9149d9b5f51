import type { Detection, ModelJob, RunRecord, RunSummary } from "../../app/contract/index.ts";
import { applyFilter, type Found, type VisibleElements } from "../logic/declutter/filter.ts";
import { type ModeChoice, modeChoices } from "../logic/modes.ts";
import { rememberLast } from "../logic/remember-last.ts";
import { isActive, type RunView } from "../logic/run-view.ts";
import type { AppState } from "./app-store.ts";
import { chosenModel } from "./host-slice.ts";

/** Questions that views ask across slices. All return stable references as long as nothing relevant changed. */

const noDetections: readonly Detection[] = [];
const noRuns: readonly RunSummary[] = [];

export function shownRunOf(state: AppState, imageId: string): RunView | undefined {
  const runId = state.runs.shown[imageId];
  return runId === undefined ? undefined : state.runs.byId[runId];
}

/** Asks about the image that is open in the window; undefined while none is. */
const ofCurrentImage =
  <T>(ask: (state: AppState, imageId: string) => T | undefined) =>
  (state: AppState): T | undefined =>
    state.images.currentId === undefined ? undefined : ask(state, state.images.currentId);

export const currentImage = ofCurrentImage((state, id) => state.images.byId[id]);
export const shownRun = ofCurrentImage(shownRunOf);
export const currentActiveRun = ofCurrentImage(activeRunOf);
const historyOfCurrent = ofCurrentImage((state, id) => state.runs.history[id]);
export const currentHistory = (state: AppState): readonly RunSummary[] => historyOfCurrent(state) ?? noRuns;

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
  if (id === undefined) return undefined;
  const wanted = (each: Detection) => each.id === id;
  return detections.find(wanted) ?? belowThreshold.find(wanted);
}

/** Id of the active element of the selection. */
export function selectedId({ view }: AppState): string | undefined {
  return view.selectedIds.at(-1);
}

/** The active element of the selection. */
export function selectedDetection(state: AppState): Detection | undefined {
  return foundElement(shownFound(state), selectedId(state));
}

const elementsOf = rememberLast((found: Found, ids: readonly string[]) =>
  ids.map((id) => foundElement(found, id)).filter((each) => each !== undefined),
);

/** All selected elements, in the order they were selected; the active one last. */
export function selectedDetections(state: AppState): readonly Detection[] {
  return elementsOf(shownFound(state), state.view.selectedIds);
}

/** The run of an image that is queued or under way. */
export function activeRunOf(state: AppState, imageId: string): RunView | undefined {
  const shown = shownRunOf(state, imageId);
  if (isActive(shown)) return shown;
  return Object.values(state.runs.byId).find((run) => run.imageId === imageId && isActive(run));
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

/** The conversion that a button of the doctor started last, as soon as the host tells of it. */
export function repairJob({ doctor, models }: AppState): ModelJob | undefined {
  return models.jobs.find(({ id }) => id === doctor.repairId);
}

/** The run on one side of the comparison. */
export function comparedRun({ compare }: AppState, side: "a" | "b"): RunRecord | undefined {
  return compare.records.find((record) => record.id === compare[side]);
}
