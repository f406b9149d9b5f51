import type { NativeLibrary } from "../../native/index.ts";
import type { PairInspection } from "../contract/index.ts";
import { type ModelTraits, recognise } from "./families/index.ts";
import { summariseGguf } from "./gguf-summary.ts";

export interface PairPaths {
  readonly modelPath: string;
  readonly mmprojPath: string;
}

/**
 * Reads both headers and names the family, without loading weights.
 * Errors: FILE_MISSING, NOT_A_GGUF, GGUF_TRUNCATED (as NativeError), WRONG_ARCHITECTURE, MMPROJ_MISMATCH.
 */
export async function inspectPair(
  library: NativeLibrary,
  pair: PairPaths,
): Promise<{ readonly inspection: PairInspection; readonly traits: ModelTraits }> {
  const model = await library.readGguf(pair.modelPath);
  const mmproj = await library.readGguf(pair.mmprojPath);
  const traits = recognise(model, mmproj);
  const inspection = {
    model: summariseGguf(pair.modelPath, model),
    mmproj: summariseGguf(pair.mmprojPath, mmproj),
    family: traits.family,
    modes: { ...traits.modes },
    ...(traits.minConfidence === undefined ? {} : { minConfidence: traits.minConfidence }),
  };
  return { inspection, traits };
}
