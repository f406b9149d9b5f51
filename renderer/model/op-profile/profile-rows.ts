import {
  type AttentionOp,
  estimatedMs,
  type LayerAttention,
  type NodeCost,
  type OpCategory,
  opCategoryTexts,
  outsideNodesMs,
  profilingOverhead,
  type StageProfile,
  shareOf,
} from "../../../app/contract/index.ts";
import { formatMs, formatRatio } from "../format.ts";

/** One line of a table of shares. */
export interface ShareRow {
  readonly name: string;
  /** Of a row that has a colour in the bars. */
  readonly category?: OpCategory;
  readonly nodes: number;
  /** Of the stage's profiled node time, 0..1. */
  readonly share: number;
  /** The share of the true stage time, ms; absent if the unprofiled run did not need the stage. */
  readonly estimatedMs?: number;
}

export function shareRow(stage: StageProfile, name: string, cost: NodeCost): ShareRow {
  const ms = estimatedMs(stage, cost);
  return { name, nodes: cost.nodes, share: shareOf(stage, cost), ...(ms === undefined ? {} : { estimatedMs: ms }) };
}

export function categoryRows(stage: StageProfile): readonly (ShareRow & Required<Pick<ShareRow, "category">>)[] {
  return stage.categories.map((cost) => ({
    ...shareRow(stage, opCategoryTexts[cost.category], cost),
    category: cost.category,
  }));
}

/** Segments of the stage's bar: start and width as parts of the profiled node time, 0..1; costliest first. */
export interface Segment {
  readonly category: OpCategory;
  readonly name: string;
  readonly start: number;
  readonly share: number;
}

export function segmentsOf(stage: StageProfile): readonly Segment[] {
  let start = 0;
  return categoryRows(stage).map(({ category, name, share }) => {
    const segment = { category, name, start, share };
    start += share;
    return segment;
  });
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

export function heatCells(stage: StageProfile): readonly HeatCell[] {
  const most = Math.max(...stage.layers.map(({ ms }) => ms), 0);
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

/** "Encode took 500 ms in the unprofiled run; profiling made it 1.1× as long." */
export function overheadText(stage: StageProfile): string {
  const overhead = profilingOverhead(stage);
  const profiled = `${formatMs(stage.profiledMs)} profiled`;
  return overhead === undefined ? profiled : `${profiled}, ${formatRatio(overhead)} as long`;
}

/** What no node takes, in words; undefined where the true time is not known. */
export function outsideText(stage: StageProfile): string | undefined {
  const ms = outsideNodesMs(stage);
  return ms === undefined ? undefined : `about ${formatMs(ms)} outside the nodes (inputs, transfers, graph building)`;
}

/** Layers that ran the same attention, as one line. */
export interface AttentionRow {
  /** "0", "0–6", "7, 15, 23". */
  readonly layers: string;
  readonly layerCount: number;
  readonly kind: string;
  readonly ops: string;
  readonly devices: string;
  readonly share: number;
  readonly estimatedMs?: number;
}

/** Groups the stage's layers by what attention they ran and where, in the order of their first layer. */
export function attentionRows(stage: StageProfile): readonly AttentionRow[] {
  const groups = new Map<string, LayerAttention[]>();
  for (const layer of stage.attention) {
    const key = signature(layer);
    groups.set(key, [...(groups.get(key) ?? []), layer]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    const cost = { nodes: sum(group, "nodes"), ms: sum(group, "ms") };
    const ops = first?.ops ?? [];
    const { name: _name, nodes: _nodes, ...figures } = shareRow(stage, "", cost);
    return {
      layers: rangesOf(group.map(({ layer }) => layer)),
      layerCount: group.length,
      kind: first === undefined ? "" : kindText(first),
      ops: unique(ops.map(opText)).join(", "),
      devices: unique(ops.map(({ device }) => device)).join(", "),
      ...figures,
    };
  });
}

/** One sentence that answers which attention ran, where, and what it costs. */
export function attentionSummary(stage: StageProfile): string {
  if (stage.attention.length === 0) return "No attention was recorded in this stage.";
  const cost = { nodes: 0, ms: sum(stage.attention, "ms") };
  const flash = stage.attention.filter(({ kind }) => kind === "flash").length;
  const kind =
    flash === stage.attention.length
      ? "fused (flash) attention in all"
      : flash === 0
        ? "separate scores, softmax and sums in all"
        : `fused (flash) attention in ${flash} of`;
  const devices = unique(stage.attention.flatMap(({ ops }) => ops.map(({ device }) => device))).join(", ");
  const ms = estimatedMs(stage, cost);
  const time = ms === undefined ? "" : `, about ${formatMs(ms)} of the unprofiled run`;
  return `${(shareOf(stage, cost) * 100).toFixed(1)} % of this stage's node time${time}: ${kind} ${stage.attention.length} layers, on ${devices}.`;
}

function kindText({ kind, masked }: LayerAttention): string {
  return `${kind === "flash" ? "flash" : "separate"}, ${masked ? "masked" : "no mask"}`;
}

function opText({ op, shape }: AttentionOp): string {
  return `${op} ${shapeText(shape)}`;
}

/** A shape as ggml lists it, fastest-varying first, without trailing ones: "64 × 4 × 920". */
export function shapeText(shape: readonly number[]): string {
  const last = shape.findLastIndex((size) => size !== 1);
  return shape.slice(0, Math.max(1, last + 1)).join(" × ");
}

function signature(layer: LayerAttention): string {
  return JSON.stringify([layer.kind, layer.masked, layer.ops.map(({ op, device, shape }) => [op, device, shape])]);
}

/** Numbers in rising order, runs of three and more drawn together. */
export function rangesOf(numbers: readonly number[]): string {
  const parts: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last !== undefined && number === last.to + 1) last.to = number;
    else parts.push({ from: number, to: number });
  }
  return parts
    .map(({ from, to }) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`))
    .join(", ");
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

function sum(costs: readonly NodeCost[], field: keyof NodeCost): number {
  return costs.reduce((total, cost) => total + cost[field], 0);
}
