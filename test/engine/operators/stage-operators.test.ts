import { describe, expect, it } from "vitest";
import {
  estimatedMs,
  operatorTimesSchema,
  outsideNodesMs,
  shareOf,
  timingOverhead,
} from "../../../app/contract/index.ts";
import { stageOperators } from "../../../app/engine/operators/stage-operators.ts";
import { node } from "./nodes.ts";

const layer = (index: number, device: string, ms: number) => [
  node("RMS_NORM", `norm-${index}`, ["embd"], { device, ms: 1 }),
  node("MUL", `attn_norm-${index}`, [`norm-${index}`, `blk.${index}.attn_norm.weight`], { device, ms: 1 }),
  node("MUL_MAT", `kq-${index}`, [`cache_k_l${index}`, `Qcur-${index}`], { device, ms, shape: [256, 32, 4, 1] }),
  node("SOFT_MAX", `kq_soft_max-${index}`, index === 0 ? [`kq-${index}`, "mask"] : [`kq-${index}`], { device, ms: 2 }),
  node("MUL_MAT", `kqv-${index}`, [`cache_v_l${index}`, `kq_soft_max-${index}`], { device, ms: 3 }),
];
const nodes = [
  ...layer(0, "CUDA0", 10),
  ...layer(1, "CPU", 20),
  node("MUL_MAT", "result_output", ["output.weight", "result_norm"], { ms: 5, runs: 3 }),
  node("MUL_MAT", "elsewhere", [], { stage: "prefill", ms: 1000 }),
];
const stage = stageOperators({ stage: "encode", unprofiledMs: 98, profiledMs: 147 }, nodes);

describe("a stage's profile", () => {
  it("adds up its own nodes, executions counted", () => {
    expect([stage.nodes, stage.nodeMs]).toEqual([13, 49]);
    expect(stage.categories).toEqual([
      { category: "attention", nodes: 6, ms: 40 },
      { category: "lm-head", nodes: 3, ms: 5 },
      { category: "norm", nodes: 4, ms: 4 },
    ]);
    expect(stage.operators[0]).toEqual({ op: "MUL_MAT", nodes: 7, ms: 41 });
    expect(stage.devices).toEqual([
      { device: "CPU", nodes: 8, ms: 32 },
      { device: "CUDA0", nodes: 5, ms: 17 },
    ]);
    expect(stage.layers.map(({ layer, ms }) => [layer, ms])).toEqual([
      [0, 17],
      [1, 27],
    ]);
    expect(stage.outsideLayers).toEqual({ nodes: 3, ms: 5 });
    const profile = { passMs: 150, tokens: { image: 1, text: 1, generated: 1 }, sameAnswer: true, stages: [stage] };
    expect(operatorTimesSchema.parse(profile)).toEqual(profile);
  });

  it("says which attention ran in each layer, where, and whether masked", () => {
    expect(stage.attention).toEqual([
      {
        layer: 0,
        kind: "separate",
        masked: true,
        nodes: 3,
        ms: 15,
        ops: [
          { op: "MUL_MAT", device: "CUDA0", shape: [256, 32, 4, 1], nodes: 2, ms: 13 },
          { op: "SOFT_MAX", device: "CUDA0", shape: [64, 32, 1, 1], nodes: 1, ms: 2 },
        ],
      },
      expect.objectContaining({ layer: 1, kind: "separate", masked: false, ms: 25 }),
    ]);
    const flash = (operands: string[]) =>
      stageOperators({ stage: "encode", unprofiledMs: undefined, profiledMs: 1 }, [
        node("FLASH_ATTN_EXT", "attn-0", operands),
      ]).attention[0];
    expect(flash(["q", "k", "v", "attn_inp_kq_mask"])).toMatchObject({ kind: "flash", masked: true });
    expect(flash(["q", "k", "v"])).toMatchObject({ kind: "flash", masked: false });
    expect(flash(["q", "k", "v", "blk.0.attn_sinks.weight"])).toMatchObject({ masked: false });
  });

  it("names the slowest nodes with their first operand", () => {
    expect(stage.slowest[0]).toEqual({
      name: "kq-1",
      op: "MUL_MAT",
      category: "attention",
      layer: 1,
      device: "CPU",
      type: "f32",
      shape: [256, 32, 4, 1],
      source: { name: "cache_k_l1", type: "f32", shape: [64, 32, 1, 1] },
      nodes: 1,
      ms: 20,
    });
    expect(stage.slowest.at(-1)?.ms).toBe(1);
  });

  it("gives shares of node time, estimates that add up to the true time, and the overhead", () => {
    expect(shareOf(stage, { ms: 4.9 })).toBeCloseTo(0.1);
    // 147 ms profiled, 49 of them in nodes; the true 98 ms are divided likewise.
    expect(estimatedMs(stage, { ms: 4.9 })).toBeCloseTo(98 / 30);
    expect(outsideNodesMs(stage)).toBeCloseTo((98 * 2) / 3);
    const parts = stage.categories.map((cost) => estimatedMs(stage, cost) ?? Number.NaN);
    expect(parts.reduce((sum, ms) => sum + ms, outsideNodesMs(stage) ?? Number.NaN)).toBeCloseTo(98);
    expect(timingOverhead(stage)).toBe(1.5);
    const reused = stageOperators({ stage: "encode", unprofiledMs: undefined, profiledMs: 147 }, nodes);
    expect(estimatedMs(reused, { ms: 4.9 })).toBeUndefined();
    expect(outsideNodesMs(reused)).toBeUndefined();
    expect(timingOverhead(reused)).toBeUndefined();
    const empty = stageOperators({ stage: "generate", unprofiledMs: 0, profiledMs: 0 }, nodes);
    expect([empty.nodes, shareOf(empty, { ms: 1 }), empty.slowest]).toEqual([0, 0, []]);
  });
});
