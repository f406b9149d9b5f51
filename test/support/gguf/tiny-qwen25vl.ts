/** A tiny random-weight Qwen2.5-VL pair, the family of Holo1.5. */
import { kv } from "./metadata.ts";
import { type RandomTensors, randomTensors } from "./random-tensors.ts";
import { tinyLanguageModel } from "./tiny-language-model.ts";
import { TINY_PAIR_DEFAULTS, type TinyPair, type TinyPairOptions, writePair } from "./tiny-pair.ts";
import {
  mergerTensors,
  patchTensors,
  type TinyVisionEncoder,
  VISION_FF_LENGTH,
  VISION_LENGTH,
  visionMetadata,
} from "./tiny-vision-encoder.ts";
import type { GgufTensorSource } from "./writer.ts";

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
  const encoder: TinyVisionEncoder = {
    projector: "qwen2.5vl_merger",
    name,
    type,
    patchSize: 14,
    imageSize: 560,
    layers: visionLayers,
    projectionLength,
    imageMean: [0.48145466, 0.4578275, 0.40821073],
    imageStd: [0.26862954, 0.26130258, 0.27577711],
  };
  const random = randomTensors(seed, type);
  return writePair(
    dir,
    "tiny-qwen25vl",
    tinyLanguageModel({ architecture: "qwen2vl", name, type: modelType, embeddingLength, seed, deepstackLayers: 0 }),
    {
      metadata: {
        ...visionMetadata(encoder),
        "clip.use_silu": kv.bool(true),
        "clip.vision.n_wa_pattern": kv.u32(fullAttentionEvery),
      },
      tensors: [
        ...patchTensors(encoder, random),
        ...Array.from({ length: visionLayers }, (_, layer) => layerTensors(random, `v.blk.${layer}`)).flat(),
        random.norm("v.post_ln", VISION_LENGTH),
        ...mergerTensors(encoder, random),
      ],
    },
  );
}

function layerTensors(random: RandomTensors, block: string): GgufTensorSource[] {
  return [
    random.norm(`${block}.ln1`, VISION_LENGTH),
    ...["attn_q", "attn_k", "attn_v", "attn_out"].flatMap((name) =>
      random.linear(`${block}.${name}`, VISION_LENGTH, VISION_LENGTH),
    ),
    random.norm(`${block}.ln2`, VISION_LENGTH),
    ...random.linear(`${block}.ffn_gate`, VISION_LENGTH, VISION_FF_LENGTH),
    ...random.linear(`${block}.ffn_up`, VISION_LENGTH, VISION_FF_LENGTH),
    ...random.linear(`${block}.ffn_down`, VISION_FF_LENGTH, VISION_LENGTH),
  ];
}
