import type { RunRecord } from "../../app/contract/index.ts";

/** One "repeat N times", under way or ended. */
export interface RepeatState {
  /** undefined before the first repetition in this window. */
  readonly series: RepeatSeries | undefined;
}

export interface RepeatSeries {
  readonly group: string;
  readonly imageId: string;
  /** Measured runs asked for. */
  readonly of: number;
  /** Runs before them that do not count. */
  readonly warmups: number;
  readonly status: "running" | "done" | "cancelled" | "failed";
  /** Id of the run that is queued or under way. */
  readonly runId: string | undefined;
  /** Finished runs, warm-ups too, in their order. */
  readonly records: readonly RunRecord[];
}

export const initialRepeat: RepeatState = { series: undefined };

/** Limits of N. */
export const repeatLimits = { min: 2, max: 100, usual: 5 } as const;
