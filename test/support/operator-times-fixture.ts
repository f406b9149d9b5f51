import {
  type OperatorStage,
  type OperatorTimes,
  operatorTimesSchema,
  type StageOperators,
} from "../../app/contract/index.ts";

const profiledMs: Readonly<Record<OperatorStage, number>> = { encode: 540, prefill: 66, generate: 600 };

/** A profile of two layers that fits the default stages of `makeRun`; its lists add up as the contract says. */
export function operatorTimesFixture(changes: Partial<OperatorTimes> = {}): OperatorTimes {
  return operatorTimesSchema.parse({
    passMs: 1250,
    tokens: { image: 920, text: 24, generated: 100 },
    sameAnswer: true,
    stages: [stageOf("encode", 500), stageOf("prefill", 60), stageOf("generate", 100)],
    ...changes,
  } satisfies OperatorTimes);
}

/** Nodes take 90 % of the profiled stage: 40 of 100 parts FFN, 30 attention, 20 projections, 10 outside the layers. */
function stageOf(stage: OperatorStage, unprofiledMs: number): StageOperators {
  const part = (0.9 * profiledMs[stage]) / 100;
  const outside = stage === "encode" ? "merger" : "lm-head";
  const layer = (index: number): StageOperators["layers"][number] => ({
    layer: index,
    nodes: 6,
    ms: 45 * part,
    categories: [
      { category: "ffn", nodes: 2, ms: 20 * part },
      { category: "attention", nodes: 1, ms: 15 * part },
      { category: "qkv", nodes: 3, ms: 10 * part },
    ],
  });
  return {
    stage,
    unprofiledMs,
    profiledMs: profiledMs[stage],
    nodes: 13,
    nodeMs: 100 * part,
    categories: [
      { category: "ffn", nodes: 4, ms: 40 * part },
      { category: "attention", nodes: 2, ms: 30 * part },
      { category: "qkv", nodes: 6, ms: 20 * part },
      { category: outside, nodes: 1, ms: 10 * part },
    ],
    operators: [
      { op: "MUL_MAT", nodes: 11, ms: 70 * part },
      { op: "FLASH_ATTN_EXT", nodes: 2, ms: 30 * part },
    ],
    devices: [{ device: "CPU", nodes: 13, ms: 100 * part }],
    layers: [layer(0), layer(1)],
    outsideLayers: { nodes: 1, ms: 10 * part },
    attention: [0, 1].map((index) => ({
      layer: index,
      kind: "flash",
      masked: index === 0,
      nodes: 1,
      ms: 15 * part,
      ops: [{ op: "FLASH_ATTN_EXT", device: "CPU", shape: [64, 4, 920, 1], nodes: 1, ms: 15 * part }],
    })),
    slowest: [0, 1].map((index) => ({
      name: `ffn_out-${index}`,
      op: "MUL_MAT",
      category: "ffn",
      layer: index,
      device: "CPU",
      type: "f32",
      shape: [256, 920, 1, 1],
      source: { name: `blk.${index}.ffn_down.weight`, type: "q8_0", shape: [1024, 256, 1, 1] },
      nodes: 2,
      ms: 20 * part,
    })),
  };
}
