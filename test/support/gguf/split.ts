/** Split models, as llama-gguf-split makes them: the first part has the metadata, each has some of the tensors. */
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { GgufMetadata } from "./metadata.ts";
import { tinyLanguageModel } from "./tiny-language-model.ts";
import { TINY_PAIR_DEFAULTS, type TinyPair } from "./tiny-pair.ts";
import { writeTinyQwen3vlPair } from "./tiny-qwen3vl.ts";
import { writeGguf } from "./writer.ts";

export interface SplitPair extends TinyPair {
  /** All parts of the language model, in order; the first is `modelPath`. */
  readonly parts: readonly string[];
}

/** Name of a part of a model. */
export function partName(stem: string, number: number, count: number): string {
  const digits = (value: number): string => String(value).padStart(5, "0");
  return `${stem}-${digits(number)}-of-${digits(count)}.gguf`;
}

/** Writes a tiny Qwen3-VL pair whose language model is in several files, and its mmproj `mmproj-<stem>.gguf`. */
export async function writeTinySplitPair(dir: string, count: number, stem = "tiny"): Promise<SplitPair> {
  const whole = await writeTinyQwen3vlPair(dir);
  await rm(whole.modelPath);
  const mmprojPath = join(dir, `mmproj-${stem}.gguf`);
  await rename(whole.mmprojPath, mmprojPath);
  const { type, embeddingLength, seed } = TINY_PAIR_DEFAULTS;
  const shape = { architecture: "qwen3vl", name: "Tiny in parts", type, embeddingLength, seed } as const;
  const { metadata, tensors } = tinyLanguageModel({ ...shape, deepstackLayers: 0 });
  const each = Math.ceil(tensors.length / count);
  const parts: string[] = [];
  for (let index = 0; index < count; index++) {
    const file = join(dir, partName(stem, index + 1, count));
    const split: GgufMetadata = {
      "split.no": { type: "uint16", value: index },
      "split.count": { type: "uint16", value: count },
      "split.tensors.count": { type: "int32", value: tensors.length },
    };
    await writeGguf(file, {
      metadata: { ...(index === 0 ? metadata : {}), ...split },
      tensors: tensors.slice(index * each, (index + 1) * each),
    });
    parts.push(file);
  }
  return { modelPath: parts[0] ?? "", mmprojPath, parts };
}
