/** Options and file handling that the tiny model pairs share. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { GgufTensorType } from "./tensor-types.ts";
import { type GgufSource, writeGguf } from "./writer.ts";

export interface TinyPairOptions {
  /** Type of the mmproj's matrices; default f16. */
  readonly type?: GgufTensorType;
  /** Type of the language model's matrices; default f16. */
  readonly modelType?: GgufTensorType;
  /** Width of the language model, a multiple of 64; default 128. */
  readonly embeddingLength?: number;
  /** Width of the mmproj's output; default `embeddingLength`. Another value makes a pair that does not fit together. */
  readonly projectionLength?: number;
  /** Pairs with the same options and seed are the same bytes; default 1. */
  readonly seed?: number;
  /** `general.name` of both files. */
  readonly name?: string;
}

export interface TinyPair {
  readonly modelPath: string;
  readonly mmprojPath: string;
}

export const TINY_PAIR_DEFAULTS = { type: "f16", modelType: "f16", embeddingLength: 128, seed: 1 } as const;

/** Where {@link writePair} writes. */
export function pairPaths(dir: string, stem: string): TinyPair {
  return { modelPath: join(dir, `${stem}.gguf`), mmprojPath: join(dir, `mmproj-${stem}.gguf`) };
}

/** Writes `<stem>.gguf` and `mmproj-<stem>.gguf` into `dir`, which is made if need be. */
export async function writePair(dir: string, stem: string, model: GgufSource, mmproj: GgufSource): Promise<TinyPair> {
  await mkdir(dir, { recursive: true });
  const pair = pairPaths(dir, stem);
  await writeGguf(pair.modelPath, model);
  await writeGguf(pair.mmprojPath, mmproj);
  return pair;
}
