import { z } from "zod";
import { tokenCountsSchema } from "./detection.ts";

/** The stages that are graphs of operators, in the order they run. */
export const profiledStages = ["encode", "prefill", "generate"] as const;
export const profiledStageSchema = z.enum(profiledStages);
export type ProfiledStage = z.infer<typeof profiledStageSchema>;

/** What a node of a graph does for the model, in the order of a layer. */
export const opCategories = [
  "patch-embedding",
  "token-embedding",
  "norm",
  "qkv",
  "rope",
  "kv-store",
  "attention",
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
  "kv-store": "KV store",
  attention: "attention core",
  "attention-output": "output projection",
  ffn: "FFN",
  residual: "residual sums",
  merger: "merger",
  "lm-head": "LM head",
  layout: "copies and layout",
  other: "other",
};

/**
 * `nodes` counts executions, so a node of the generation graph counts once a call of the model. `ms` is their time in the profiled
 * pass, where each node is waited for: a basis for shares, never a speed.
 */
export const nodeCostSchema = z.object({ nodes: z.int().min(0), ms: z.number().min(0) });
export type NodeCost = z.infer<typeof nodeCostSchema>;

export const categoryCostSchema = nodeCostSchema.extend({ category: opCategorySchema });
export type CategoryCost = z.infer<typeof categoryCostSchema>;

export const operatorCostSchema = nodeCostSchema.extend({
  /** ggml's name of the operator, such as "MUL_MAT", or of the function of a UNARY or GLU node, such as "GELU". */
  op: z.string(),
});
export type OperatorCost = z.infer<typeof operatorCostSchema>;

export const deviceCostSchema = nodeCostSchema.extend({
  /** ggml's name of the device that holds the results: "CPU", "CUDA0", "MTL0", ... */
  device: z.string(),
});
export type DeviceCost = z.infer<typeof deviceCostSchema>;

/** A layer of the stage's model: the vision encoder's for encode, the language model's for the other two. */
export const layerCostSchema = nodeCostSchema.extend({
  layer: z.int().min(0),
  /** Only categories that occur in it; they add up to the layer. */
  categories: z.array(categoryCostSchema),
});
export type LayerCost = z.infer<typeof layerCostSchema>;

/** One operation of a layer's attention core, added up over all executions. */
export const attentionOpSchema = operatorCostSchema.extend({
  device: z.string(),
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
  name: z.string(),
  op: z.string(),
  category: opCategorySchema,
  /** Absent outside the layers. */
  layer: z.int().min(0).optional(),
  device: z.string(),
  /** Type and shape of the result; ggml's names in lower case, such as "f32"; shapes fastest-varying first. */
  type: z.string(),
  shape: z.array(z.int().min(0)),
  /** The first operand: for a matrix product its weights. */
  source: z.object({ name: z.string(), type: z.string(), shape: z.array(z.int().min(0)) }).optional(),
});
export type SlowNode = z.infer<typeof slowNodeSchema>;

export const slowestNodesKept = 20;

export const stageProfileSchema = z.object({
  stage: profiledStageSchema,
  /** ms of this stage in the same request's unprofiled run: its true time. Absent if the run did not need the stage. */
  unprofiledMs: z.number().min(0).optional(),
  /** ms of this stage in the profiled pass, with waiting and bookkeeping for each node. */
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
export type StageProfile = z.infer<typeof stageProfileSchema>;

/**
 * Where the time of a detection goes, operator by operator. Measured in a second pass over the same image and prompt,
 * in which the engine waits after each node; so its parts are shares, and true times come from the unprofiled run.
 */
export const opProfileSchema = z.object({
  /** ms of the whole profiled pass. */
  passMs: z.number().min(0),
  tokens: tokenCountsSchema,
  /** Whether the profiled pass wrote the same tokens as the unprofiled run. */
  sameAnswer: z.boolean(),
  stages: z.array(stageProfileSchema),
});
export type OpProfile = z.infer<typeof opProfileSchema>;

/** Part of the stage's profiled node time, 0..1. */
export function shareOf(stage: StageProfile, { ms }: Pick<NodeCost, "ms">): number {
  return stage.nodeMs > 0 ? ms / stage.nodeMs : 0;
}

/**
 * The stage's true time divided as its profiled time was, ms: an estimate, since waiting for each node weighs on small
 * nodes most. With `outsideNodesMs` the estimates add up to the true time.
 */
export function estimatedMs(stage: StageProfile, { ms }: Pick<NodeCost, "ms">): number | undefined {
  const { unprofiledMs, profiledMs } = stage;
  if (unprofiledMs === undefined) return undefined;
  return profiledMs > 0 ? (ms / profiledMs) * unprofiledMs : 0;
}

/**
 * The part of the true time that no node takes, ms, estimated likewise: making the inputs (an attention mask can take
 * hundreds of MB), their way to the device, building graphs, choosing tokens.
 */
export function outsideNodesMs(stage: StageProfile): number | undefined {
  return estimatedMs(stage, { ms: Math.max(0, stage.profiledMs - stage.nodeMs) });
}

/** How many times as long the stage took because it was profiled; 1 = no overhead. */
export function profilingOverhead(stage: StageProfile): number | undefined {
  return stage.unprofiledMs === undefined || stage.unprofiledMs === 0
    ? undefined
    : stage.profiledMs / stage.unprofiledMs;
}

export interface RankedNode {
  readonly stage: StageProfile;
  readonly node: SlowNode;
}

/** The slowest nodes of all stages by their estimated share of the true time, slowest first. */
export function slowestOverall(profile: OpProfile, count = slowestNodesKept): RankedNode[] {
  const weight = ({ stage, node }: RankedNode): number => estimatedMs(stage, node) ?? node.ms;
  return profile.stages
    .flatMap((stage) => stage.slowest.map((node) => ({ stage, node })))
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, count);
}
