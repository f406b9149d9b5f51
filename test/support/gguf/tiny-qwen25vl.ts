/** Random-weight Qwen2.5-VL pairs, the family of Holo1.5: tiny ones, and ones of Holo1.5's shapes. */
import { type GgufMetadata, kv } from "./metadata.ts";
import { CYCLE, type RandomTensors, randomTensors } from "./random-tensors.ts";
import { boxListScript } from "./scripted-answer.ts";
import { tinyLanguageModel, tinyShape } from "./tiny-language-model.ts";
import { pairPaths, TINY_PAIR_DEFAULTS, type TinyPair, type TinyPairOptions, writePair } from "./tiny-pair.ts";
import {
  mergerTensors,
  patchTensors,
  TINY_VISION_SHAPE,
  type TinyVisionEncoder,
  type VisionShape,
  visionMetadata,
} from "./tiny-vision-encoder.ts";
import type { GgufSource, GgufTensorSource } from "./writer.ts";

export interface TinyQwen25vlOptions extends TinyPairOptions {
  /** Layers of the vision encoder; default 8. */
  readonly visionLayers?: number;
  /**
   * Every n-th layer attends to the whole image, the others within windows of 8x8 patches; default 8, as in the real
   * model. With 1 no layer is windowed and the pair loads, but unpatched libmtmd aborts the process in encode: it looks
   * for a mask that the graph has dropped.
   */
  readonly fullAttentionEvery?: number;
  /** Length of the vision encoder's FFN; default 96. The real model's 3,420 is, unlike that, no multiple of 8. */
  readonly visionFeedForwardLength?: number;
  /** The `tokenizer.*` keys of Qwen2's real vocabulary, with {@link holo15Vocabulary} tokens; a made-up one if left out. */
  readonly tokenizer?: GgufMetadata;
  /** Writes list after list of boxes instead of what the weights happen to give; needs the real vocabulary. */
  readonly scripted?: boolean;
}

/** Writes a pair that llama.cpp and libmtmd load: patches of 14 px, 2x2 merged, so image sides are multiples of 28 px. */
export async function writeTinyQwen25vlPair(dir: string, options: TinyQwen25vlOptions = {}): Promise<TinyPair> {
  const { type, modelType, embeddingLength, seed } = { ...TINY_PAIR_DEFAULTS, ...options };
  const { projectionLength = embeddingLength, name = "Tiny Qwen2.5-VL" } = options;
  const { visionLayers = 8, fullAttentionEvery = 8 } = options;
  const { visionFeedForwardLength: feedForwardLength = TINY_VISION_SHAPE.feedForwardLength } = options;
  const shape = { ...TINY_VISION_SHAPE, feedForwardLength };
  const encoder = { ...ENCODER, name, type, layers: visionLayers, projectionLength, shape };
  const model = { architecture: "qwen2vl", name, type: modelType, embeddingLength, seed, deepstackLayers: 0 } as const;
  const { tokenizer, scripted = false } = options;
  if (scripted && tokenizer === undefined) throw new Error("A scripted answer needs the real vocabulary.");
  const vocabulary =
    tokenizer === undefined
      ? {}
      : {
          shape: {
            ...tinyShape(model),
            vocabularySize: holo15Vocabulary(),
            tokenizer,
            cycle: CYCLE,
            ...(scripted ? { script: boxListScript(tokenizer) } : {}),
          },
        };
  return writePair(
    dir,
    scripted ? "tiny-qwen25vl-scripted" : "tiny-qwen25vl",
    tinyLanguageModel({ ...model, ...vocabulary }),
    visionSource(encoder, shape, randomTensors(seed, type), fullAttentionEvery),
  );
}

/** As {@link CYCLE}, in blocks of the K-quants. */
const K_CYCLE = 1031 * 256;

/** The published sizes of Holo1.5 (their config.json, which are those of Qwen2.5-VL-3B and -7B). */
export type Holo15Size = "3b" | "7b";

/** How the language model's matrices are stored: all q8_0 (7B: 8.1 GB), or the mix that is called Q4_K_M (7B: 4.7 GB). */
export type Holo15Weights = "q8_0" | "q4_k_m";

export interface Holo15Options {
  /** Default "7b". */
  readonly size?: Holo15Size;
  readonly weights?: Holo15Weights;
  /** The mmproj's matrices; default f16 (1.35 GB). */
  readonly mmprojType?: "f16" | "bf16";
  /** The `tokenizer.*` keys of the real vocabulary; a made-up one if left out, which splits texts finer. */
  readonly tokenizer?: GgufMetadata;
  /** Writes list after list of boxes instead of what the weights happen to give; "7b" with the real vocabulary only. */
  readonly scripted?: boolean;
}

/** What differs between the sizes; the vision encoder's layers do not. */
const HOLO15_LANGUAGE = {
  "3b": {
    layers: 36,
    embeddingLength: 2048,
    feedForwardLength: 11_008,
    kvHeads: 2,
    vocabularySize: 151_936,
    tied: true,
  },
  "7b": {
    layers: 28,
    embeddingLength: 3584,
    feedForwardLength: 18_944,
    kvHeads: 4,
    vocabularySize: 152_064,
    tied: false,
  },
} as const;

