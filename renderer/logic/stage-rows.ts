import { sum } from "d3-array";
import { defined, type Stage, type StageName, type TokenCounts } from "../../app/contract/index.ts";
import { stagesIn } from "../../app/presentation/stages.ts";

/** One line of the timing table. */
export interface StageRow {
  readonly stage: StageName;
  /** `pending`: not measured yet, or never reached. `reused`: not run, an earlier result was taken.
   * `overlapped`: worked on during an earlier detection; `ms` is the time for which this one still waited. */
  readonly state: "measured" | "reused" | "overlapped" | "pending";
  /** ms that an overlapped stage took during the earlier detection. */
  readonly overlappedMs?: number;
  readonly ms: number;
  /** Part of the total, 0..1; not known before the run is done. */
  readonly share?: number;
  readonly tokens?: number;
  /** Only for measured stages that process tokens. */
  readonly tokensPerSecond?: number;
  readonly parts: readonly { readonly name: string; readonly ms: number }[];
  /** Other stages whose work the time holds as well. */
  readonly includes?: readonly StageName[];
}

function tokensOf(stage: StageName, tokens: TokenCounts | undefined): number | undefined {
  if (tokens === undefined) return undefined;
  if (stage === "encode") return tokens.image;
  if (stage === "prefill") return tokens.image + tokens.text;
  if (stage === "generate") return tokens.generated;
  return undefined;
}

/**
 * All stages in the order they run, measured or not; what the engine does not tell apart is one line.
 * @param totalMs of the whole run; undefined as long as it is not done, or if it never was.
 */
export function stageRows(
  stages: readonly Stage[],
  totalMs: number | undefined,
  tokens?: TokenCounts,
): readonly StageRow[] {
  return stagesIn([{ stages }]).map((name) => {
    const stage = stages.find((each) => each.stage === name);
    // Of several stages together nobody knows which tokens took which time.
    const count = stage?.includes === undefined ? tokensOf(name, tokens) : undefined;
    const row = { stage: name, parts: stage?.parts ?? [], ...defined({ tokens: count, includes: stage?.includes }) };
    if (stage === undefined) return { ...row, state: "pending", ms: 0 };
    if (stage.reused === true) return { ...row, state: "reused", ms: stage.ms };
    if (stage.overlappedMs !== undefined) {
      return { ...row, state: "overlapped", ms: stage.ms, overlappedMs: stage.overlappedMs };
    }
    const rate = count !== undefined && count > 0 && stage.ms > 0 ? (count * 1000) / stage.ms : undefined;
    return {
      ...row,
      state: "measured",
      ms: stage.ms,
      ...(totalMs === undefined || totalMs <= 0 ? {} : { share: stage.ms / totalMs }),
      ...defined({ tokensPerSecond: rate }),
    };
  });
}

/** ms of all measured rows: the length of the bar. */
export function sumOfRows(rows: readonly StageRow[]): number {
  return sum(rows, ({ state, ms }) => (state === "measured" || state === "overlapped" ? ms : 0));
}
