/** Pairs whose headers are sound but which make llama.cpp abort the whole process, to test that a crash is survived. */
import { join } from "node:path";
import { type Damage, damage, writeDamaged } from "./corrupt.ts";
import { TINY_PAIR_DEFAULTS, type TinyPair } from "./tiny-pair.ts";
import { writeTinyQwen3vlPair } from "./tiny-qwen3vl.ts";
import { MERGED_LENGTH } from "./tiny-vision-encoder.ts";

/** FLOAT32 in place of UINT32; both take four bytes, so that the rest of the file still reads well. */
const FLOAT32 = 6;

/** Aborts while the mmproj loads: a key has a type that libmtmd does not expect. */
export function writePairAbortingInLoad(dir: string): Promise<TinyPair> {
  return withDamagedMmproj(dir, damage.valueType("clip.vision.patch_size", FLOAT32));
}

/**
 * Loads, then aborts where llama.cpp lays out the prefill of fewer logits than tokens (see `deepstackLayers`): in prefill
 * itself, or already while a context is made that asks for one row of logits, as the native addon's does.
 */
export function writePairAbortingInPrefill(dir: string): Promise<TinyPair> {
  return writeTinyQwen3vlPair(dir, { deepstackLayers: 3 });
}

/** Loads, then aborts in encode: the last matrix has its sides swapped, which libmtmd notices when it multiplies. */
export function writePairAbortingInEncode(dir: string): Promise<TinyPair> {
  const rows = damage.tensorDimension("mm.2.weight", 0, BigInt(TINY_PAIR_DEFAULTS.embeddingLength));
  const columns = damage.tensorDimension("mm.2.weight", 1, BigInt(MERGED_LENGTH));
  return withDamagedMmproj(dir, (file) => columns(rows(file)));
}

async function withDamagedMmproj(dir: string, apply: Damage): Promise<TinyPair> {
  const pair = await writeTinyQwen3vlPair(dir);
  return { ...pair, mmprojPath: await writeDamaged(pair.mmprojPath, join(dir, "mmproj-aborting.gguf"), apply) };
}
