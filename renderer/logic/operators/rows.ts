import { max, sum, union } from "d3-array";
import {
  defined,
  estimatedMs,
  type NodeCost,
  type OpCategory,
  opCategoryTexts,
  outsideNodesMs,
  type StageOperators,
  shareOf,
  timingOverhead,
} from "../../../app/contract/index.ts";
import { formatMs, formatRatio, formatShare } from "../../../app/presentation/numbers.ts";

/** One line of a table of shares. */
export interface ShareRow {
  readonly name: string;
  /** Of a row that has a colour in the bars. */
  readonly category?: OpCategory;
  readonly nodes: number;
  /** Of the node time in the stage's timed pass, 0..1. */
  readonly share: number;
  /** The share of the true stage time, ms; absent if the plain run did not need the stage. */
  readonly estimatedMs?: number;
}

export function shareRow(stage: StageOperators, name: string, cost: NodeCost): ShareRow {
  const ms = estimatedMs(stage, cost);
  return { name, nodes: cost.nodes, share: shareOf(stage, cost), ...defined({ estimatedMs: ms }) };
}

export function categoryRows(stage: StageOperators): readonly (ShareRow & Required<Pick<ShareRow, "category">>)[] {
  return stage.categories.map((cost) => ({
    ...shareRow(stage, opCategoryTexts[cost.category], cost),
    category: cost.category,
  }));
}

/** One cell of the heat strip. */
export interface HeatCell {
  readonly layer: number;
  readonly nodes: number;
  readonly share: number;
  /** Against the costliest layer, 0..1. */
  readonly heat: number;
  /** Costliest categories of the layer and their part of it: "FFN 44 %, attention core 33 %". */
  readonly mostly: string;
}

export function heatCells(stage: StageOperators): readonly HeatCell[] {
  const most = max(stage.layers, ({ ms }) => ms) ?? 0;
  return stage.layers.map((layer) => ({
    layer: layer.layer,
    nodes: layer.nodes,
    share: shareOf(stage, layer),
    heat: most > 0 ? layer.ms / most : 0,
    mostly: [...layer.categories]
      .sort((a, b) => b.ms - a.ms)
      .slice(0, 2)
      .map(
        ({ category, ms }) => `${opCategoryTexts[category]} ${layer.ms > 0 ? Math.round((ms / layer.ms) * 100) : 0} %`,
      )
      .join(", "),
  }));
}

/** "540 ms profiled, 1.1× as long", or without the ratio where the plain run had no such stage. */
export function overheadText(stage: StageOperators): string {
  const overhead = timingOverhead(stage);
  const profiled = `${formatMs(stage.profiledMs)} profiled`;
  return overhead === undefined ? profiled : `${profiled}, ${formatRatio(overhead)} as long`;
}

/** The time of the stage that no node accounts for, in words; undefined where the unprofiled time is not known. */
export function outsideText(stage: StageOperators): string | undefined {
  const ms = outsideNodesMs(stage);
  return ms === undefined ? undefined : `about ${formatMs(ms)} outside the nodes (inputs, transfers, graph building)`;
}

/** One sentence that answers which attention ran, where, and what it costs. */
export function attentionSummary(stage: StageOperators): string {
  if (stage.attention.length === 0) return "No attention was recorded in this stage.";
  const cost = { nodes: 0, ms: sum(stage.attention, ({ ms }) => ms) };
  const flash = stage.attention.filter(({ kind }) => kind === "flash").length;
  const kind =
    flash === stage.attention.length
      ? "fused (flash) attention in all"
      : flash === 0
        ? "separate scores, softmax and sums in all"
        : `fused (flash) attention in ${flash} of`;
  const devices = [...union(...stage.attention.map(({ ops }) => ops.map(({ device }) => device)))].join(", ");
  const ms = estimatedMs(stage, cost);
  const time = ms === undefined ? "" : `, about ${formatMs(ms)} of the unprofiled run`;
  return `${formatShare(shareOf(stage, cost))} of this stage's node time${time}: ${kind} ${stage.attention.length} layers, on ${devices}.`;
}
