/**
 * Random-weight language models of the architectures of Qwen2.5-VL (`qwen2vl`), Qwen3-VL (`qwen3vl`) and Qwen3.5
 * (`qwen35`, and `qwen35moe` with experts).
 */
import type { PresetBase } from "../../../app/contract/index.ts";
import { chatTemplates } from "./chat-templates.ts";
import { hybridLayerTensors, hybridMetadata } from "./hybrid-layers.ts";
import { type GgufMetadata, kv } from "./metadata.ts";
import { type MatrixType, type RandomTensors, randomTensors } from "./random-tensors.ts";
import { QUIET_GAIN, type ScriptStep, scriptedOutput } from "./scripted-answer.ts";
import { type GgufTensorType, TENSOR_TYPES } from "./tensor-types.ts";
import { FIRST_CONTROL_TOKEN, tokenizerMetadata, VOCABULARY_SIZE } from "./tokenizer.ts";
import type { GgufSource, GgufTensorSource } from "./writer.ts";

export type LanguageArchitecture = "qwen2vl" | "qwen3vl" | "qwen35" | "qwen35moe";

/** Whose chat format a model of an architecture has. */
const madeFrom = {
  qwen2vl: "qwen2.5-vl",
  qwen3vl: "qwen3-vl",
  qwen35: "qwen3.5",
  qwen35moe: "qwen3.5",
} as const satisfies Record<LanguageArchitecture, PresetBase>;

export interface TinyLanguageModel {
  readonly architecture: LanguageArchitecture;
  readonly name: string;
  readonly type: GgufTensorType;
  /** Width of the residual stream; a multiple of the head length unless the shape names the heads. */
  readonly embeddingLength: number;
  readonly seed: number;
  /** First layers that add extra vision features (qwen3vl only). */
  readonly deepstackLayers: number;
  /** The other sizes; tiny if left out. */
  readonly shape?: LanguageModelShape;
}

export interface LanguageModelShape {
  readonly layers: number;
  readonly feedForwardLength: number;
  /** Values a head has. */
  readonly headLength: number;
  /** Query heads; as many as fill the residual stream if left out. Of qwen35 and qwen35moe. */
  readonly heads?: number;
  readonly kvHeads: number;
  readonly vocabularySize: number;
  /** Context the model claims to be trained for, in tokens. */
  readonly contextLength: number;
  readonly ropeBase: number;
  /** Rotary pairs a head gives to time, height, width and nothing; they add up to half of rotaryLength. */
  readonly ropeSections: readonly number[];
  /** First values of a head that are rotated; all if left out. */
  readonly rotaryLength?: number;
  /** Of qwen35 and qwen35moe. */
  readonly hybrid?: HybridShape;
  /** The token embeddings are the output layer as well, as in small models. */
  readonly tied?: boolean;
  /** Which token the model writes after which; random if left out. Not for one with tied embeddings. */
  readonly script?: readonly ScriptStep[];
  /** Types of single matrices; all have the model's type if left out. */
  readonly matrixType?: MatrixType;
  /** The `tokenizer.*` keys, for a vocabulary of vocabularySize tokens; a made-up one if left out. */
  readonly tokenizer?: GgufMetadata;
  /** Draw at most so many values of a tensor and repeat them; see randomTensors. */
  readonly cycle?: number;
}

/** Layers of which most keep a recurrent state (gated delta net) and every so manieth has attention. */
export interface HybridShape {
  /** The last of so many layers has attention, the others before it a recurrent state. */
  readonly attentionInterval: number;
  /** Values a recurrent layer's key, and each of its values, has. */
  readonly stateLength: number;
  readonly keyHeads: number;
  readonly valueHeads: number;
  /** Tokens that a recurrent layer's convolution reaches over. */
  readonly convolution: number;
  /** Of qwen35moe. */
  readonly experts?: { readonly count: number; readonly used: number; readonly length: number };
}

/** Values a head of a tiny model has; 64 is a size that every backend's flash attention knows. */
export const HEAD_LENGTH = 64;
export const LANGUAGE_LAYERS = 3;

/** Spreads the logits, so that greedy choices do not hang on rounding. */
const OUTPUT_GAIN = 4;

const INTERLEAVED_SECTIONS = [11, 11, 10, 0] as const;
const ROPE_SECTIONS = {
  qwen2vl: [8, 12, 12, 0],
  qwen3vl: INTERLEAVED_SECTIONS,
  qwen35: INTERLEAVED_SECTIONS,
  qwen35moe: INTERLEAVED_SECTIONS,
} as const;

const TINY_HYBRID: HybridShape = { attentionInterval: 4, stateLength: 64, keyHeads: 1, valueHeads: 2, convolution: 4 };
const TINY_EXPERTS = { count: 4, used: 2, length: 64 } as const;

/** The sizes of a tiny model. */
export function tinyShape({
  architecture,
  embeddingLength,
}: Pick<TinyLanguageModel, "architecture" | "embeddingLength">): LanguageModelShape {
  const hybrid = isHybrid(architecture);
  return {
    // The smallest hybrid has each kind of layer.
    layers: hybrid ? TINY_HYBRID.attentionInterval : LANGUAGE_LAYERS,
    feedForwardLength: 2 * embeddingLength,
    headLength: HEAD_LENGTH,
    kvHeads: 1,
    vocabularySize: VOCABULARY_SIZE,
    contextLength: 8192,
    ropeBase: 10_000,
    ropeSections: ROPE_SECTIONS[architecture],
    ...(hybrid && { hybrid: { ...TINY_HYBRID, ...(architecture === "qwen35moe" && { experts: TINY_EXPERTS }) } }),
  };
}

