/**
 * Layers of Qwen3.5: most keep a recurrent state (gated delta net), every fourth has gated attention. Keys and tensor
 * names: llama.cpp's src/llama-arch.cpp and src/models/qwen35.cpp, qwen35moe.cpp.
 */
import { type GgufMetadata, kv } from "./metadata.ts";
import type { RandomTensors } from "./random-tensors.ts";
import { QUIET_GAIN } from "./scripted-answer.ts";
import type { HybridShape, LanguageModelShape, TinyLanguageModel } from "./tiny-language-model.ts";
import type { GgufTensorSource } from "./writer.ts";

/** What only these architectures say of themselves; nothing for the others. */
export function hybridMetadata({ architecture }: TinyLanguageModel, { hybrid }: LanguageModelShape): GgufMetadata {
  if (hybrid === undefined) return {};
  const { attentionInterval, stateLength, keyHeads, valueHeads, convolution, experts } = hybrid;
  return {
    [`${architecture}.full_attention_interval`]: kv.u32(attentionInterval),
    [`${architecture}.ssm.conv_kernel`]: kv.u32(convolution),
    [`${architecture}.ssm.inner_size`]: kv.u32(valueHeads * stateLength),
    [`${architecture}.ssm.state_size`]: kv.u32(stateLength),
    [`${architecture}.ssm.time_step_rank`]: kv.u32(valueHeads),
    [`${architecture}.ssm.group_count`]: kv.u32(keyHeads),
    ...(experts && {
      [`${architecture}.expert_count`]: kv.u32(experts.count),
      [`${architecture}.expert_used_count`]: kv.u32(experts.used),
      [`${architecture}.expert_feed_forward_length`]: kv.u32(experts.length),
      [`${architecture}.expert_shared_feed_forward_length`]: kv.u32(experts.length),
    }),
  };
}

export function hybridLayerTensors(
  { embeddingLength }: TinyLanguageModel,
  shape: LanguageModelShape,
  random: RandomTensors,
  layer: number,
): GgufTensorSource[] {
  const { hybrid, script } = shape;
  if (hybrid === undefined) throw new Error("The shape says nothing of recurrent layers.");
  const block = `blk.${layer}`;
  const added = script === undefined ? 1 : QUIET_GAIN;
  const mixer =
    (layer + 1) % hybrid.attentionInterval === 0
      ? attentionTensors(embeddingLength, shape, random, block, added)
      : recurrentTensors(embeddingLength, hybrid, random, block, added);
  return [
    random.norm(`${block}.attn_norm`, embeddingLength),
    ...mixer,
    random.norm(`${block}.post_attention_norm`, embeddingLength),
    ...(hybrid.experts === undefined
      ? feedForward(random, `${block}.ffn`, "", embeddingLength, shape.feedForwardLength, added)
      : expertTensors(embeddingLength, hybrid.experts, random, block, added)),
  ];
}

/** The query's projection gives the gate of the output as well. */
function attentionTensors(
  width: number,
  { headLength, kvHeads, heads = width / headLength }: LanguageModelShape,
  random: RandomTensors,
  block: string,
  added: number,
): GgufTensorSource[] {
  const values = heads * headLength;
  return [
    random.matrix(`${block}.attn_q`, width, 2 * values),
    random.matrix(`${block}.attn_k`, width, kvHeads * headLength),
    random.matrix(`${block}.attn_v`, width, kvHeads * headLength),
    random.norm(`${block}.attn_q_norm`, headLength),
    random.norm(`${block}.attn_k_norm`, headLength),
    random.matrix(`${block}.attn_output`, values, width, added),
  ];
}

function recurrentTensors(
  width: number,
  { stateLength, keyHeads, valueHeads, convolution }: HybridShape,
  random: RandomTensors,
  block: string,
  added: number,
): GgufTensorSource[] {
  const values = valueHeads * stateLength;
  const mixed = 2 * keyHeads * stateLength + values;
  const decay = random.norm(`${block}.ssm_a`, valueHeads);
  return [
    random.matrix(`${block}.attn_qkv`, width, mixed),
    random.matrix(`${block}.attn_gate`, width, values),
    random.tensor(`${block}.ssm_conv1d.weight`, [convolution, mixed], 0.5, "f32"),
    random.bias(`${block}.ssm_dt`, valueHeads),
    // The state decays by exp(a * time step): a is negative.
    { ...decay, name: `${block}.ssm_a`, values: () => decay.values().map((value) => -value) },
    random.matrix(`${block}.ssm_beta`, width, valueHeads),
    random.matrix(`${block}.ssm_alpha`, width, valueHeads),
    random.norm(`${block}.ssm_norm`, stateLength),
    random.matrix(`${block}.ssm_out`, values, width, added),
  ];
}

/** Routed experts, and one that every token passes through, weighed by a gate of its own. */
function expertTensors(
  width: number,
  { count, length }: NonNullable<HybridShape["experts"]>,
  random: RandomTensors,
  block: string,
  added: number,
): GgufTensorSource[] {
  const ofEach = (name: string, inputs: number, outputs: number, gain = 1): GgufTensorSource => {
    const all = random.matrix(`${block}.${name}`, inputs, outputs * count, gain);
    return { ...all, shape: [inputs, outputs, count] };
  };
  return [
    random.matrix(`${block}.ffn_gate_inp`, width, count),
    ofEach("ffn_gate_exps", width, length),
    ofEach("ffn_up_exps", width, length),
    ofEach("ffn_down_exps", length, width, added),
    random.tensor(`${block}.ffn_gate_inp_shexp.weight`, [width], 0.1, "f32"),
    ...feedForward(random, `${block}.ffn`, "_shexp", width, length, added),
  ];
}

function feedForward(
  random: RandomTensors,
  stem: string,
  ending: string,
  width: number,
  length: number,
  added: number,
): GgufTensorSource[] {
  return [
    random.matrix(`${stem}_gate${ending}`, width, length),
    random.matrix(`${stem}_up${ending}`, width, length),
    random.matrix(`${stem}_down${ending}`, length, width, added),
  ];
}
