import type { OpCategory } from "../../contract/index.ts";
import { type NodeGraph, originalName, weightOf } from "./node-graph.ts";

/** A layer's number is in the names of weights ("blk.3.", "v.blk.3."), of the KV cache ("cache_k_l3") and of nodes ("Qcur-3"). */
const weightLayer = /^(?:v\.)?blk\.(\d+)\./;
const cacheLayer = /^cache_[kv]_l(\d+)/;
const nameLayer = /-(\d+)(?: \(.*)?$/;

/** Outside the stack of layers, even if a name has a number in it. */
const outside = new Set<OpCategory>(["patch-embedding", "token-embedding", "merger", "lm-head"]);

/**
 * The layer of each node of a stage, undefined outside the layers. A node without a number belongs to the layer that
 * uses its result, if only one does.
 */
export function layersOf(graph: NodeGraph, categories: readonly OpCategory[]): (number | undefined)[] {
  const layers: (number | undefined)[] = graph.nodes.map(() => undefined);
  // Nodes before the first norm prepare the input.
  const first = Math.max(0, categories.indexOf("norm"));
  for (let index = graph.nodes.length - 1; index >= first; index--) {
    const category = categories[index];
    if (category === undefined || outside.has(category)) continue;
    const named = namedLayer(graph, index, category);
    layers[index] = named === "unknown" ? onlyLayer(graph.consumers(index).map((one) => layers[one])) : named;
  }
  return layers;
}

function namedLayer(graph: NodeGraph, index: number, category: OpCategory): number | undefined | "unknown" {
  const node = graph.nodes[index];
  if (node === undefined) return "unknown";
  const weight = weightOf(node);
  const layer = numberIn(weightLayer, weight ?? "");
  // The norm after the last layer has a number too, as if there were one more layer.
  if (layer !== undefined || (weight !== undefined && category === "norm")) return layer;
  const cache = [node.name, ...node.operands.map(originalName)].find((name) => cacheLayer.test(name));
  return numberIn(cacheLayer, cache ?? "") ?? numberIn(nameLayer, node.name) ?? "unknown";
}

function numberIn(pattern: RegExp, text: string): number | undefined {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function onlyLayer(layers: readonly (number | undefined)[]): number | undefined {
  const [first, ...others] = layers;
  return others.every((layer) => layer === first) ? first : undefined;
}
