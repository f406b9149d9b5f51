/** Random-weight Qwen3.5 pairs, the family of Holo3, Holo3.1 and Holo4: tiny ones, and one of Holo3.1-4B's shapes. */
import type { GgufMetadata } from "./metadata.ts";
import { CYCLE, randomTensors } from "./random-tensors.ts";
import { boxListScript } from "./scripted-answer.ts";
import { type LanguageModelShape, tinyLanguageModel } from "./tiny-language-model.ts";
import { pairPaths, TINY_PAIR_DEFAULTS, type TinyPair, type TinyPairOptions, writePair } from "./tiny-pair.ts";
import { type Qwen3vlEncoderShape, qwen3vlEncoder, tinyQwen3vlEncoder } from "./tiny-qwen3vl.ts";

export interface TinyQwen35Options extends TinyPairOptions {
  /** Of experts, as the models with "A3B" in their names; default false. */
  readonly experts?: boolean;
}

/** Writes a pair that llama.cpp and libmtmd load: image sides are multiples of 32 px. */
export async function writeTinyQwen35Pair(dir: string, options: TinyQwen35Options = {}): Promise<TinyPair> {
  const { modelType, embeddingLength, seed } = { ...TINY_PAIR_DEFAULTS, ...options };
  const { name = "Tiny Qwen3.5", experts = false } = options;
  const architecture = experts ? "qwen35moe" : "qwen35";
  return writePair(
    dir,
    `tiny-${architecture}`,
    tinyLanguageModel({ architecture, name, type: modelType, embeddingLength, seed, deepstackLayers: 0 }),
    tinyQwen3vlEncoder({ ...options, name }),
  );
}

export interface Holo31Options {
  /** The `tokenizer.*` keys of the real vocabulary; a made-up one if left out, which splits texts finer. */
  readonly tokenizer?: GgufMetadata;
  /**
   * Writes list after list of boxes instead of what the weights happen to give; with the real vocabulary only. The model
   * then has an output layer of its own (0.68 GB), since embeddings that are the output layer as well leave none to
   * script: a token takes as long as before, the weights more memory.
   */
  readonly scripted?: boolean;
}

/** The published sizes of Holo3.1-4B (its config.json, which is Qwen3.5-4B's). */
const HOLO31_EMBEDDING = 2560;
const HOLO31_LANGUAGE: LanguageModelShape = {
  layers: 32,
  feedForwardLength: 9216,
  headLength: 256,
  heads: 16,
  kvHeads: 4,
  vocabularySize: 248_320,
  contextLength: 262_144,
  ropeBase: 1e7,
  ropeSections: [11, 11, 10, 0],
  rotaryLength: 64,
  hybrid: { attentionInterval: 4, stateLength: 128, keyHeads: 16, valueHeads: 32, convolution: 4 },
  cycle: CYCLE,
};
const HOLO31_VISION: Qwen3vlEncoderShape = {
  width: 1024,
  layers: 24,
  feedForwardLength: 4096,
  heads: 16,
  positionGrid: 48,
};

/** Tokens of Holo3.1's vocabulary, unused ones included. */
export const holo31Vocabulary = HOLO31_LANGUAGE.vocabularySize;

/** Where {@link writeHolo31ShapedPair} writes; the mmproj is written last. */
export const holo31ShapedPaths = (dir: string, options: Holo31Options = {}): TinyPair =>
  pairPaths(dir, holo31Stem(options));

const holo31Stem = ({ scripted = false }: Holo31Options): string => `holo31-shaped${scripted ? "-scripted" : ""}`;

/**
 * Writes a pair of exactly the shapes of Holo3.1-4B, the language model in q8_0 and the mmproj in f16. Its answers mean
 * nothing, but its speed and memory are those of the real model in these types.
 */
export async function writeHolo31ShapedPair(dir: string, options: Holo31Options = {}): Promise<TinyPair> {
  const { tokenizer, scripted = false } = options;
  if (scripted && tokenizer === undefined) throw new Error("A scripted answer needs the real vocabulary.");
  const name = "Holo3.1-4B shapes, random weights";
  const seed = 1;
  return writePair(
    dir,
    holo31Stem(options),
    tinyLanguageModel({
      architecture: "qwen35",
      name,
      type: "q8_0",
      embeddingLength: HOLO31_EMBEDDING,
      seed,
      deepstackLayers: 0,
      shape: {
        ...HOLO31_LANGUAGE,
        tied: !scripted,
        ...(tokenizer === undefined ? {} : { tokenizer }),
        ...(scripted && tokenizer !== undefined ? { script: boxListScript(tokenizer) } : {}),
      },
    }),
    qwen3vlEncoder(
      { name, type: "f16", projectionLength: HOLO31_EMBEDDING, deepstackLayers: 0, shape: HOLO31_VISION },
      randomTensors(seed, "f16", CYCLE),
    ),
  );
}