function isHybrid(architecture: LanguageArchitecture): boolean {
  return architecture === "qwen35" || architecture === "qwen35moe";
}

/**
 * Metadata and tensors of the model. Control tokens of one that is not cycled always have logit 0 while the others vary
 * around it, so greedy decoding never ends by itself: an answer is as long as the caller or the grammar lets it be.
 * Keys and tensor names: llama.cpp's src/llama-arch.cpp and src/models/qwen2vl.cpp, qwen3vl.cpp, qwen35.cpp,
 * qwen35moe.cpp.
 */
export function tinyLanguageModel(model: TinyLanguageModel): GgufSource {
  const { architecture, embeddingLength, seed, type, deepstackLayers, shape = tinyShape(model) } = model;
  const { headLength, rotaryLength, heads = embeddingLength / headLength } = shape;
  if (!Number.isInteger(heads)) {
    throw new Error(`embeddingLength ${embeddingLength} is not a multiple of ${headLength}.`);
  }
  const random = randomTensors(seed, shape.matrixType ?? type, shape.cycle);
  const output = random.matrix("output", embeddingLength, shape.vocabularySize, OUTPUT_GAIN);
  // Quantisers give the embeddings the output layer's type where they are both.
  const embeddingType = shape.tied ? output.type : type;
  const embedding = random.tensor("token_embd.weight", [embeddingLength, shape.vocabularySize], 1, embeddingType);
  if (shape.script !== undefined && shape.tied) throw new Error("Tied embeddings leave no rows to script.");
  const own = shape.script === undefined ? output : scriptedOutput(output, embedding, shape.script);
  return {
    metadata: {
      "general.architecture": kv.string(architecture),
      "general.type": kv.string("model"),
      "general.name": kv.string(model.name),
      "general.file_type": kv.u32(TENSOR_TYPES[type].fileType),
      [`${architecture}.context_length`]: kv.u32(shape.contextLength),
      [`${architecture}.embedding_length`]: kv.u32(embeddingLength),
      [`${architecture}.block_count`]: kv.u32(shape.layers),
      [`${architecture}.feed_forward_length`]: kv.u32(shape.feedForwardLength),
      [`${architecture}.attention.head_count`]: kv.u32(heads),
      [`${architecture}.attention.head_count_kv`]: kv.u32(shape.kvHeads),
      [`${architecture}.attention.layer_norm_rms_epsilon`]: kv.f32(1e-6),
      [`${architecture}.rope.freq_base`]: kv.f32(shape.ropeBase),
      [`${architecture}.rope.dimension_sections`]: kv.i32s(shape.ropeSections),
      ...(rotaryLength !== undefined && { [`${architecture}.rope.dimension_count`]: kv.u32(rotaryLength) }),
      ...(architecture !== "qwen2vl" && {
        [`${architecture}.attention.key_length`]: kv.u32(headLength),
        [`${architecture}.attention.value_length`]: kv.u32(headLength),
      }),
      ...(architecture === "qwen3vl" && { [`${architecture}.n_deepstack_layers`]: kv.u32(deepstackLayers) }),
      ...hybridMetadata(model, shape),
      ...(shape.tokenizer ?? tokenizerMetadata(shape.vocabularySize)),
      "tokenizer.chat_template": kv.string(chatTemplates[madeFrom[architecture]]),
    },
    tensors: [
      embedding,
      ...Array.from({ length: shape.layers }, (_, layer) =>
        shape.hybrid === undefined
          ? layerTensors(model, shape, random, `blk.${layer}`)
          : hybridLayerTensors(model, shape, random, layer),
      ).flat(),
      random.norm("output_norm", embeddingLength),
      ...(shape.tied ? [] : [own.cycled ? own : silenceControlTokens(own, embeddingLength)]),
    ],
  };
}

function layerTensors(
  model: TinyLanguageModel,
  { kvHeads, headLength, feedForwardLength, script }: LanguageModelShape,
  random: RandomTensors,
  block: string,
): GgufTensorSource[] {
  const { embeddingLength } = model;
  const kvLength = kvHeads * headLength;
  const added = script === undefined ? 1 : QUIET_GAIN;
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
          random.norm(`${block}.attn_q_norm`, headLength),
          random.norm(`${block}.attn_k_norm`, headLength),
        ];
  return [
    random.norm(`${block}.attn_norm`, embeddingLength),
    ...attention,
    random.matrix(`${block}.attn_output`, embeddingLength, embeddingLength, added),
    random.norm(`${block}.ffn_norm`, embeddingLength),
    random.matrix(`${block}.ffn_gate`, embeddingLength, feedForwardLength),
    random.matrix(`${block}.ffn_up`, embeddingLength, feedForwardLength),
    random.matrix(`${block}.ffn_down`, feedForwardLength, embeddingLength, added),
  ];
}

function silenceControlTokens(output: GgufTensorSource, embeddingLength: number): GgufTensorSource {
  return { ...output, values: () => output.values().fill(0, FIRST_CONTROL_TOKEN * embeddingLength) };
}
