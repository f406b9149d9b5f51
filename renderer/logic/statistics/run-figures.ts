import { defined, isMeasured, type RunRecord, type StageName, stageNames } from "../../../app/contract/index.ts";
import { type Spread, spreadOf } from "../../../app/presentation/spread.ts";

/** What is known of one stage, or of the total, over several runs. */
export interface Figures {
  /** ms; absent if no run measured it. */
  readonly measured?: Spread;
  /** Runs that took the stage's result from an earlier run. They have no time for it. */
  readonly reused: number;
  /** Runs in which the stage's work was done ahead, during an earlier run; absent if none. They have no time either. */
  readonly overlapped?: number;
}

export interface RunFigures {
  /** Runs that were looked at: finished, and no warm-up. */
  readonly runs: number;
  readonly stages: Readonly<Record<StageName, Figures>>;
  /** Only of runs that measured every stage: a total that lacks one cannot be compared with the others. */
  readonly total: Figures;
}

/**
 * Whether a run counts as a measurement. Failed, cancelled and warm-up runs do not, nor do runs in which focus mode had
 * only a part of the screenshot looked at, or none.
 */
export function counts(run: RunRecord): boolean {
  return run.status === "done" && run.repeat?.warmup !== true && (run.focus?.outcome ?? "full") === "full";
}

/** Whether a stage was reused or overlapped, so that the total is not that of all the work. */
export function lacksTimes(run: RunRecord): boolean {
  return run.stages.some((stage) => !isMeasured(stage));
}

/** ms that a run measured for a stage; undefined where the stage was reused or overlapped, or never ran. */
export function measuredMs(run: RunRecord, name: StageName): number | undefined {
  return run.stages.find((each) => each.stage === name && isMeasured(each))?.ms;
}

/** Totals in ms of the runs that count and measured every stage, in the order given. */
export function wholeTotals(runs: readonly RunRecord[]): readonly number[] {
  return runs.filter((run) => counts(run) && !lacksTimes(run)).map((run) => run.totalMs);
}

/** Medians and spread of every stage and of the total. */
export function figuresOf(records: readonly RunRecord[]): RunFigures {
  const runs = records.filter(counts);
  const stages = Object.fromEntries(stageNames.map((name) => [name, stageFigures(runs, name)]));
  const reused = runs.filter((run) => run.stages.some((stage) => stage.reused === true)).length;
  return {
    runs: runs.length,
    stages: stages as Record<StageName, Figures>,
    total: figures(wholeTotals(runs), reused, runs.filter(lacksTimes).length - reused),
  };
}

/** "2 reused, 1 overlapped"; empty if every run measured it. */
export function unmeasuredText({ reused, overlapped = 0 }: Figures): string {
  return [reused > 0 && `${reused} reused`, overlapped > 0 && `${overlapped} overlapped`].filter(Boolean).join(", ");
}

function stageFigures(runs: readonly RunRecord[], name: StageName): Figures {
  const found = runs.flatMap((run) => run.stages.filter(({ stage }) => stage === name));
  const reused = found.filter((stage) => stage.reused === true).length;
  const measured = found.filter(isMeasured).map(({ ms }) => ms);
  return figures(measured, reused, found.length - measured.length - reused);
}

function figures(values: readonly number[], reused: number, overlapped: number): Figures {
  const measured = spreadOf(values);
  return {
    ...defined({ measured }),
    reused,
    ...defined({ overlapped: overlapped > 0 ? overlapped : undefined }),
  };
}
