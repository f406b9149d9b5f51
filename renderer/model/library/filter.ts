import type { RunSummary } from "../../../app/contract/index.ts";

/** What of the library is shown. An empty text means "any". */
export interface LibraryFilter {
  /** Words that must all occur in the run's texts, in any order and case. */
  readonly text: string;
  readonly status: string;
  readonly backend: string;
  readonly model: string;
  readonly machine: string;
  readonly tag: string;
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
    if (filter.status !== "" && run.status !== filter.status) return false;
    if (filter.backend !== "" && run.backend !== filter.backend) return false;
    if (filter.model !== "" && run.modelName !== filter.model) return false;
    if (filter.machine !== "" && run.machineName !== filter.machine) return false;
    if (filter.tag !== "" && !run.tags.includes(filter.tag)) return false;
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

export interface Facets {
  readonly status: readonly Facet[];
  readonly backend: readonly Facet[];
  readonly model: readonly Facet[];
  readonly machine: readonly Facet[];
  readonly tag: readonly Facet[];
}

/** What there is to filter by, each value with its number of runs, most frequent first. */
export function facetsOf(runs: readonly RunSummary[]): Facets {
  const count = (values: (run: RunSummary) => readonly (string | undefined)[]): readonly Facet[] => {
    const counts = new Map<string, number>();
    for (const run of runs) {
      for (const value of values(run)) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return [...counts]
      .map(([value, number]) => ({ value, count: number }))
      .sort((a, b) => b.count - a.count || collator.compare(a.value, b.value));
  };
  return {
    status: count((run) => [run.status]),
    backend: count((run) => [run.backend]),
    model: count((run) => [run.modelName]),
    machine: count((run) => [run.machineName]),
    tag: count((run) => run.tags),
  };
}
