/** A tiny random-weight Qwen3-VL pair, the family of Holo2 and of the bundled detector. */
import { kv } from "./metadata.ts";
import { type RandomTensors, randomTensors } from "./random-tensors.ts";
import { LANGUAGE_LAYERS, tinyLanguageModel } from "./tiny-language-model.ts";
import { TINY_PAIR_DEFAULTS, type TinyPair, type TinyPairOptions, writePair } from "./tiny-pair.ts";
import {
  deepstackTensors,
  MERGE,
  mergerTensors,
  patchTensors,
  type TinyVisionEncoder,
  VISION_FF_LENGTH,
  VISION_LENGTH,
  visionMetadata,
} from "./tiny-vision-encoder.ts";
import type { GgufSource, GgufTensorSource } from "./writer.ts";

export interface TinyQwen3vlOptions extends TinyPairOptions {
  /**
   * First layers of the vision encoder that also feed the language model's first layers, 0 to 2; default 0.
   * With 3, all language layers, the pair loads but no context can use it, llama.cpp aborts: its last layer keeps only
   * the rows that logits are wanted for, and the features of all rows no longer fit.
   */
  readonly deepstackLayers?: number;
}

const VISION_LAYERS = 4;
/** Side of the square grid of learned positions; libmtmd interpolates it to the image's own grid. */
const POSITION_GRID = 16;

/** Writes a pair that llama.cpp and libmtmd load: patches of 16 px, 2x2 merged, so image sides are multiples of 32 px. */
export async function writeTinyQwen3vlPair(dir: string, options: TinyQwen3vlOptions = {}): Promise<TinyPair> {
  const { modelType, embeddingLength, seed } = { ...TINY_PAIR_DEFAULTS, ...options };
  const { name = "Tiny Qwen3-VL", deepstackLayers = 0 } = options;
  if (deepstackLayers > LANGUAGE_LAYERS) {
    throw new Error(`${deepstackLayers} deepstack layers need as many language layers; there are ${LANGUAGE_LAYERS}.`);
  }
  return writePair(
    dir,
    "tiny-qwen3vl",
    tinyLanguageModel({ architecture: "qwen3vl", name, type: modelType, embeddingLength, seed, deepstackLayers }),
    tinyQwen3vlEncoder({ ...options, name }),
  );
}

/** The mmproj of a Qwen3-VL pair, which Qwen3.5 uses as well. */
export function tinyQwen3vlEncoder(options: TinyQwen3vlOptions & { readonly name: string }): GgufSource {
  const { type, embeddingLength, seed } = { ...TINY_PAIR_DEFAULTS, ...options };
  const { projectionLength = embeddingLength, name, deepstackLayers = 0 } = options;
  const patchSize = 16;
  const encoder: TinyVisionEncoder = {
    projector: "qwen3vl_merger",
    name,
    type,
    patchSize,
    imageSize: POSITION_GRID * patchSize,
    layers: VISION_LAYERS,
    projectionLength,
    imageMean: [0.5, 0.5, 0.5],
    imageStd: [0.5, 0.5, 0.5],
  };
  const random = randomTensors(seed, type);
  const layers = Array.from({ length: VISION_LAYERS }, (_, layer) => [
    ...layerTensors(random, `v.blk.${layer}`),
    ...(layer < deepstackLayers ? deepstackTensors(encoder, random, layer) : []),
  ]);
  return {
    metadata: {
      ...visionMetadata(encoder),
      "clip.use_gelu": kv.bool(true),
      "clip.vision.spatial_merge_size": kv.u32(MERGE),
      "clip.vision.is_deepstack_layers": kv.bools(layers.map((_, layer) => layer < deepstackLayers)),
    },
    tensors: [
      ...patchTensors(encoder, random),
      random.bias("v.patch_embd", VISION_LENGTH),
      random.tensor("v.position_embd.weight", [VISION_LENGTH, POSITION_GRID * POSITION_GRID], 0.5, "f32"),
      ...layers.flat(),
      random.norm("v.post_ln", VISION_LENGTH),
      random.bias("v.post_ln", VISION_LENGTH),
      ...mergerTensors(encoder, random),
    ],
  };
}

function layerTensors(random: RandomTensors, block: string): GgufTensorSource[] {
  return [
    random.norm(`${block}.ln1`, VISION_LENGTH),
    random.bias(`${block}.ln1`, VISION_LENGTH),
    ...random.linear(`${block}.attn_qkv`, VISION_LENGTH, 3 * VISION_LENGTH),
    ...random.linear(`${block}.attn_out`, VISION_LENGTH, VISION_LENGTH),
    random.norm(`${block}.ln2`, VISION_LENGTH),
    random.bias(`${block}.ln2`, VISION_LENGTH),
    ...random.linear(`${block}.ffn_up`, VISION_LENGTH, VISION_FF_LENGTH),
    ...random.linear(`${block}.ffn_down`, VISION_FF_LENGTH, VISION_LENGTH),
  ];
}
