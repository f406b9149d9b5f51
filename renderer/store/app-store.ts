import { createStore, type StoreApi } from "zustand/vanilla";
import { emptyBatch } from "../logic/batch/batch.ts";
import { openFilter } from "../logic/declutter/filter.ts";
import { defaultPrefs } from "../logic/prefs/prefs.ts";
import { initialCompare } from "./compare-slice.ts";
import { initialDoctor } from "./doctor-slice.ts";
import { initialHost } from "./host-slice.ts";
import { initialImages } from "./images-slice.ts";
import { initialKept } from "./kept-slice.ts";
import { initialLibrary } from "./library-slice.ts";
import { initialModels } from "./models-slice.ts";
import { initialNotices } from "./notices-slice.ts";
import { initialRepeat } from "./repeat-slice.ts";
import { initialRuns } from "./runs-slice.ts";
import { initialScreen } from "./screen-slice.ts";
import { initialToasts } from "./toasts-slice.ts";
import { initialTruth } from "./truth-slice.ts";
import { initialView } from "./view-slice.ts";

/** The export that is being made: how many of its runs have been read. */
interface ExportsState {
  readonly working: { readonly done: number; readonly of: number } | undefined;
}

const noExport: ExportsState = { working: undefined };

/** The state of a window that was just opened. */
const initialState = {
  host: initialHost,
  images: initialImages,
  runs: initialRuns,
  view: initialView,
  /** It stays when another image or run is shown, except `only`: ids belong to a run. */
  filter: openFilter,
  truth: initialTruth,
  notices: initialNotices,
  toasts: initialToasts,
  prefs: defaultPrefs,
  screen: initialScreen,
  library: initialLibrary,
  kept: initialKept,
  batch: emptyBatch,
  exports: noExport,
  compare: initialCompare,
  repeat: initialRepeat,
  models: initialModels,
  doctor: initialDoctor,
};

/** The whole state of the window. Only commands and host events change it. */
export type AppState = Readonly<typeof initialState>;

export type AppStore = StoreApi<AppState>;

export function createAppStore(): AppStore {
  return createStore<AppState>(() => initialState);
}

/** Changes one slice. */
export function update<S extends keyof AppState>(
  store: AppStore,
  slice: S,
  change: (state: AppState[S]) => AppState[S],
): void {
  store.setState((state) => ({ [slice]: change(state[slice]) }));
}

/** Lays fields over one slice. */
export function patch<S extends keyof AppState>(store: AppStore, slice: S, fields: Partial<AppState[S]>): void {
  update(store, slice, (state) => ({ ...state, ...fields }));
}
