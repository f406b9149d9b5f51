import type { RunRecord, StageName } from "../../../app/contract/index.ts";
import { counts, lacksTimes, measuredMs } from "../statistics/run-figures.ts";
import { configurationKey } from "./configuration.ts";

/** One measurement of a configuration. */
export interface HistoryPoint {
  readonly runId: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly ms: number;
  readonly app: string;
  readonly llamaCpp: string | undefined;
}

/**
 * Times of the runs that share `like`'s configuration, oldest first. A stage that was reused or overlapped has no time,
 * and a run with any such stage has no total.
 */
export function historyOf(
  records: readonly RunRecord[],
  like: RunRecord,
  what: StageName | "total",
): readonly HistoryPoint[] {
  const key = configurationKey(like);
  return records
    .filter((run) => counts(run) && configurationKey(run) === key)
    .flatMap((run) => {
      const total = lacksTimes(run) ? undefined : run.totalMs;
      const ms = what === "total" ? total : measuredMs(run, what);
      const at = Date.parse(run.createdAt);
      return ms === undefined
        ? []
        : [{ runId: run.id, at, ms, app: run.app.version, llamaCpp: run.engine?.llamaCppRelease }];
    })
    .sort((a, b) => a.at - b.at);
}
