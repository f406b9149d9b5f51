/** Pairs whose headers are sound but which make llama.cpp abort the whole process, to test that a crash is survived. */
import { join } from "node:path";
import { damage, writeDamaged } from "./corrupt.ts";
import type { TinyPair } from "./tiny-pair.ts";
import { writeTinyQwen3vlPair } from "./tiny-qwen3vl.ts";

/** FLOAT32 in place of UINT32; both take four bytes, so that the rest of the file still reads well. */
const FLOAT32 = 6;

/** Aborts while the mmproj loads: a key has a type that libmtmd does not expect. */
export async function writePairAbortingInLoad(dir: string): Promise<TinyPair> {
  const pair = await writeTinyQwen3vlPair(dir);
  const target = join(dir, "mmproj-aborting.gguf");
  const mmprojPath = await writeDamaged(pair.mmprojPath, target, damage.valueType("clip.vision.patch_size", FLOAT32));
  return { ...pair, mmprojPath };
}

/** Loads and encodes, then aborts in prefill (see `deepstackLayers`). */
export function writePairAbortingInPrefill(dir: string): Promise<TinyPair> {
  return writeTinyQwen3vlPair(dir, { deepstackLayers: 3 });
}
