import { describe, expect, it } from "vitest";
import { categoriesOf } from "../../../app/engine/operators/categories.ts";
import { layersOf } from "../../../app/engine/operators/layers.ts";
import { NodeGraph, originalName } from "../../../app/engine/operators/node-graph.ts";
import type { TimedNode } from "../../../native/index.ts";
import { node } from "./nodes.ts";

const placesOf = (nodes: readonly TimedNode[]) => {
  const graph = new NodeGraph(nodes);
  const categories = categoriesOf(graph);
  const layers = layersOf(graph, categories);
  return nodes.map((_, index) => [categories[index], layers[index]]);
};

describe("the place of a node in the model", () => {
  it.each([
    ["MUL_MAT", "node_3", ["node_0", "v.patch_embd.weight"], "patch-embedding", undefined],
    ["IM2COL", "node_7", ["v.patch_embd.weight.1", "inp_raw"], "patch-embedding", undefined],
    ["UPSCALE", "node_23", ["v.position_embd.weight"], "patch-embedding", undefined],
    ["GET_ROWS", "embd", ["token_embd.weight", "inp_tokens"], "token-embedding", undefined],
    ["MUL_MAT", "result_output", ["token_embd.weight", "result_norm"], "lm-head", undefined],
    ["MUL_MAT", "result_output", ["output.weight", "result_norm"], "lm-head", undefined],
    ["MUL", "result_norm", ["norm", "output_norm.weight"], "norm", undefined],
    ["MUL", "norm_w-8", ["node_303", "v.post_ln.weight"], "norm", undefined],
    ["MUL", "ln1-2", ["node_23", "v.blk.2.ln1.weight"], "norm", 2],
    ["MUL", "Qcur_normed-4", ["norm-4", "blk.4.attn_q_norm.weight"], "norm", 4],
    ["MUL_MAT", "node_25", ["v.blk.11.attn_q.weight", "ln1-11"], "qkv", 11],
    ["ADD", "node_35", ["node_34", "v.blk.0.attn_qkv.bias"], "qkv", 0],
    ["MUL_MAT", "node_31", ["blk.27.attn_output.weight", "kqv_out-27"], "attention-output", 27],
    ["ADD", "attn_out-1", ["node_80", "v.blk.1.attn_out.bias"], "attention-output", 1],
    ["MUL_MAT", "ffn_up-1", ["v.blk.1.ffn_up.weight", "ffn_inp_normed-1"], "ffn", 1],
    ["MUL_MAT_ID", "ffn_moe_up-1", ["blk.1.ffn_up_exps.weight", "x", "y"], "ffn", 1],
    ["SOFT_MAX", "ffn_moe_probs-1", ["ffn_moe_logits-1"], "ffn", 1],
    ["MUL_MAT", "ffn_up", ["mm.0.weight", "norm_b-8"], "merger", undefined],
    ["MUL_MAT", "ffn_up-0", ["v.deepstack.0.fc1.weight", "norm_b-0"], "merger", undefined],
    ["ROPE", "Qcur-5", ["Qcur-5", "leaf_6", "rope_freqs.weight"], "rope", 5],
    ["SET_ROWS", "cache_k_l3 (view)", ["Kcur-3", "leaf_11", "cache_k_l3"], "kv-store", 3],
    ["CPY", "cache_v_l3 (view) (copy)", ["Vcur-3", "cache_v_l3"], "kv-store", 3],
    ["MUL_MAT", "kq-6", ["cache_k_l6", "Qcur-6"], "attention", 6],
    ["TANH", "kq_tanh-6", ["kq_scaled_1-6"], "attention", 6],
    ["SOFT_MAX", "node_41", ["node_40", "window_mask"], "attention", undefined],
    ["CPU_ATTENTION", "node_40", ["Qcur_rope-3", "Kcur_rope-3", "Vcur-3"], "attention", undefined],
    ["FLASH_ATTN_EXT", "node_25", ["Qcur-0", "cache_k_l0", "cache_v_l0", "attn_inp_kq_mask"], "attention", 0],
    ["GATED_DELTA_NET", "node_52", ["q_conv_predelta-2", "gate-2"], "delta-net", undefined],
    ["SSM_CONV", "conv_output_raw-2", ["conv_input-2", "blk.2.ssm_conv1d.weight"], "delta-net", 2],
    ["MUL_MAT", "z-2", ["blk.2.attn_gate.weight", "attn_norm-2"], "qkv", 2],
    ["MUL_MAT", "linear_attn_out-2", ["blk.2.ssm_out.weight", "node_60"], "attention-output", 2],
    ["MUL", "attn_gated-3", ["node_70", "gate_sigmoid-3"], "attention", 3],
    ["CONT", "kqv_out-7", ["node_287"], "layout", 7],
    ["ADD", "l_out-9", ["ffn_out-9", "ffn_inp-9"], "residual", 9],
    ["SIN", "node_99", ["node_98"], "other", undefined],
    ["MUL_MAT", "node_98", ["blk.4.ssm_in.weight", "x"], "other", 4],
  ] as const)("is told for %s %s", (op, name, operands, category, layer) => {
    // After a norm, so that it does not count as preparation of the input.
    const [, place] = placesOf([node("NORM", "some_norm", []), node(op, name, operands)]);
    expect(place).toEqual([category, layer]);
  });

  it("comes from what uses a node that has no name of its own", () => {
    expect(
      placesOf([
        node("RMS_NORM", "node_23", ["node_21"]),
        node("MUL", "ln1-0", ["node_23", "v.blk.0.ln1.weight"]),
        node("MUL_MAT", "node_40", ["Kcur_rope-0", "Qcur_rope-0"]),
        node("SOFT_MAX", "node_41", ["node_40", "window_mask"]),
        node("MUL_MAT", "node_42", ["Vcur-0 (permuted) (cont)", "node_41"]),
        node("CONT", "kqv_out-0", ["node_42"]),
      ]),
    ).toEqual([
      ["norm", 0],
      ["norm", 0],
      ["attention", 0],
      ["attention", 0],
      ["attention", 0],
      ["layout", 0],
    ]);
  });

  it("is beside the layers for what several of them use, and for what comes before the first", () => {
    expect(
      placesOf([
        node("MUL_MAT", "node_3", ["node_0", "v.patch_embd.weight"]),
        node("CONT", "node_4", ["node_3"]),
        node("ADD", "node_5", ["node_4", "node_4"]),
        node("GET_ROWS", "node_21", ["node_5", "inv_window_idx"]),
        node("RMS_NORM", "node_23", ["node_21"]),
        node("MUL", "ln1-0", ["node_23", "v.blk.0.ln1.weight"]),
        node("CPY", "mask (copy)", ["window_mask", "mask (copy)"]),
        node("CPY", "mask (copy) (copy)", ["mask (copy)", "mask (copy) (copy)"]),
        node("FLASH_ATTN_EXT", "node_46", ["Qcur-0", "Kcur-0", "Vcur-0", "mask (copy) (copy)"]),
        node("MUL_MAT", "node_48", ["v.blk.0.attn_out.weight", "node_46"]),
        node("ADD", "ffn_inp-0", ["node_48", "node_21"]),
        node("CPY", "mask (copy) (copy)", ["mask (copy)", "mask (copy) (copy)"]),
        node("FLASH_ATTN_EXT", "node_96", ["Qcur-1", "Kcur-1", "Vcur-1", "mask (copy) (copy)"]),
        node("MUL_MAT", "node_98", ["v.blk.1.attn_out.weight", "node_96"]),
      ]),
    ).toEqual([
      ["patch-embedding", undefined],
      ["patch-embedding", undefined],
      ["patch-embedding", undefined],
      ["layout", undefined],
      ["norm", 0],
      ["norm", 0],
      ["layout", undefined],
      ["layout", 0],
      ["attention", 0],
      ["attention-output", 0],
      ["residual", 0],
      ["layout", 1],
      ["attention", 1],
      ["attention-output", 1],
    ]);
  });

  it("keeps a side branch whole although its names are those of the layer beside it", () => {
    expect(
      placesOf([
        node("NORM", "node_31", ["inp"]),
        node("ADD", "ffn_up_b-0", ["ffn_up-0", "v.blk.0.ffn_up.bias"]),
        node("GELU", "ffn_gelu-0", ["ffn_up_b-0"]),
        node("NORM", "node_165", ["layer_out-0"]),
        node("MUL", "norm_w-0", ["node_165", "v.deepstack.0.norm.weight"]),
        node("ADD", "ffn_up_b-0", ["ffn_up-0", "v.deepstack.0.fc1.bias"]),
        node("GELU", "ffn_gelu-0", ["ffn_up_b-0"]),
        node("ADD", "node_172", ["ffn_down-0", "v.deepstack.0.fc2.bias"]),
        node("CONCAT", "node_182", ["node_172", "node_172"]),
      ]).slice(1),
    ).toEqual([
      ["ffn", 0],
      ["ffn", 0],
      ["merger", undefined],
      ["merger", undefined],
      ["merger", undefined],
      ["merger", undefined],
      ["merger", undefined],
      ["merger", undefined],
    ]);
  });

  it("is seen through the scheduler's copies to another device", () => {
    expect(originalName({ name: "CUDA0#blk.3.ffn_up.weight#0" })).toBe("blk.3.ffn_up.weight");
    expect(originalName({ name: "CPU#Qcur-0 (reshaped) (permuted)#1" })).toBe("Qcur-0");
    expect(originalName({ name: "blk.3.ffn_up.weight" })).toBe("blk.3.ffn_up.weight");
    expect(
      placesOf([
        node("NORM", "some_norm", []),
        node("MUL_MAT", "node_1", ["CUDA0#blk.3.ffn_up.weight#0", "x"]),
        node("MUL_MAT", "node_2", ["CUDA0#mm.0.weight#0", "x"]),
        node("GELU", "node_3", ["CPU#node_2 (view)#0"]),
      ]).slice(1),
    ).toEqual([
      ["ffn", 3],
      ["merger", undefined],
      ["merger", undefined],
    ]);
  });
});
