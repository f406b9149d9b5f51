import { quantile } from "d3-array";
import {
  type Agreement,
  type Detection,
  defined,
  type EngineResult,
  matchDetections,
  matchIou,
  type Spread,
  type StageName,
  stageNames,
  type TryRow,
} from "../../../contract/index.ts";
import type { Variant } from "./variants.ts";

/** Fewest rounds for which a spread is meaningful. */
const leastRounds = 3;

/** The results of one variant so far. */
export interface VariantRecord {
  readonly variant: Variant;
  /** The first run after loading, which shows the variant's real input and context. Absent if it failed. */
  first?: EngineResult;
  /** Whether flash attention was on in the language model, as the engine decided. */
  flashAttention?: boolean;
  /** By round. */
  readonly runs: EngineResult[];
  /** Why it is not measured. */
  out?: { readonly status: "failed" | "skipped"; readonly reason: string };
}

/** Median and the 5th and 95th percentile of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const at = (share: number): number => quantile(values, share) ?? Number.NaN;
  return { median: at(0.5), p5: at(0.05), p95: at(0.95) };
}

/** The row of the table; ratios are taken round by round, so that slow drifts cancel out. */
export function rowOf(record: VariantRecord, baseline: VariantRecord): TryRow {
  const { variant, first, runs, out, flashAttention } = record;
  const { id, remedy, label, overrides } = variant;
  const isBaseline = remedy === "baseline";
  const ratios = isBaseline ? [] : ratiosOf(runs, baseline.runs);
  const ratio = ratios.length === 0 ? undefined : spreadOf(ratios);
  const [reference] = baseline.runs;
  // The baseline is compared with its own last run, which reveals a machine whose answers vary.
  const compared = isBaseline ? runs.at(-1) : runs[0];
  return {
    id,
    remedy,
    label,
    overrides,
    status: out?.status ?? "done",
    runs: runs.length,
    stages: stagesOf(runs),
    ...defined({
      reason: out?.reason,
      input: first?.input,
      tokens: first?.tokens,
      effective: first && {
        ...defined({
          contextTokens: first.effective.contextTokens,
          batchTokens: first.effective.batchTokens,
          flashAttention,
        }),
      },
      total: runs.length === 0 ? undefined : spreadOf(runs.map(({ totalMs }) => totalMs)),
      ratio,
      significant: ratio && ratios.length >= leastRounds ? ratio.p5 > 1 || ratio.p95 < 1 : undefined,
      agreement: reference && compared && agreementOf(reference.detections, compared.detections),
    }),
    source: {
      kind: "measurement",
      detail:
        runs.length === 0
          ? "one run to see what it means"
          : `${runs.length} warm runs, each in a round with the baseline`,
    },
  };
}

function ratiosOf(runs: readonly EngineResult[], baseline: readonly EngineResult[]): number[] {
  return runs.flatMap((run, round) => {
    const reference = baseline[round]?.totalMs;
    return reference === undefined || reference <= 0 ? [] : [run.totalMs / reference];
  });
}

function stagesOf(runs: readonly EngineResult[]): TryRow["stages"] {
  const spreads = stageNames.flatMap((name): [StageName, Spread][] => {
    const times = runs.flatMap(({ stages }) =>
      stages.filter(({ stage, reused }) => stage === name && !reused).map(({ ms }) => ms),
    );
    return times.length === 0 ? [] : [[name, spreadOf(times)]];
  });
  return Object.fromEntries(spreads);
}

/** How well `found` agrees with the baseline: F1 over pairs with an IoU of at least 0.5. */
export function agreementOf(baseline: readonly Detection[], found: readonly Detection[]): Agreement {
  const pairs = matchDetections(baseline, found).pairs.filter(({ iou }) => iou >= matchIou);
  const f1 = (matched: number): number =>
    baseline.length + found.length === 0 ? 1 : (2 * matched) / (baseline.length + found.length);
  return {
    baseline: baseline.length,
    found: found.length,
    matched: pairs.length,
    f1: f1(pairs.length),
    f1SameLabel: f1(pairs.filter(({ a, b }) => a.label === b.label).length),
  };
}
