/** Random-weight language models of the Qwen2.5-VL (`qwen2vl`) and Qwen3-VL (`qwen3vl`) architectures. */
import { kv } from "./metadata.ts";
import { type RandomTensors, randomTensors } from "./random-tensors.ts";
import { type GgufTensorType, TENSOR_TYPES } from "./tensor-types.ts";
import { FIRST_CONTROL_TOKEN, tokenizerMetadata, VOCABULARY_SIZE } from "./tokenizer.ts";
import type { GgufSource, GgufTensorSource } from "./writer.ts";

export interface TinyLanguageModel {
  readonly architecture: "qwen2vl" | "qwen3vl";
  readonly name: string;
  readonly type: GgufTensorType;
  /** Width of the residual stream; a multiple of {@link HEAD_LENGTH}. */
  readonly embeddingLength: number;
  readonly seed: number;
  /** First layers that add extra vision features (qwen3vl only). */
  readonly deepstackLayers: number;
}

/** Values a head has; 64 is a size that every backend's flash attention knows. */
export const HEAD_LENGTH = 64;
const KV_HEADS = 1;
export const LANGUAGE_LAYERS = 3;
/** Context the model claims to be trained for, in tokens. */
const CONTEXT_LENGTH = 8192;

/** Spreads the logits, so that greedy choices do not hang on rounding. */
const OUTPUT_GAIN = 4;

/** Rotary pairs a head gives to time, height, width and nothing; they add up to HEAD_LENGTH / 2. */
const ROPE_SECTIONS = { qwen2vl: [8, 12, 12, 0], qwen3vl: [11, 11, 10, 0] } as const;

/**
 * Metadata and tensors of the model. Control tokens always have logit 0 while the others vary around it, so greedy
 * decoding never ends by itself: an answer is as long as the caller or the grammar lets it be.
 * Keys and tensor names: llama.cpp's src/llama-arch.cpp and src/models/qwen2vl.cpp, qwen3vl.cpp.
 */
export function tinyLanguageModel(model: TinyLanguageModel): GgufSource {
  const { architecture, embeddingLength, seed, type, deepstackLayers } = model;
  if (embeddingLength % HEAD_LENGTH !== 0) {
    throw new Error(`embeddingLength ${embeddingLength} is not a multiple of ${HEAD_LENGTH}.`);
  }
  const random = randomTensors(seed, type);
  return {
    metadata: {
      "general.architecture": kv.string(architecture),
      "general.type": kv.string("model"),
      "general.name": kv.string(model.name),
      "general.file_type": kv.u32(TENSOR_TYPES[type].fileType),
      [`${architecture}.context_length`]: kv.u32(CONTEXT_LENGTH),
      [`${architecture}.embedding_length`]: kv.u32(embeddingLength),
      [`${architecture}.block_count`]: kv.u32(LANGUAGE_LAYERS),
      [`${architecture}.feed_forward_length`]: kv.u32(2 * embeddingLength),
      [`${architecture}.attention.head_count`]: kv.u32(embeddingLength / HEAD_LENGTH),
      [`${architecture}.attention.head_count_kv`]: kv.u32(KV_HEADS),
      [`${architecture}.attention.layer_norm_rms_epsilon`]: kv.f32(1e-6),
      [`${architecture}.rope.freq_base`]: kv.f32(10_000),
      [`${architecture}.rope.dimension_sections`]: kv.i32s(ROPE_SECTIONS[architecture]),
      ...(architecture === "qwen3vl" && {
        [`${architecture}.attention.key_length`]: kv.u32(HEAD_LENGTH),
        [`${architecture}.attention.value_length`]: kv.u32(HEAD_LENGTH),
        [`${architecture}.n_deepstack_layers`]: kv.u32(deepstackLayers),
      }),
      ...tokenizerMetadata(),
    },
    tensors: [
      random.tensor("token_embd.weight", [embeddingLength, VOCABULARY_SIZE], 1, type),
      ...Array.from({ length: LANGUAGE_LAYERS }, (_, layer) => layerTensors(model, random, `blk.${layer}`)).flat(),
      random.norm("output_norm", embeddingLength),
      silenceControlTokens(random.matrix("output", embeddingLength, VOCABULARY_SIZE, OUTPUT_GAIN), embeddingLength),
    ],
  };
}

function layerTensors(model: TinyLanguageModel, random: RandomTensors, block: string): GgufTensorSource[] {
  const { embeddingLength } = model;
  const kvLength = KV_HEADS * HEAD_LENGTH;
  const projections: readonly (readonly [string, number])[] = [
    ["attn_q", embeddingLength],
    ["attn_k", kvLength],
    ["attn_v", kvLength],
  ];
  const attention =
    model.architecture === "qwen2vl"
      ? projections.flatMap(([name, outputs]) => random.linear(`${block}.${name}`, embeddingLength, outputs))
      : [
          ...projections.map(([name, outputs]) => random.matrix(`${block}.${name}`, embeddingLength, outputs)),
          random.norm(`${block}.attn_q_norm`, HEAD_LENGTH),
          random.norm(`${block}.attn_k_norm`, HEAD_LENGTH),
        ];
  return [
    random.norm(`${block}.attn_norm`, embeddingLength),
    ...attention,
    random.matrix(`${block}.attn_output`, embeddingLength, embeddingLength),
    random.norm(`${block}.ffn_norm`, embeddingLength),
    random.matrix(`${block}.ffn_gate`, embeddingLength, 2 * embeddingLength),
    random.matrix(`${block}.ffn_up`, embeddingLength, 2 * embeddingLength),
    random.matrix(`${block}.ffn_down`, 2 * embeddingLength, embeddingLength),
  ];
}

function silenceControlTokens(output: GgufTensorSource, embeddingLength: number): GgufTensorSource {
  return { ...output, values: () => output.values().fill(0, FIRST_CONTROL_TOKEN * embeddingLength) };
}
