/** What the tiny mmproj files of both families share. Keys and tensor names: llama.cpp's tools/mtmd/clip-impl.h. */
import { type GgufMetadata, kv } from "./metadata.ts";
import { matrixReach } from "./random.ts";
import type { RandomTensors } from "./random-tensors.ts";
import { type GgufTensorType, TENSOR_TYPES } from "./tensor-types.ts";
import type { GgufTensorSource } from "./writer.ts";

export interface TinyVisionEncoder {
  readonly projector: "qwen2.5vl_merger" | "qwen3vl_merger";
  readonly name: string;
  readonly type: GgufTensorType;
  /** Side of a patch, px. */
  readonly patchSize: number;
  /** The image side that `clip.vision.image_size` names, px. */
  readonly imageSize: number;
  readonly layers: number;
  /** Width of the embeddings that the merger gives to the language model. */
  readonly projectionLength: number;
  readonly imageMean: readonly [number, number, number];
  readonly imageStd: readonly [number, number, number];
  /** Sizes of a layer; tiny if left out. */
  readonly shape?: VisionShape;
}

export interface VisionShape {
  readonly width: number;
  /** Must differ from `width`: libmtmd takes equal widths for a file with swapped `up` and `down`. */
  readonly feedForwardLength: number;
  readonly heads: number;
}

export const VISION_LENGTH = 64;
export const VISION_FF_LENGTH = 96;
export const TINY_VISION_SHAPE: VisionShape = { width: VISION_LENGTH, feedForwardLength: VISION_FF_LENGTH, heads: 2 };
/** Patches along each side that the merger joins into one token. */
export const MERGE = 2;
export const MERGED_LENGTH = VISION_LENGTH * MERGE * MERGE;

export function visionMetadata(encoder: TinyVisionEncoder): GgufMetadata {
  const { width, feedForwardLength, heads } = encoder.shape ?? TINY_VISION_SHAPE;
  return {
    "general.architecture": kv.string("clip"),
    "general.type": kv.string("mmproj"),
    "general.name": kv.string(encoder.name),
    "general.file_type": kv.u32(TENSOR_TYPES[encoder.type].fileType),
    "clip.has_vision_encoder": kv.bool(true),
    "clip.projector_type": kv.string(encoder.projector),
    "clip.vision.projection_dim": kv.u32(encoder.projectionLength),
    "clip.vision.image_size": kv.u32(encoder.imageSize),
    "clip.vision.patch_size": kv.u32(encoder.patchSize),
    "clip.vision.embedding_length": kv.u32(width),
    "clip.vision.feed_forward_length": kv.u32(feedForwardLength),
    "clip.vision.block_count": kv.u32(encoder.layers),
    "clip.vision.attention.head_count": kv.u32(heads),
    "clip.vision.attention.layer_norm_epsilon": kv.f32(1e-6),
    "clip.vision.image_mean": kv.f32s(encoder.imageMean),
    "clip.vision.image_std": kv.f32s(encoder.imageStd),
  };
}

/** The patch embedding: one kernel for each of the two frames that a still image counts as. */
export function patchTensors(encoder: TinyVisionEncoder, random: RandomTensors): GgufTensorSource[] {
  const { patchSize, type, shape = TINY_VISION_SHAPE } = encoder;
  const reach = matrixReach(2 * 3 * patchSize * patchSize);
  // As llama.cpp's converter does: convolution kernels are f16 in f16 files and f32 in all others.
  const kernelType = type === "f16" ? "f16" : "f32";
  return ["v.patch_embd.weight", "v.patch_embd.weight.1"].map((name) =>
    random.tensor(name, [patchSize, patchSize, 3, shape.width], reach, kernelType),
  );
}

/** The MLP that turns merged patches into embeddings of the language model. */
export function mergerTensors(encoder: TinyVisionEncoder, random: RandomTensors): GgufTensorSource[] {
  const merged = (encoder.shape ?? TINY_VISION_SHAPE).width * MERGE * MERGE;
  return [...random.linear("mm.0", merged, merged), ...random.linear("mm.2", merged, encoder.projectionLength)];
}

/** One of qwen3vl's side branches from an early layer into the language model (deepstack). */
export function deepstackTensors(encoder: TinyVisionEncoder, random: RandomTensors, layer: number): GgufTensorSource[] {
  const branch = `v.deepstack.${layer}`;
  return [
    random.norm(`${branch}.norm`, MERGED_LENGTH),
    random.bias(`${branch}.norm`, MERGED_LENGTH),
    ...random.linear(`${branch}.fc1`, MERGED_LENGTH, MERGED_LENGTH),
    ...random.linear(`${branch}.fc2`, MERGED_LENGTH, encoder.projectionLength),
  ];
}
