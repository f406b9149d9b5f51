import { z } from "zod";
import { tokenCountsSchema } from "./detection.ts";
import { shortText } from "./text.ts";

/** The stages that are graphs of operators, in the order they run. */
export const operatorStages = ["encode", "prefill", "generate"] as const;
export const operatorStageSchema = z.enum(operatorStages);
export type OperatorStage = z.infer<typeof operatorStageSchema>;

/** What a graph node does for the model, in the order of a layer. */
export const opCategories = [
  "patch-embedding",
  "token-embedding",
  "norm",
  "qkv",
  "rope",
  "kv-store",
  "attention",
  "delta-net",
  "attention-output",
  "ffn",
  "residual",
  "merger",
  "lm-head",
  "layout",
  "other",
] as const;
export const opCategorySchema = z.enum(opCategories);
export type OpCategory = z.infer<typeof opCategorySchema>;

/** Names for people. */
export const opCategoryTexts: Readonly<Record<OpCategory, string>> = {
  "patch-embedding": "patch embedding",
  "token-embedding": "token embedding",
  norm: "norms",
  qkv: "Q, K, V projections",
  rope: "RoPE",
  "kv-store": "KV and state store",
  attention: "attention core",
  "delta-net": "gated delta net",
  "attention-output": "output projection",
  ffn: "FFN",
  residual: "residual sums",
  merger: "merger",
  "lm-head": "LM head",
  layout: "copies and layout",
  other: "other",
};

/**
 * `nodes` counts executions: a node of the generation graph counts once for each call of the model. `ms` is their time
 * in the timed pass, which waits for each node; it is meaningful only as a share.
 */
export const nodeCostSchema = z.object({ nodes: z.int().min(0), ms: z.number().min(0) });
export type NodeCost = z.infer<typeof nodeCostSchema>;

export const categoryCostSchema = nodeCostSchema.extend({ category: opCategorySchema });

export const operatorCostSchema = nodeCostSchema.extend({
  /** ggml's name of the operator, such as "MUL_MAT", or of the function of a UNARY or GLU node, such as "GELU". */
  op: shortText,
});

export const deviceCostSchema = nodeCostSchema.extend({
  /** ggml's name of the device that holds the results: "CPU", "CUDA0", "MTL0", ... */
  device: shortText,
});

/** A layer of the stage's model: the vision encoder's for encode, the language model's for the other two. */
export const layerCostSchema = nodeCostSchema.extend({
  layer: z.int().min(0),
  /** Only categories that occur in it; they add up to the layer. */
  categories: z.array(categoryCostSchema),
});
export type LayerCost = z.infer<typeof layerCostSchema>;

/** One operation of a layer's attention core, added up over all executions. */
export const attentionOpSchema = operatorCostSchema.extend({
  device: shortText,
  /** Shape of the result, fastest-varying first; of the largest execution. */
  shape: z.array(z.int().min(0)),
});
export type AttentionOp = z.infer<typeof attentionOpSchema>;

/** Which attention a layer ran, where, and for how long. */
export const layerAttentionSchema = nodeCostSchema.extend({
  layer: z.int().min(0),
  /** "flash": one fused operator. "separate": scores, softmax and weighted sum each on their own. */
  kind: z.enum(["flash", "separate"]),
  /** Whether a mask was applied to the scores. */
  masked: z.boolean(),
  /** Operations of the attention core; they add up to this entry. */
  ops: z.array(attentionOpSchema),
});
export type LayerAttention = z.infer<typeof layerAttentionSchema>;

export const slowNodeSchema = nodeCostSchema.extend({
  /** The node's name in the graph; executions of the same node are added up. */
  name: shortText,
  op: shortText,
  category: opCategorySchema,
  /** Absent outside the layers. */
  layer: z.int().min(0).optional(),
  device: shortText,
  /** Type and shape of the result; ggml's names in lower case, such as "f32"; shapes fastest-varying first. */
  type: shortText,
  shape: z.array(z.int().min(0)),
  /** The first operand: for a matrix product its weights. */
  source: z.object({ name: shortText, type: shortText, shape: z.array(z.int().min(0)) }).optional(),
});
export type SlowNode = z.infer<typeof slowNodeSchema>;

