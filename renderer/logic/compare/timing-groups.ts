import { group } from "d3-array";
import type { RunRecord } from "../../../app/contract/index.ts";
import { type Figures, figuresOf, type RunFigures } from "../statistics/run-figures.ts";
import { configurationKey } from "./configuration.ts";
import { runFacts, runNames } from "./run-names.ts";

export const groupings = ["run", "configuration", "backend", "machine", "model", "profile"] as const;
export type Grouping = (typeof groupings)[number];

export const groupingTexts: Readonly<Record<Grouping, string>> = {
  run: "Each run",
  configuration: "Configuration",
  backend: "Backend",
  machine: "Machine",
  model: "Model",
  profile: "Profile",
};

/** What the runs of one group have in common. */
const keysOf: Readonly<Record<Grouping, (run: RunRecord) => string>> = {
  run: ({ id }) => id,
  configuration: configurationKey,
  backend: runFacts.backend.key,
  machine: runFacts.machine.key,
  model: runFacts.model.key,
  profile: runFacts.profile.key,
};

/** Runs whose times are taken together. */
export interface TimingGroup {
  readonly key: string;
  readonly name: string;
  readonly records: readonly RunRecord[];
  readonly figures: RunFigures;
  /** What else differs inside the group; not empty means that its median mixes unlike runs. */
  readonly mixes: readonly string[];
}

/** Groups in the order of their first run. Failed, cancelled and warm-up runs stay in `records` and out of `figures`. */
export function timingGroups(runs: readonly RunRecord[], grouping: Grouping): readonly TimingGroup[] {
  const groups = [...group(runs, keysOf[grouping])].flatMap(([key, records]) =>
    records[0] === undefined ? [] : [{ key, records, first: records[0] }],
  );
  const names = runNames(groups.map(({ first }) => first));
  return groups.map(({ key, records, first }) => {
    const fact = grouping === "run" || grouping === "configuration" ? undefined : runFacts[grouping];
    const name = fact?.text(first) ?? names.get(first.id) ?? first.id;
    return { key, name, records, figures: figuresOf(records), mixes: mixesOf(records) };
  });
}

/** How many times as long as the baseline: median by median. Undefined where either was not measured. */
export function ratioTo(baseline: Figures | undefined, figures: Figures): number | undefined {
  const base = baseline?.measured?.median;
  const own = figures.measured?.median;
  return base === undefined || own === undefined || base <= 0 ? undefined : own / base;
}

function mixesOf(records: readonly RunRecord[]): readonly string[] {
  const distinct = (key: (run: RunRecord) => string) => new Set(records.map(key)).size;
  const named = (["backend", "machine", "model", "profile"] as const).flatMap((fact) => {
    const count = distinct(runFacts[fact].key);
    return count > 1 ? [`${count} ${fact}s`] : [];
  });
  return named.length === 0 && distinct(configurationKey) > 1 ? ["other settings"] : named;
}
