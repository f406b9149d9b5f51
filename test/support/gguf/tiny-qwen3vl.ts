/** A tiny random-weight Qwen3-VL pair, the family of Holo2 and of the bundled detector; encoders of it in any size. */
import { kv } from "./metadata.ts";
import { type RandomTensors, randomTensors } from "./random-tensors.ts";
import { LANGUAGE_LAYERS, tinyLanguageModel } from "./tiny-language-model.ts";
import { TINY_PAIR_DEFAULTS, type TinyPair, type TinyPairOptions, writePair } from "./tiny-pair.ts";
import {
  deepstackTensors,
  MERGE,
  mergerTensors,
  patchTensors,
  TINY_VISION_SHAPE,
  type TinyVisionEncoder,
  type VisionShape,
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

/** The sizes of an encoder. */
export interface Qwen3vlEncoderShape extends VisionShape {
  readonly layers: number;
  /** Side of the square grid of learned positions, in patches; libmtmd interpolates it to the image's own grid. */
  readonly positionGrid: number;
}

const TINY_SHAPE: Qwen3vlEncoderShape = { ...TINY_VISION_SHAPE, layers: 4, positionGrid: 16 };
const PATCH_SIZE = 16;

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

/** The mmproj of a tiny Qwen3-VL pair, which Qwen3.5 uses as well. */
export function tinyQwen3vlEncoder(options: TinyQwen3vlOptions & { readonly name: string }): GgufSource {
  const { type, embeddingLength, seed } = { ...TINY_PAIR_DEFAULTS, ...options };
  const { projectionLength = embeddingLength, name, deepstackLayers = 0 } = options;
  const random = randomTensors(seed, type);
  return qwen3vlEncoder({ name, type, projectionLength, deepstackLayers, shape: TINY_SHAPE }, random);
}

interface Qwen3vlEncoder extends Pick<TinyVisionEncoder, "name" | "type" | "projectionLength"> {
  /** First layers that also feed the language model's first layers. */
  readonly deepstackLayers: number;
  readonly shape: Qwen3vlEncoderShape;
}

/** The mmproj of a Qwen3-VL pair. */
export function qwen3vlEncoder({ deepstackLayers, ...given }: Qwen3vlEncoder, random: RandomTensors): GgufSource {
  const { shape } = given;
  const { width, positionGrid } = shape;
  const encoder: TinyVisionEncoder = {
    ...given,
    projector: "qwen3vl_merger",
    patchSize: PATCH_SIZE,
    imageSize: positionGrid * PATCH_SIZE,
    layers: shape.layers,
    imageMean: [0.5, 0.5, 0.5],
    imageStd: [0.5, 0.5, 0.5],
  };
  const layers = Array.from({ length: shape.layers }, (_, layer) => [
    ...layerTensors(random, shape, `v.blk.${layer}`),
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
      random.bias("v.patch_embd", width),
      random.tensor("v.position_embd.weight", [width, positionGrid * positionGrid], 0.5, "f32"),
      ...layers.flat(),
      random.norm("v.post_ln", width),
      random.bias("v.post_ln", width),
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
    random.bias(`${block}.ln1`, width),
    ...random.linear(`${block}.attn_qkv`, width, 3 * width),
    ...random.linear(`${block}.attn_out`, width, width),
    random.norm(`${block}.ln2`, width),
    random.bias(`${block}.ln2`, width),
    ...random.linear(`${block}.ffn_up`, width, feedForwardLength),
    ...random.linear(`${block}.ffn_down`, feedForwardLength, width),
  ];
}
