import type { GgufHeader, GgufValue } from "../../native/index.ts";

interface HeaderOptions {
  readonly metadata: Readonly<Record<string, GgufValue>>;
  readonly arrayLengths?: Readonly<Record<string, number>>;
  readonly tensorNames?: readonly string[];
}

/** A header as the native reader gives it, with 4 x 8 tensors. */
export function header({ metadata, arrayLengths = {}, tensorNames = ["a", "b"] }: HeaderOptions): GgufHeader {
  return {
    version: 3,
    fileBytes: 1000,
    metadata,
    arrayLengths,
    tensors: tensorNames.map((name) => ({ name, type: "f16", shape: [4, 8], bytes: 64 })),
  };
}

const realVocabulary = { "tokenizer.ggml.tokens": 151_936, "tokenizer.ggml.merges": 151_387 };

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
  qwen3mmproj: header({
    metadata: {
      "general.architecture": "clip",
      "clip.projector_type": "qwen3vl_merger",
      "clip.vision.patch_size": 16,
      "clip.vision.spatial_merge_size": 2,
      "clip.vision.image_size": 768,
      "clip.vision.projection_dim": 2560,
    },
    tensorNames: ["v.deepstack.5.fc1.weight", "v.deepstack.11.fc1.weight", "v.deepstack.17.fc1.weight"],
  }),
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
      "clip.projector_type": "qwen3vl_merger",
      "clip.vision.patch_size": 16,
      "clip.vision.spatial_merge_size": 2,
      "clip.vision.image_size": 512,
      "clip.vision.projection_dim": 384,
    },
  }),
  llama: header({ metadata: { "general.architecture": "llama", "llama.embedding_length": 4096 } }),
} as const;
