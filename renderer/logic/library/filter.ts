import { rollups } from "d3-array";
import type { RunStatus, RunSummary } from "../../../app/contract/index.ts";

/** What runs can be told apart by, and the values that a run has of it. */
const facetValues = {
  status: (run: RunSummary): readonly string[] => [run.status],
  backend: (run: RunSummary) => (run.backend === undefined ? [] : [run.backend]),
  model: (run: RunSummary) => [run.modelName],
  machine: (run: RunSummary) => [run.machineName],
  tag: (run: RunSummary) => run.tags,
} as const satisfies Record<string, (run: RunSummary) => readonly string[]>;
export type FacetName = keyof typeof facetValues;
const facetNames = ["status", "backend", "model", "machine", "tag"] as const satisfies readonly FacetName[];

/** What of the library is shown. An empty text means "any". */
export interface LibraryFilter extends Readonly<Record<FacetName, string>> {
  /** Words that must all occur in the run's texts, in any order and case. */
  readonly text: string;
  /** First and last day, local, as YYYY-MM-DD. */
  readonly from: string;
  readonly to: string;
}

export const noFilter: LibraryFilter = {
  text: "",
  status: "",
  backend: "",
  model: "",
  machine: "",
  tag: "",
  from: "",
  to: "",
};

export const sortKeys = ["name", "detections", "totalMs", "modelName", "backend", "machineName", "createdAt"] as const;
export type SortKey = (typeof sortKeys)[number];

export interface LibrarySort {
  readonly key: SortKey;
  readonly descending: boolean;
}

export const newestFirst: LibrarySort = { key: "createdAt", descending: true };

/** How a run ended, in a word. */
export const statusTexts: Readonly<Record<RunStatus, string>> = {
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** What a run is called: the user's name for it, else its image's. */
export function runTitle(run: RunSummary): string {
  return run.name ?? run.imageName ?? "Unnamed image";
}

/** The runs that pass the filter, sorted; runs that are equal by the key come newest first. */
export function shownRuns(
  runs: readonly RunSummary[],
  filter: LibraryFilter,
  sort: LibrarySort,
): readonly RunSummary[] {
  const passes = filterOf(filter);
  const direction = sort.descending ? -1 : 1;
  return runs
    .filter(passes)
    .sort((a, b) => direction * compare(a, b, sort.key) || b.createdAt.localeCompare(a.createdAt));
}

function filterOf(filter: LibraryFilter): (run: RunSummary) => boolean {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const from = filter.from === "" ? Number.NEGATIVE_INFINITY : new Date(`${filter.from}T00:00:00`).getTime();
  const to = filter.to === "" ? Number.POSITIVE_INFINITY : new Date(`${filter.to}T23:59:59.999`).getTime();
  const dated = filter.from !== "" || filter.to !== "";
  return (run) => {
    if (facetNames.some((name) => filter[name] !== "" && !facetValues[name](run).includes(filter[name]))) return false;
    if (dated) {
      const time = Date.parse(run.createdAt);
      if (time < from || time > to) return false;
    }
    if (words.length === 0) return true;
    const texts = searchedText(run);
    return words.every((word) => texts.includes(word));
  };
}

function searchedText(run: RunSummary): string {
  return [run.name, run.imageName, run.modelName, run.machineName, run.target, run.note, run.id, ...run.tags]
    .filter((text) => text !== undefined)
    .join("\n")
    .toLowerCase();
}

function compare(a: RunSummary, b: RunSummary, key: SortKey): number {
  switch (key) {
    case "detections":
    case "totalMs":
      return a[key] - b[key];
    case "name":
      return collator.compare(runTitle(a), runTitle(b));
    case "createdAt":
      return a.createdAt.localeCompare(b.createdAt);
    default:
      return collator.compare(a[key] ?? "", b[key] ?? "");
  }
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export interface Facet {
  readonly value: string;
  readonly count: number;
}

/** What there is to filter by, each value with its number of runs, most frequent first. */
export function facetsOf(runs: readonly RunSummary[]): Readonly<Record<FacetName, readonly Facet[]>> {
  const count = (name: FacetName): readonly Facet[] =>
    rollups(
      runs.flatMap(facetValues[name]),
      (alike) => alike.length,
      (value) => value,
    )
      .map(([value, number]) => ({ value, count: number }))
      .sort((a, b) => b.count - a.count || collator.compare(a.value, b.value));
  return {
    status: count("status"),
    backend: count("backend"),
    model: count("model"),
    machine: count("machine"),
    tag: count("tag"),
  };
}
