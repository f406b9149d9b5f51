/** A tiny random-weight Qwen3.5 pair, the family of Holo3, Holo3.1 and Holo4. */
import { tinyLanguageModel } from "./tiny-language-model.ts";
import { TINY_PAIR_DEFAULTS, type TinyPair, type TinyPairOptions, writePair } from "./tiny-pair.ts";
import { tinyQwen3vlEncoder } from "./tiny-qwen3vl.ts";

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