/** Tokens of a size's vocabulary, filled up with unused ones. */
export const holo15Vocabulary = (size: Holo15Size = "7b"): number => HOLO15_LANGUAGE[size].vocabularySize;

/** Where {@link writeHolo15ShapedPair} writes; the mmproj is written last. */
export const holo15ShapedPaths = (dir: string, options: Holo15Options = {}): TinyPair =>
  pairPaths(dir, holo15Stem(options));

const holo15Stem = ({ size = "7b", weights = "q8_0", scripted = false }: Holo15Options): string =>
  ["holo15", ...(size === "7b" ? [] : [size]), "shaped", ...(weights === "q8_0" ? [] : [weights])].join("-") +
  (scripted ? "-scripted" : "");

/**
 * The types of llama.cpp's Q4_K_M for a model with grouped attention (src/llama-quant.cpp, llama_tensor_get_type): q4_K, but
 * q6_K for the output layer and, in the first and the last eighth of the layers and every third between, for attn_v and
 * ffn_down.
 */
export function q4kmType(name: string, layers: number = HOLO15_LANGUAGE["7b"].layers): "q4_k" | "q6_k" {
  if (name === "output.weight") return "q6_k";
  const [, layer, matrix] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name) ?? [];
  if (layer === undefined || (matrix !== "attn_v" && matrix !== "ffn_down")) return "q4_k";
  const [at, eighth] = [Number(layer), Math.floor(layers / 8)];
  const more = at < eighth || at >= Math.floor((7 * layers) / 8) || (at - eighth) % 3 === 2;
  return more ? "q6_k" : "q4_k";
}

/**
 * Writes a pair of exactly the shapes of Holo1.5-7B or -3B. Its answers mean nothing, but its speed and memory are those of
 * the real model in these types.
 */
export async function writeHolo15ShapedPair(dir: string, options: Holo15Options = {}): Promise<TinyPair> {
  const { size = "7b", weights = "q8_0", mmprojType = "f16", tokenizer, scripted = false } = options;
  if (scripted && tokenizer === undefined) throw new Error("A scripted answer needs the real vocabulary.");
  const mixed = weights === "q4_k_m";
  const { embeddingLength, ...language } = HOLO15_LANGUAGE[size];
  const name = `Holo1.5-${size.toUpperCase()} shapes, random weights`;
  const seed = 1;
  const shape = { width: 1280, feedForwardLength: 3420, heads: 16 };
  const encoder = { ...ENCODER, name, type: mmprojType, layers: 32, projectionLength: embeddingLength, shape } as const;
  return writePair(
    dir,
    holo15Stem(options),
    tinyLanguageModel({
      architecture: "qwen2vl",
      name,
      type: mixed ? "q4_k" : "q8_0",
      embeddingLength,
      seed,
      deepstackLayers: 0,
      shape: {
        ...language,
        headLength: 128,
        contextLength: 128_000,
        ropeBase: 1e6,
        ropeSections: [16, 24, 24, 0],
        ...(mixed ? { matrixType: (matrix: string) => q4kmType(matrix, language.layers) } : {}),
        ...(tokenizer === undefined ? {} : { tokenizer }),
        ...(scripted && tokenizer !== undefined ? { script: boxListScript(tokenizer) } : {}),
        cycle: mixed ? K_CYCLE : CYCLE,
      },
    }),
    visionSource(encoder, shape, randomTensors(seed, encoder.type, CYCLE), 8),
  );
}

const ENCODER = {
  projector: "qwen2.5vl_merger",
  patchSize: 14,
  imageSize: 560,
  imageMean: [0.48145466, 0.4578275, 0.40821073],
  imageStd: [0.26862954, 0.26130258, 0.27577711],
} as const;

function visionSource(
  encoder: TinyVisionEncoder,
  shape: VisionShape,
  random: RandomTensors,
  fullAttentionEvery: number,
): GgufSource {
  return {
    metadata: {
      ...visionMetadata(encoder),
      "clip.use_silu": kv.bool(true),
      "clip.vision.n_wa_pattern": kv.u32(fullAttentionEvery),
    },
    tensors: [
      ...patchTensors(encoder, random),
      ...Array.from({ length: encoder.layers }, (_, layer) => layerTensors(random, shape, `v.blk.${layer}`)).flat(),
      random.norm("v.post_ln", shape.width),
      ...mergerTensors(encoder, random),
    ],
  };
}

function layerTensors(
  random: RandomTensors,
  { width, feedForwardLength }: VisionShape,
  block: string,
): GgufTensorSource[] {
  return [
    random.norm(`${block}.ln1`, width),
    ...["attn_q", "attn_k", "attn_v", "attn_out"].flatMap((name) => random.linear(`${block}.${name}`, width, width)),
    random.norm(`${block}.ln2`, width),
    ...random.linear(`${block}.ffn_gate`, width, feedForwardLength),
    ...random.linear(`${block}.ffn_up`, width, feedForwardLength),
    ...random.linear(`${block}.ffn_down`, feedForwardLength, width),
  ];
}
