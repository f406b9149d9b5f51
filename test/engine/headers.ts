import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { GgufHeader, GgufValue } from "../../app/gguf/header.ts";
import { type GgufMetadataValue, kv } from "../support/gguf/metadata.ts";
import type { TinyPair } from "../support/gguf/tiny-pair.ts";
import { writeGguf } from "../support/gguf/writer.ts";

interface HeaderOptions {
  readonly metadata: Readonly<Record<string, GgufValue>>;
  readonly arrayLengths?: Readonly<Record<string, number>>;
  readonly tensorNames?: readonly string[];
}

/** A header as the reader gives it, with 4 x 8 tensors. */
export function header({ metadata, arrayLengths = {}, tensorNames = ["a", "b"] }: HeaderOptions): GgufHeader {
  return {
    path: "/models/file.gguf",
    version: 3,
    fileBytes: 1000,
    metadata,
    arrayLengths,
    tensors: tensorNames.map((name) => ({ name, type: "f16", shape: [4, 8], bytes: 64 })),
  };
}

const realVocabulary = { "tokenizer.ggml.tokens": 151_936, "tokenizer.ggml.merges": 151_387 };

/** Qwen3-VL's encoder, which Qwen3.5 uses without side branches. */
function qwen3Encoder(width: number, tensorNames: readonly string[] = []): GgufHeader {
  return header({
    metadata: {
      "general.architecture": "clip",
      "clip.has_vision_encoder": true,
      "clip.projector_type": "qwen3vl_merger",
      "clip.vision.patch_size": 16,
      "clip.vision.spatial_merge_size": 2,
      "clip.vision.image_size": 768,
      "clip.vision.projection_dim": width,
    },
    tensorNames,
  });
}

export const headers = {
  /** Holo1.5, as its published conversions describe themselves. */
  holo15: header({
    metadata: { "general.architecture": "qwen2vl", "general.name": "Holo1.5 7B", "qwen2vl.embedding_length": 3584 },
    arrayLengths: realVocabulary,
  }),
  qwen25: header({
    metadata: { "general.architecture": "qwen2vl", "general.name": "Qwen2.5 VL 7B", "qwen2vl.embedding_length": 3584 },
    arrayLengths: realVocabulary,
  }),
  qwen25mmproj: header({
    metadata: {
      "general.architecture": "clip",
      "clip.has_vision_encoder": true,
      "clip.projector_type": "qwen2.5vl_merger",
      "clip.vision.patch_size": 14,
      "clip.vision.projection_dim": 3584,
    },
  }),
  holo2: header({
    metadata: {
      "general.architecture": "qwen3vl",
      "general.basename": "Holo2",
      "qwen3vl.embedding_length": 2560,
      "qwen3vl.n_deepstack_layers": 3,
    },
    arrayLengths: realVocabulary,
  }),
  qwen3: header({
    metadata: {
      "general.architecture": "qwen3vl",
      "general.name": "Qwen3 VL 4B",
      "qwen3vl.embedding_length": 2560,
      "qwen3vl.n_deepstack_layers": 3,
    },
    arrayLengths: realVocabulary,
  }),
  holo31: header({
    metadata: {
      "general.architecture": "qwen35",
      "general.name": "Holo 3.1 4B",
      "general.basename": "Holo-3.1",
      "qwen35.embedding_length": 2560,
      "qwen35.full_attention_interval": 4,
    },
    arrayLengths: realVocabulary,
  }),
  holo4: header({
    metadata: {
      "general.architecture": "qwen35moe",
      "general.name": "Holo4 35B A3B",
      "qwen35moe.embedding_length": 2048,
    },
    arrayLengths: realVocabulary,
  }),
  qwen35: header({
    metadata: {
      "general.architecture": "qwen35",
      "general.name": "Qwen3.5 4B",
      "qwen35.embedding_length": 2560,
    },
    arrayLengths: realVocabulary,
  }),
  qwen35mmproj: qwen3Encoder(2560),
  qwen35moeMmproj: qwen3Encoder(2048),
  qwen3mmproj: qwen3Encoder(2560, [
    "v.deepstack.5.fc1.weight",
    "v.deepstack.11.fc1.weight",
    "v.deepstack.17.fc1.weight",
  ]),
  detector: header({
    metadata: { "general.architecture": "qwen3vl", "general.file_type": 7, "qwen3vl.embedding_length": 384 },
    arrayLengths: { "tokenizer.ggml.tokens": 2304, "tokenizer.ggml.merges": 1 },
  }),
  /** A detector whose file names its labels, with their colours, calibration and thresholds. */
  namedDetector: header({
    metadata: {
      "general.architecture": "qwen3vl",
      "general.file_type": 7,
      "qwen3vl.embedding_length": 384,
      "holoscope.labels": ["button", "checkbox", "menu_item"],
      "holoscope.label_colours": ["#112233", "#AABBCC", "#445566"],
      "holoscope.confidence.raw": [0.2, 0.6, 1],
      "holoscope.confidence.calibrated": [0, 0.5, 0.9],
      "holoscope.confidence.threshold.speed": Math.fround(0.4),
      "holoscope.confidence.threshold.balanced": Math.fround(0.3),
      "holoscope.confidence.threshold.quality": Math.fround(0.1),
    },
    arrayLengths: { "tokenizer.ggml.tokens": 2304, "tokenizer.ggml.merges": 1 },
  }),
  detectorMmproj: header({
    metadata: {
      "general.architecture": "clip",
      "clip.has_vision_encoder": true,
      "clip.projector_type": "qwen3vl_merger",
      "clip.vision.patch_size": 16,
      "clip.vision.spatial_merge_size": 2,
      "clip.vision.image_size": 512,
      "clip.vision.projection_dim": 384,
    },
  }),
  llama: header({ metadata: { "general.architecture": "llama", "llama.embedding_length": 4096 } }),
} as const;

/** Writes a pair with these headers into `folder`, which is made if need be, and resolves to its paths. */
export async function writeHeaders(
  folder: string,
  model: GgufHeader = headers.detector,
  mmproj: GgufHeader = headers.detectorMmproj,
): Promise<TinyPair> {
  await mkdir(folder, { recursive: true });
  const pair = { modelPath: join(folder, "model.gguf"), mmprojPath: join(folder, "mmproj.gguf") };
  await writeHeader(pair.modelPath, model);
  await writeHeader(pair.mmprojPath, mmproj);
  return pair;
}

async function writeHeader(file: string, { metadata, arrayLengths, tensors }: GgufHeader): Promise<void> {
  const lists = Object.entries(arrayLengths).map(([key, length]) => [key, kv.strings(Array<string>(length).fill(""))]);
  const values = Object.entries(metadata).map(([key, value]) => [key, metadataValue(value)]);
  await writeGguf(file, {
    metadata: Object.fromEntries([...lists, ...values]),
    tensors: tensors.map(({ name, shape }) => ({
      name,
      type: "f16",
      shape,
      values: () => new Float32Array(shape.reduce((product, side) => product * side, 1)),
    })),
  });
}

function metadataValue(value: GgufValue): GgufMetadataValue {
  if (typeof value === "string") return kv.string(value);
  if (typeof value === "boolean") return kv.bool(value);
  if (typeof value === "bigint") return { type: "uint64", value };
  if (typeof value === "number") return Number.isInteger(value) ? kv.u32(value) : kv.f32(value);
  return value.every((item) => typeof item === "string") ? kv.strings(value) : kv.f32s(value.map(Number));
}
