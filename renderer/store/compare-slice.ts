import type { RunRecord, StageName } from "../../app/contract/index.ts";
import type { Grouping } from "../logic/compare/timing-groups.ts";

/** How the picture shows the two runs: side by side at the handle, one of them, or both upon each other. */
export const overlayModes = ["swipe", "a", "b", "both"] as const;
export type OverlayMode = (typeof overlayModes)[number];

export const compareTabs = ["elements", "times", "history"] as const;
export type CompareTab = (typeof compareTabs)[number];

/** What is chosen for comparison and how it is looked at. */
export interface CompareState {
  /** Ids of runs ticked in the list of runs, in the order they were ticked. */
  readonly chosen: readonly string[];
  /** Runs under comparison, whole; all of one image. */
  readonly records: readonly RunRecord[];
  /** The two runs of the picture. */
  readonly a: string | undefined;
  readonly b: string | undefined;
  readonly overlay: OverlayMode;
  /** Where the handle stands: percent of the picture's width. A is on its left. */
  readonly swipe: number;
  /** Id in the difference list. */
  readonly selectedId: string | undefined;
  readonly tab: CompareTab;
  readonly grouping: Grouping;
  /** Key of the group that ratios are taken to; the first group if it is not there. */
  readonly baseline: string | undefined;
  /** Whether the report's figures are shown beside the measured ones. */
  readonly reported: boolean;
  readonly history: {
    /** Runs of the image that are looked through; undefined until they were fetched. */
    readonly records: readonly RunRecord[] | undefined;
    /** Id of the run whose configuration is followed; the first if undefined. */
    readonly like: string | undefined;
    readonly what: StageName | "total";
  };
}

export const initialCompare: CompareState = {
  chosen: [],
  records: [],
  a: undefined,
  b: undefined,
  overlay: "swipe",
  swipe: 50,
  selectedId: undefined,
  tab: "elements",
  grouping: "run",
  baseline: undefined,
  reported: false,
  history: { records: undefined, like: undefined, what: "total" },
};

/** Ticks or unticks a run. */
export function withChosen(state: CompareState, runId: string, chosen: boolean): CompareState {
  const others = state.chosen.filter((id) => id !== runId);
  return { ...state, chosen: chosen ? [...others, runId] : others };
}

/** Unticks runs that are gone. */
export function withoutChosen(state: CompareState, gone: readonly string[]): CompareState {
  const chosen = state.chosen.filter((id) => !gone.includes(id));
  return chosen.length === state.chosen.length ? state : { ...state, chosen };
}

/** Ends the comparison if it is of an image that is gone. */
export function withoutCompared(state: CompareState, gone: ReadonlySet<string>): CompareState {
  const [first] = state.records;
  return first !== undefined && gone.has(first.image.id) ? withCompared(state, []) : state;
}

/** Starts with the runs given; how they are looked at stays as it was. */
export function withCompared(state: CompareState, records: readonly RunRecord[]): CompareState {
  const [first, second] = records;
  return {
    ...state,
    records,
    a: first?.id,
    b: second?.id,
    swipe: 50,
    selectedId: undefined,
    baseline: undefined,
    history: { ...state.history, records: undefined, like: first?.id },
  };
}
