import type { EventPayload, RunSummary } from "../../app/contract/index.ts";
import { type LibraryFilter, type LibrarySort, newestFirst, noFilter, shownRuns } from "../logic/library/filter.ts";
import { type LibrarySelection, nothingSelected, targets, without } from "../logic/library/selection.ts";
import { rememberLast } from "../logic/remember-last.ts";

/** All stored runs, as the host listed them, and how they are looked at. */
export interface LibraryState {
  readonly status: "unread" | "reading" | "read";
  readonly runs: readonly RunSummary[];
  readonly filter: LibraryFilter;
  readonly sort: LibrarySort;
  readonly selection: LibrarySelection;
}

export const initialLibrary: LibraryState = {
  status: "unread",
  runs: [],
  filter: noFilter,
  sort: newestFirst,
  selection: nothingSelected,
};

const filterAndSort = rememberLast(shownRuns);

/** The runs that pass the filter, in their order; the same array as long as nothing relevant changed. */
export function libraryRuns({ runs, filter, sort }: LibraryState): readonly RunSummary[] {
  return filterAndSort(runs, filter, sort);
}

const idsOf = rememberLast((runs: readonly RunSummary[]) => runs.map(({ id }) => id));

/** Their ids. */
export function libraryIds(state: LibraryState): readonly string[] {
  return idsOf(libraryRuns(state));
}

/** What a command on the library is about. */
export function libraryTargets(state: LibraryState): readonly string[] {
  return targetsOf(state.selection, libraryIds(state));
}

const targetsOf = rememberLast(targets);

/** The active run, which keys act on, if it is shown. */
export function activeLibraryRun(state: LibraryState): RunSummary | undefined {
  const { activeId } = state.selection;
  return activeId === undefined ? undefined : libraryRuns(state).find(({ id }) => id === activeId);
}

/** Takes in what the host says about runs that were added, changed or deleted. */
export function withChangedRuns(state: LibraryState, change: EventPayload<"runs.changed">): LibraryState {
  const gone = new Set(change.removed);
  const fresh = new Map([...change.added, ...change.changed].map((run) => [run.id, run]));
  const known = new Set(state.runs.map(({ id }) => id));
  const runs = [
    ...[...fresh.values()].filter(({ id }) => !known.has(id)),
    ...state.runs.filter(({ id }) => !gone.has(id)).map((run) => fresh.get(run.id) ?? run),
  ];
  return { ...state, runs, selection: gone.size === 0 ? state.selection : without(state.selection, gone) };
}