export const slowestNodesKept = 20;

export const stageOperatorsSchema = z.object({
  stage: operatorStageSchema,
  /** ms of this stage in the same request's plain run: its true time. Absent if the run did not need the stage. */
  unprofiledMs: z.number().min(0).optional(),
  /** ms of this stage in the timed pass, with waiting and bookkeeping for each node. */
  profiledMs: z.number().min(0),
  /** Number of executed nodes and the sum of their times. Views and other nodes that compute nothing are left out. */
  nodes: z.int().min(0),
  nodeMs: z.number().min(0),
  /** Only those that occur; each list adds up to `nodes` and `nodeMs`. Costliest first. */
  categories: z.array(categoryCostSchema),
  operators: z.array(operatorCostSchema),
  devices: z.array(deviceCostSchema),
  /** By number of layer; what is not in a layer is `outsideLayers`. */
  layers: z.array(layerCostSchema),
  outsideLayers: nodeCostSchema,
  attention: z.array(layerAttentionSchema),
  /** Slowest first, at most `slowestNodesKept`. */
  slowest: z.array(slowNodeSchema),
});
export type StageOperators = z.infer<typeof stageOperatorsSchema>;

/**
 * Where the time of a detection goes, operator by operator. Measured in a second pass over the same image and prompt,
 * in which the engine waits for each node; so it yields shares, while true times come from the plain run.
 */
export const operatorTimesSchema = z.object({
  /** ms of the whole timed pass. */
  passMs: z.number().min(0),
  tokens: tokenCountsSchema,
  /** Whether the timed pass wrote the same tokens as the plain run. */
  sameAnswer: z.boolean(),
  stages: z.array(stageOperatorsSchema),
});
export type OperatorTimes = z.infer<typeof operatorTimesSchema>;

/** Part of the node time in the stage's timed pass, 0..1. */
export function shareOf(stage: StageOperators, { ms }: Pick<NodeCost, "ms">): number {
  return stage.nodeMs > 0 ? ms / stage.nodeMs : 0;
}

/**
 * The part's share of the stage's true time, ms, if that divides like the timed pass: an estimate, since waiting for
 * each node slows small nodes most. With `outsideNodesMs` the estimates add up to the true time.
 */
export function estimatedMs(stage: StageOperators, { ms }: Pick<NodeCost, "ms">): number | undefined {
  const { unprofiledMs, profiledMs } = stage;
  if (unprofiledMs === undefined) return undefined;
  return profiledMs > 0 ? (ms / profiledMs) * unprofiledMs : 0;
}

/**
 * The part of the true time that is spent outside nodes, ms, estimated likewise: creating inputs (an attention mask can
 * take hundreds of MB), copying them to the device, building graphs, choosing tokens.
 */
export function outsideNodesMs(stage: StageOperators): number | undefined {
  return estimatedMs(stage, { ms: Math.max(0, stage.profiledMs - stage.nodeMs) });
}

/** How many times as long the stage took because its operators were timed; 1 = no overhead. */
export function timingOverhead(stage: StageOperators): number | undefined {
  return stage.unprofiledMs === undefined || stage.unprofiledMs === 0
    ? undefined
    : stage.profiledMs / stage.unprofiledMs;
}

export interface RankedNode {
  readonly stage: StageOperators;
  readonly node: SlowNode;
}

/** The slowest nodes of all stages by their estimated share of the true time, slowest first. */
export function slowestOverall(times: OperatorTimes, count = slowestNodesKept): RankedNode[] {
  const weight = ({ stage, node }: RankedNode): number => estimatedMs(stage, node) ?? node.ms;
  return times.stages
    .flatMap((stage) => stage.slowest.map((node) => ({ stage, node })))
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, count);
}
