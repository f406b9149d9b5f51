import { createStore, type StoreApi } from "zustand/vanilla";
import { type BatchState, emptyBatch } from "../model/batch/batch.ts";
import { defaultPrefs, type Prefs } from "../model/prefs/prefs.ts";
import { type CompareState, initialCompare } from "./compare-slice.ts";
import { type DialogState, initialDialog } from "./dialog-slice.ts";
import { type DoctorState, initialDoctor } from "./doctor-slice.ts";
import { type ExportsState, initialExports } from "./exports-slice.ts";
import { type FilterState, initialFilter } from "./filter-slice.ts";
import { type HostState, initialHost } from "./host-slice.ts";
import { type ImagesState, initialImages } from "./images-slice.ts";
import { initialLibrary, type LibraryState } from "./library-slice.ts";
import { initialModels, type ModelsState } from "./models-slice.ts";
import { initialNotices, type NoticesState } from "./notices-slice.ts";
import { initialRepeat, type RepeatState } from "./repeat-slice.ts";
import { initialRuns, type RunsState } from "./runs-slice.ts";
import { initialScreen, type ScreenState } from "./screen-slice.ts";
import { initialToasts, type ToastsState } from "./toasts-slice.ts";
import { initialTruth, type TruthState } from "./truth-slice.ts";
import { initialView, type ViewState } from "./view-slice.ts";

/** The whole state of the window. Only commands and host events change it. */
export interface AppState {
  readonly host: HostState;
  readonly images: ImagesState;
  readonly runs: RunsState;
  readonly view: ViewState;
  readonly filter: FilterState;
  readonly truth: TruthState;
  readonly notices: NoticesState;
  readonly toasts: ToastsState;
  readonly dialog: DialogState;
  readonly prefs: Prefs;
  readonly screen: ScreenState;
  readonly library: LibraryState;
  readonly batch: BatchState;
  readonly exports: ExportsState;
  readonly compare: CompareState;
  readonly repeat: RepeatState;
  readonly models: ModelsState;
  readonly doctor: DoctorState;
}

export type AppStore = StoreApi<AppState>;

export function createAppStore(): AppStore {
  return createStore<AppState>(() => ({
    host: initialHost,
    images: initialImages,
    runs: initialRuns,
    view: initialView,
    filter: initialFilter,
    truth: initialTruth,
    notices: initialNotices,
    toasts: initialToasts,
    dialog: initialDialog,
    prefs: defaultPrefs,
    screen: initialScreen,
    library: initialLibrary,
    batch: emptyBatch,
    exports: initialExports,
    compare: initialCompare,
    repeat: initialRepeat,
    models: initialModels,
    doctor: initialDoctor,
  }));
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
