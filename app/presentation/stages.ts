import { localStageNames, type StageName, stageNames } from "../contract/index.ts";
import { stageTexts } from "./texts.ts";

interface NamedStage {
  readonly stage: StageName;
  readonly includes?: readonly StageName[] | undefined;
}

interface Staged {
  readonly stages: readonly NamedStage[];
}

const local: ReadonlySet<StageName> = new Set(localStageNames);

/**
 * The stages that a table or chart of these runs has, in the order they run: this machine's own, and what else one of
 * them tells, but none that is only known as part of another.
 */
export function stagesIn(runs: readonly Staged[]): readonly StageName[] {
  const stages = runs.flatMap((run) => run.stages);
  const told = new Set(stages.map(({ stage }) => stage));
  const hidden = new Set(stages.flatMap(({ includes = [] }) => includes));
  return ownStagesAnd((name) => told.has(name)).filter((name) => told.has(name) || !hidden.has(name));
}

/** This machine's own stages and the others that are told, in the order they run. */
export function ownStagesAnd(told: (name: StageName) => boolean): readonly StageName[] {
  return stageNames.filter((name) => local.has(name) || told(name));
}

/** "Prefill", or "Encode + prefill" where the time holds both. */
export function stageLabel({ stage, includes = [] }: NamedStage): string {
  const names = [...includes, stage].map((name) => stageTexts[name].name);
  return names.map((name, index) => (index === 0 ? name : name.toLowerCase())).join(" + ");
}

/** The stage of a run whose time holds that of another, where the engine does not tell them apart. */
export function stageHolding({ stages }: Staged, name: StageName): StageName | undefined {
  return stages.find(({ includes = [] }) => includes.includes(name))?.stage;
}
