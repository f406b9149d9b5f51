import type { TimedNode } from "../../../native/index.ts";
import type { OpCategory } from "../../contract/index.ts";
import { type NodeGraph, weightOf } from "./node-graph.ts";

/**
 * Names of weights by what they are for, first match wins. Tensor names: llama.cpp's src/llama-arch.cpp (language
 * model) and tools/mtmd/clip-impl.h (vision encoder).
 */
const weightCategories: readonly (readonly [RegExp, OpCategory])[] = [
  [/^v\.(patch_embd|position_embd|class_embd)\b/, "patch-embedding"],
  [/^(mm\.|v\.deepstack\.)/, "merger"],
  [/_norm\.|\.ln\d\.|_ln\./, "norm"],
  [/\.attn_(q|k|v|qkv|gate)\./, "qkv"],
  [/\.(attn_out(put)?|ssm_out)\./, "attention-output"],
  [/\.ssm_(conv1d|alpha|beta|dt)\./, "delta-net"],
  [/\.ffn_/, "ffn"],
  [/^(token_embd|output)\./, "lm-head"],
];

/** Attention in one operator: ggml's, and the addon's own on a CPU. */
export const flashOps: ReadonlySet<string> = new Set(["FLASH_ATTN_EXT", "CPU_ATTENTION"]);

/** Operators that belong to the same category wherever they occur. */
const opCategories: ReadonlyMap<string, OpCategory> = new Map([
  ["ROPE", "rope"],
  ...[...flashOps].map((op): [string, OpCategory] => [op, "attention"]),
  ["SET_ROWS", "kv-store"],
  ["GATED_DELTA_NET", "delta-net"],
]);

const normOps = new Set(["NORM", "RMS_NORM", "GROUP_NORM", "L2_NORM"]);
const layoutOps = new Set(["CONT", "CPY", "DUP", "CONCAT", "GET_ROWS", "REPEAT", "PAD", "ROLL", "FILL"]);
/** In a transformer only attention uses these without weights: scores, their scale, mask and softmax, weighted sum. */
const attentionOps = new Set(["MUL_MAT", "SOFT_MAX", "SCALE", "DIAG_MASK_INF"]);

/** What each node of a stage does for the model, by its operator, its weights, and what it reads. */
export function categoriesOf(graph: NodeGraph): OpCategory[] {
  const categories: OpCategory[] = [];
  for (const [index, node] of graph.nodes.entries()) {
    const before = graph.producers(index).map((producer) => categories[producer] ?? "other");
    categories.push(categoryOf(graph, index, node, before));
  }
  return categories;
}

/** @param before categories of the nodes that this one reads */
function categoryOf(graph: NodeGraph, index: number, node: TimedNode, before: readonly OpCategory[]): OpCategory {
  const known = opCategories.get(node.op) ?? weightCategory(node);
  if (known !== undefined) return known;
  if (node.name.startsWith("cache_")) return "kv-store";
  if (normOps.has(node.op)) return normCategory(graph, index);
  const [first] = before;
  // All that follows in a side branch of the graph counts to that branch.
  const branch = first === "patch-embedding" || first === "merger" ? first : undefined;
  if (node.op === "GET_ROWS") return "layout";
  if (layoutOps.has(node.op)) return branch ?? "layout";
  if (before.includes("delta-net") || (node.op === "SILU" && first === "qkv")) return "delta-net";
  // Qwen3.5 weighs what attention puts out by a gate.
  if (/^(gate_sigmoid|attn_gated)(-|$)/.test(node.name)) return "attention";
  if (node.name.startsWith("ffn_") && node.op !== "ADD") return branch ?? "ffn";
  if (attentionOps.has(node.op) || /^kq(_|-|$)/.test(node.name)) return "attention";
  if (node.op === "ADD" && before.length > 0 && before.every((one) => one === "ffn")) return "ffn";
  if (node.op === "ADD") return before.every((one) => one === "patch-embedding") && branch ? branch : "residual";
  return branch ?? (first === "ffn" ? "ffn" : "other");
}

function weightCategory(node: TimedNode): OpCategory | undefined {
  const weight = weightOf(node);
  if (weight === undefined) return undefined;
  const category = weightCategories.find(([pattern]) => pattern.test(weight))?.[1] ?? "other";
  return category === "lm-head" && node.op === "GET_ROWS" ? "token-embedding" : category;
}

/** A norm's own operator has no weights; the node that scales its result has. */
function normCategory(graph: NodeGraph, index: number): OpCategory {
  const consumers = graph.consumers(index).map((consumer) => graph.nodes[consumer]);
  const merger = consumers.some((node) => node !== undefined && weightCategory(node) === "merger");
  return merger ? "merger" : "norm";
}
