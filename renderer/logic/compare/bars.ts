import { max, sum } from "d3-array";
import { defined, type StageName, stageNames } from "../../../app/contract/index.ts";
import { ownStagesAnd } from "../../../app/presentation/stages.ts";
import { type ReportedRow, unassignedMs } from "./reported.ts";
import type { TimingGroup } from "./timing-groups.ts";

/** One piece of a stacked bar. */
export interface BarSegment {
  /** A stage, what the report assigns to none, or the rest of a range. */
  readonly key: StageName | "unassigned" | "range";
  readonly ms: number;
}

/** One row of the stacked chart. */
export interface StackedBar {
  readonly key: string;
  readonly name: string;
  /** `reported` rows are hatched: they were not measured here. */
  readonly source: "measured" | "reported";
  readonly segments: readonly BarSegment[];
  /** ms: median of the totals (both ends of a reported range); absent if no run has a whole total. */
  readonly total?: readonly [number, number];
  /** Finished runs of the group, and those of them that have a whole total because they reused nothing. */
  readonly runs: number;
  readonly wholeRuns: number;
  readonly reused: readonly StageName[];
}

/** A group's stages as medians. Reused stages have no length. */
export function measuredBar(group: TimingGroup): StackedBar {
  const { stages, total, runs } = group.figures;
  const median = total.measured?.median;
  return {
    key: group.key,
    name: group.name,
    source: "measured",
    segments: ownStagesAnd((stage) => stages[stage].measured !== undefined).map((stage) => ({
      key: stage,
      ms: stages[stage].measured?.median ?? 0,
    })),
    ...defined({ total: median === undefined ? undefined : ([median, median] satisfies StackedBar["total"]) }),
    runs,
    wholeRuns: total.measured?.n ?? 0,
    reused: stageNames.filter((stage) => stages[stage].reused > 0),
  };
}

/** A reported row; figures that the report does not divide stand under their first stage. */
export function reportedBar(row: ReportedRow): StackedBar {
  const [low, high] = row.total;
  return {
    key: row.key,
    name: `${row.name} (reported)`,
    source: "reported",
    segments: [
      ...row.parts.map(({ stages: [stage], ms }): BarSegment => ({ key: stage, ms })),
      { key: "unassigned", ms: unassignedMs(row) },
      { key: "range", ms: high - low },
    ],
    total: row.total,
    runs: 0,
    wholeRuns: 0,
    reused: [],
  };
}

export function segmentMs(bar: StackedBar, key: BarSegment["key"]): number {
  return bar.segments.find((segment) => segment.key === key)?.ms ?? 0;
}

/** ms where the longest bar ends. */
export function longestBar(bars: readonly StackedBar[]): number {
  return max(bars, ({ segments }) => sum(segments, ({ ms }) => ms)) ?? 0;
}
