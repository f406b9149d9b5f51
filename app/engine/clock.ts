import type { Stage, StageName } from "../contract/index.ts";

type MeasuredStage = Exclude<StageName, "other">;
const stageOrder: readonly MeasuredStage[] = ["decode", "preprocess", "encode", "prefill", "generate", "parse"];

export type StageDetails = Pick<Stage, "parts" | "reused" | "overlappedMs">;

/** ms on the one monotonic clock of the engine. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Measures the stages of one detection, which run one after the other. "other" is what the total has beyond them, so
 * that they always add up to it.
 */
export class StageClock {
  readonly #start = now();
  readonly #stages = new Map<MeasuredStage, Stage>();
  readonly #onStage: (stage: Stage) => void;

  /** @param onStage called at the end of each stage, and at last with "other" */
  constructor(onStage: (stage: Stage) => void) {
    this.#onStage = onStage;
  }

  /** ms since the detection began. */
  elapsed(): number {
    return now() - this.#start;
  }

  /** Runs a stage. `describe` tells the stage's measured parts, and whether it was reused, from what it returns. */
  async measure<T>(
    stage: MeasuredStage,
    work: () => T | Promise<T>,
    describe?: (result: T) => StageDetails,
  ): Promise<T> {
    const start = now();
    const result = await work();
    const ms = now() - start;
    const measured = { stage, ms, ...describe?.(result) };
    this.#stages.set(stage, measured);
    this.#onStage(measured);
    return result;
  }

  /** Notes stages that are not run, because earlier results stand for theirs. */
  reuse(stages: readonly MeasuredStage[]): void {
    for (const stage of stages) {
      const reused = { stage, ms: 0, reused: true };
      this.#stages.set(stage, reused);
      this.#onStage(reused);
    }
  }

  /** Ends the clock: the total in ms and all stages in the order they run. */
  finish(): { readonly totalMs: number; readonly stages: Stage[] } {
    const totalMs = this.elapsed();
    const stages = stageOrder.flatMap((name) => this.#stages.get(name) ?? []);
    const measured = stages.reduce((sum, stage) => sum + stage.ms, 0);
    const other: Stage = { stage: "other", ms: Math.max(0, totalMs - measured) };
    this.#onStage(other);
    return { totalMs, stages: [...stages, other] };
  }
}
