import { defined, type Stage, type StageName } from "../contract/index.ts";
import { throwIfCancelled } from "./errors.ts";

type MeasuredStage = Exclude<StageName, "other">;

export type StageDetails = Pick<Stage, "parts" | "reused" | "overlappedMs" | "includes">;

export interface StageListener {
  /** A stage begins. */
  progress(stage: MeasuredStage): void;
  /** A stage has ended; after all others "other". */
  stage(stage: Stage): void;
}

/** ms on the one monotonic clock of the engine. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Runs and measures the stages of one detection, one after the other. "other" is what the total has beyond them, so that
 * they always add up to it.
 */
export class StageClock {
  readonly #start = now();
  readonly #stages: Stage[] = [];
  readonly #listener: StageListener;
  readonly #signal: AbortSignal;

  constructor(listener: StageListener, signal: AbortSignal) {
    this.#listener = listener;
    this.#signal = signal;
  }

  /** ms since the detection began. */
  elapsed(): number {
    return now() - this.#start;
  }

  /**
   * Runs a stage. `describe` tells the stage's measured parts, and whether it was reused, from what it returns.
   * Errors: CANCELLED if the signal has fired, else what the stage throws.
   */
  async measure<T>(
    stage: MeasuredStage,
    work: () => T | Promise<T>,
    describe?: (result: T) => StageDetails,
  ): Promise<T> {
    throwIfCancelled(this.#signal);
    this.#listener.progress(stage);
    const start = now();
    const result = await work();
    this.#end({ stage, ms: now() - start, ...describe?.(result) });
    return result;
  }

  /** Notes stages that are not run because earlier results stand in for theirs. */
  reuse(stages: readonly MeasuredStage[]): void {
    for (const stage of stages) this.#end({ stage, ms: 0, reused: true });
  }

  /**
   * Takes time out of a measured stage for one before it, as the engine told it afterwards.
   * @param ms at most all of the stage's time is taken
   */
  carve(from: MeasuredStage, into: MeasuredStage, ms: number): void {
    const index = this.#stages.findIndex(({ stage }) => stage === from);
    const whole = this.#stages[index];
    if (whole === undefined) return;
    const taken = Math.max(0, Math.min(ms, whole.ms));
    const { includes = [], ...stage } = whole;
    const left = includes.filter((name) => name !== into);
    const rest = { ...stage, ms: whole.ms - taken, ...(left.length === 0 ? {} : { includes: left }) };
    this.#stages.splice(index, 1, { stage: into, ms: taken }, rest);
    for (const each of [{ stage: into, ms: taken }, rest]) this.#listener.stage(each);
  }

  /** Adds to a measured stage what the engine told of it afterwards. */
  note(stage: MeasuredStage, details: StageDetails): void {
    const index = this.#stages.findIndex((each) => each.stage === stage);
    const measured = this.#stages[index];
    if (measured === undefined) return;
    const noted = { ...measured, ...details };
    this.#stages[index] = noted;
    this.#listener.stage(noted);
  }

  /** Ends the clock: the total in ms and all stages in the order in which they ran. */
  finish(): { readonly totalMs: number; readonly stages: Stage[] } {
    const totalMs = this.elapsed();
    const measured = this.#stages.reduce((sum, stage) => sum + stage.ms, 0);
    this.#end({ stage: "other", ms: Math.max(0, totalMs - measured) });
    return { totalMs, stages: this.#stages };
  }

  /** A stage that ran before, as in a refined search, is one with it. */
  #end(stage: Stage): void {
    const index = this.#stages.findIndex((earlier) => earlier.stage === stage.stage);
    const [before] = index < 0 ? [] : this.#stages.splice(index, 1);
    const whole = before === undefined ? stage : joined(before, stage);
    this.#stages.push(whole);
    this.#listener.stage(whole);
  }
}

/** Times add up, part by part; the whole counts as reused only if both are. */
function joined(before: Stage, after: Stage): Stage {
  const names = [...new Set([...(before.parts ?? []), ...(after.parts ?? [])].map(({ name }) => name))];
  const partMs = ({ parts = [] }: Stage, name: string): number => parts.find((part) => part.name === name)?.ms ?? 0;
  const parts = names.map((name) => ({ name, ms: partMs(before, name) + partMs(after, name) }));
  return {
    stage: after.stage,
    ms: before.ms + after.ms,
    ...defined({
      includes: after.includes ?? before.includes,
      parts: parts.length === 0 ? undefined : parts,
      reused: before.reused && after.reused ? true : undefined,
    }),
  };
}
