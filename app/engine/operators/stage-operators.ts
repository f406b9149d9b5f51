import { greatest, groups, sum } from "d3-array";
import type { TimedNode } from "../../../native/index.ts";
import {
  defined,
  type LayerAttention,
  type LayerCost,
  type NodeCost,
  type OpCategory,
  type OperatorStage,
  type SlowNode,
  type StageOperators,
  slowestNodesKept,
} from "../../contract/index.ts";
import { categoriesOf, flashOps } from "./categories.ts";
import { layersOf } from "./layers.ts";
import { isWeight, NodeGraph, originalName } from "./node-graph.ts";

/** A node with its place in the model. */
interface PlacedNode {
  readonly node: TimedNode;
  readonly category: OpCategory;
  readonly layer: number | undefined;
}

export interface StageTimes {
  readonly stage: OperatorStage;
  /** ms in the plain run; undefined if the stage was not run there. */
  readonly unprofiledMs: number | undefined;
  readonly profiledMs: number;
}

/** Adds up one stage's nodes (those of other stages are left out). Shapes, units and sums: see `stageOperatorsSchema`. */
export function stageOperators(times: StageTimes, all: readonly TimedNode[]): StageOperators {
  const graph = new NodeGraph(all.filter(({ stage }) => stage === times.stage));
  const categories = categoriesOf(graph);
  const layers = layersOf(graph, categories);
  const placed = graph.nodes.map(
    (node, index): PlacedNode => ({ node, category: categories[index] ?? "other", layer: layers[index] }),
  );
  const { nodes, ms: nodeMs } = costOf(placed);
  return {
    stage: times.stage,
    ...defined({ unprofiledMs: times.unprofiledMs }),
    profiledMs: times.profiledMs,
    nodes,
    nodeMs,
    categories: categoryCosts(placed),
    operators: costliestFirst(groups(placed, ({ node }) => node.op).map(([op, group]) => ({ op, ...costOf(group) }))),
    devices: costliestFirst(
      groups(placed, ({ node }) => node.device).map(([device, group]) => ({ device, ...costOf(group) })),
    ),
    layers: byLayer(placed).map(
      ([layer, group]): LayerCost => ({
        layer,
        ...costOf(group),
        categories: categoryCosts(group),
      }),
    ),
    outsideLayers: costOf(placed.filter(({ layer }) => layer === undefined)),
    attention: byLayer(placed.filter(({ category }) => category === "attention")).map(layerAttention),
    slowest: costliestFirst(placed.map(slowNode)).slice(0, slowestNodesKept),
  };
}

function costOf(placed: readonly PlacedNode[]): NodeCost {
  return { nodes: sum(placed, ({ node }) => node.runs), ms: sum(placed, ({ node }) => node.ms) };
}

function categoryCosts(placed: readonly PlacedNode[]) {
  return costliestFirst(
    groups(placed, ({ category }) => category).map(([category, group]) => ({ category, ...costOf(group) })),
  );
}

function byLayer(placed: readonly PlacedNode[]): [number, PlacedNode[]][] {
  return groups(
    placed.flatMap(({ layer, ...rest }) => (layer === undefined ? [] : { ...rest, layer })),
    ({ layer }) => layer,
  ).sort(([a], [b]) => a - b);
}

function layerAttention([layer, placed]: [number, readonly PlacedNode[]]): LayerAttention {
  const kind = placed.some(({ node }) => flashOps.has(node.op)) ? "flash" : "separate";
  const ops = groups(placed, ({ node }) => `${node.op} ${node.device}`).flatMap(([, group]) => {
    const largest = greatest(group, volume)?.node;
    if (largest === undefined) return [];
    return { op: largest.op, device: largest.device, shape: [...largest.shape], ...costOf(group) };
  });
  return { layer, kind, masked: placed.some(({ node }) => isMasked(node)), ...costOf(placed), ops };
}

const volume = ({ node }: PlacedNode): number => node.shape.reduce((product, side) => product * side, 1);

/** The mask is the operand after Q, K and V of flash attention, and after the scores of a softmax. */
function isMasked({ op, operands }: TimedNode): boolean {
  const mask = op === "FLASH_ATTN_EXT" ? operands[3] : op === "SOFT_MAX" ? operands[1] : undefined;
  // Where there is no mask, attention sinks, which are weights, take its place in the list.
  return mask !== undefined && !isWeight(originalName(mask));
}

function slowNode({ node, category, layer }: PlacedNode): SlowNode {
  const [source] = node.operands;
  return {
    name: node.name.trim(),
    op: node.op,
    category,
    ...defined({ layer }),
    device: node.device,
    type: node.type,
    shape: [...node.shape],
    ...(source === undefined
      ? {}
      : { source: { name: originalName(source).trim(), type: source.type, shape: [...source.shape] } }),
    nodes: node.runs,
    ms: node.ms,
  };
}

function costliestFirst<T extends { readonly ms: number }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => b.ms - a.ms);
}
