import type { RunRecord } from "../../../app/contract/index.ts";
import { profileTexts } from "../names.ts";
import { type Figures, figuresOf, type RunFigures } from "../statistics/run-figures.ts";
import { configurationKey, machineKey, modelKey } from "./configuration.ts";
import { backendKey, backendText, runNames } from "./run-names.ts";

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

/** Runs whose times are taken together. */
export interface TimingGroup {
  readonly key: string;
  readonly name: string;
  readonly records: readonly RunRecord[];
  readonly figures: RunFigures;
  /** What else differs inside the group; not empty means that its median mixes unlike runs. */
  readonly mixes: readonly string[];
}

const keys: Readonly<Record<Exclude<Grouping, "run" | "configuration">, (run: RunRecord) => string>> = {
  backend: backendKey,
  machine: machineKey,
  model: modelKey,
  profile: (run) => run.profile,
};

/** Groups in the order of their first run. Failed, cancelled and warm-up runs stay in `records` and out of `figures`. */
export function timingGroups(runs: readonly RunRecord[], grouping: Grouping): readonly TimingGroup[] {
  const members = new Map<string, RunRecord[]>();
  for (const run of runs) {
    const key = keyOf(run, grouping);
    const known = members.get(key);
    if (known === undefined) members.set(key, [run]);
    else known.push(run);
  }
  const names = runNames([...members.values()].flatMap(([first]) => (first === undefined ? [] : [first])));
  return [...members].flatMap(([key, records]) => {
    const [first] = records;
    if (first === undefined) return [];
    const name = nameOf(first, grouping) ?? names.get(first.id) ?? first.id;
    return [{ key, name, records, figures: figuresOf(records), mixes: mixesOf(records) }];
  });
}

/** How many times as long as the baseline: median by median. Undefined where either was not measured. */
export function ratioTo(baseline: Figures | undefined, figures: Figures): number | undefined {
  const base = baseline?.measured?.median;
  const own = figures.measured?.median;
  return base === undefined || own === undefined || base <= 0 ? undefined : own / base;
}

function keyOf(run: RunRecord, grouping: Grouping): string {
  if (grouping === "run") return run.id;
  return grouping === "configuration" ? configurationKey(run) : keys[grouping](run);
}

function nameOf(run: RunRecord, grouping: Grouping): string | undefined {
  switch (grouping) {
    case "run":
    case "configuration":
      return undefined;
    case "backend":
      return backendText(run);
    case "machine":
      return run.machine.name;
    case "model":
      return run.model.name;
    case "profile":
      return profileTexts[run.profile];
  }
}

function mixesOf(records: readonly RunRecord[]): readonly string[] {
  const distinct = (key: (run: RunRecord) => string) => new Set(records.map(key)).size;
  const named = (["backend", "machine", "model", "profile"] as const).flatMap((fact) => {
    const count = distinct(keys[fact]);
    return count > 1 ? [`${count} ${fact}s`] : [];
  });
  return named.length === 0 && distinct(configurationKey) > 1 ? ["other settings"] : named;
}
