import { type StageName, stageNames } from "../../../contract/detection.ts";
import type { Spread, TryRow } from "../../../contract/doctor-try.ts";
import type { EngineResult } from "../../../contract/run.ts";
import { quantile } from "../../quantile.ts";
import { agreementOf } from "./agreement.ts";
import type { Variant } from "./variants.ts";

/** Fewer rounds than this say nothing of a spread. */
const leastRounds = 3;

/** What became of one variant so far. */
export interface VariantRecord {
  readonly variant: Variant;
  /** The first run after loading: what the variant really means. Absent if it failed. */
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
  return { median: quantile(values, 0.5), p5: quantile(values, 0.05), p95: quantile(values, 0.95) };
}

/** The row of the table; ratios are taken round by round, so that what drifts over time cancels out. */
export function rowOf(record: VariantRecord, baseline: VariantRecord): TryRow {
  const { variant, first, runs, out, flashAttention } = record;
  const { id, remedy, label, overrides } = variant;
  const isBaseline = remedy === "baseline";
  const ratios = isBaseline ? [] : ratiosOf(runs, baseline.runs);
  const ratio = ratios.length === 0 ? undefined : spreadOf(ratios);
  const [reference] = baseline.runs;
  // The baseline is compared with its own last run: a machine that answers differently each time shows there.
  const compared = isBaseline ? runs.at(-1) : runs[0];
  return {
    id,
    remedy,
    label,
    overrides,
    status: out?.status ?? "done",
    ...(out === undefined ? {} : { reason: out.reason }),
    runs: runs.length,
    ...(first === undefined
      ? {}
      : {
          input: first.input,
          tokens: first.tokens,
          effective: {
            contextTokens: first.effective.contextTokens,
            batchTokens: first.effective.batchTokens,
            ...(flashAttention === undefined ? {} : { flashAttention }),
          },
        }),
    stages: stagesOf(runs),
    ...(runs.length === 0 ? {} : { total: spreadOf(runs.map(({ totalMs }) => totalMs)) }),
    ...(ratio === undefined ? {} : { ratio }),
    ...(ratio === undefined || ratios.length < leastRounds ? {} : { significant: ratio.p5 > 1 || ratio.p95 < 1 }),
    ...(reference === undefined || compared === undefined
      ? {}
      : { agreement: agreementOf(reference.detections, compared.detections) }),
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
