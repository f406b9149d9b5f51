/** Random-weight Qwen2.5-VL pairs, the family of Holo1.5: tiny ones, and one of Holo1.5-7B's shapes. */
import { kv } from "./metadata.ts";
import { type RandomTensors, randomTensors } from "./random-tensors.ts";
import { tinyLanguageModel } from "./tiny-language-model.ts";
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
}

/** Writes a pair that llama.cpp and libmtmd load: patches of 14 px, 2x2 merged, so image sides are multiples of 28 px. */
export async function writeTinyQwen25vlPair(dir: string, options: TinyQwen25vlOptions = {}): Promise<TinyPair> {
  const { type, modelType, embeddingLength, seed } = { ...TINY_PAIR_DEFAULTS, ...options };
  const { projectionLength = embeddingLength, name = "Tiny Qwen2.5-VL" } = options;
  const { visionLayers = 8, fullAttentionEvery = 8 } = options;
  const encoder = { ...ENCODER, name, type, layers: visionLayers, projectionLength };
  return writePair(
    dir,
    "tiny-qwen25vl",
    tinyLanguageModel({ architecture: "qwen2vl", name, type: modelType, embeddingLength, seed, deepstackLayers: 0 }),
    visionSource(encoder, TINY_VISION_SHAPE, randomTensors(seed, type), fullAttentionEvery),
  );
}

/**
 * Values of a tensor that are drawn before they repeat: a prime number of q8_0 blocks, so that rows begin at different
 * places and differ.
 */
const CYCLE = 4099 * 32;

const HOLO15_STEM = "holo15-shaped";

/** Where {@link writeHolo15ShapedPair} writes; the mmproj is written last. */
export const holo15ShapedPaths = (dir: string): TinyPair => pairPaths(dir, HOLO15_STEM);

/**
 * Writes a pair of exactly the shapes of Holo1.5-7B (its config.json, which is Qwen2.5-VL-7B's): q8_0 matrices in the
 * language model (8.1 GB), f16 in the mmproj (1.35 GB). Its answers mean nothing, but its speed and memory are those of
 * the real model in these types.
 */
export async function writeHolo15ShapedPair(dir: string): Promise<TinyPair> {
  const name = "Holo1.5-7B shapes, random weights";
  const embeddingLength = 3584;
  const seed = 1;
  const shape = { width: 1280, feedForwardLength: 3420, heads: 16 };
  const encoder = { ...ENCODER, name, type: "f16", layers: 32, projectionLength: embeddingLength, shape } as const;
  return writePair(
    dir,
    HOLO15_STEM,
    tinyLanguageModel({
      architecture: "qwen2vl",
      name,
      type: "q8_0",
      embeddingLength,
      seed,
      deepstackLayers: 0,
      shape: {
        layers: 28,
        feedForwardLength: 18_944,
        headLength: 128,
        kvHeads: 4,
        vocabularySize: 152_064,
        contextLength: 128_000,
        ropeBase: 1e6,
        ropeSections: [16, 24, 24, 0],
        cycle: CYCLE,
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
