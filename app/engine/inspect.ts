import { readdir } from "node:fs/promises";
import path from "node:path";
import { defined, type EnginePair, type GgufSummary, HoloscopeError, type PairInspection } from "../contract/index.ts";
import { type GgufHeader, metadataString } from "../gguf/header.ts";
import { readGguf } from "../gguf/read.ts";
import { readGgufParts } from "../gguf/read-parts.ts";
import { splitNameOf } from "../gguf/split-name.ts";
import { type ModelTraits, recognise } from "./families/index.ts";
import { summariseGguf } from "./gguf-summary.ts";

/**
 * Reads both headers, checks that the files are sound and belong together, and names the family, without loading
 * weights. Every pair goes through it before it is loaded.
 * Errors: FILE_MISSING, NOT_A_GGUF, GGUF_TRUNCATED, BAD_REQUEST (a split model, not as llama.cpp needs it),
 * WRONG_ARCHITECTURE, MMPROJ_MISMATCH, PRESET_MISFIT.
 */
export async function inspectPair(
  pair: EnginePair,
): Promise<{ readonly inspection: PairInspection; readonly traits: ModelTraits; readonly model: GgufHeader }> {
  const model = await readGgufParts(pair.modelPath);
  const mmproj = await readGguf(pair.mmprojPath);
  const traits = recognise(model, mmproj, pair.preset);
  const inspection = {
    model: summariseGguf(model),
    mmproj: summariseGguf(mmproj),
    family: traits.family,
    modes: { ...traits.modes },
    ...defined({ minConfidence: traits.minConfidence, preset: traits.preset }),
  };
  return { inspection, traits, model };
}

/**
 * Reads the header of a language model alone, as long as its mmproj is not known.
 * Errors: those of {@link inspectPair} that concern the model; WRONG_ARCHITECTURE for an mmproj.
 */
export async function inspectModel(modelPath: string): Promise<GgufSummary> {
  const model = await readGgufParts(modelPath);
  if (metadataString(model, "general.architecture") !== "clip") return summariseGguf(model);
  const beside = await modelsBeside(modelPath);
  throw new HoloscopeError(
    "WRONG_ARCHITECTURE",
    `"${path.basename(modelPath)}" is an mmproj, the vision part of a model, not the model itself.`,
    beside.length === 0
      ? "Give the language model's .gguf file; its mmproj is found beside it."
      : `Give the language model, such as ${beside.join(" or ")}; its mmproj is found beside it.`,
  );
}

/** Names of up to two files beside an mmproj that may be its language model. */
async function modelsBeside(mmprojPath: string): Promise<string[]> {
  const names = await readdir(path.dirname(mmprojPath)).catch(() => []);
  const models = names.filter(
    (name) => /\.gguf$/i.test(name) && !/mmproj/i.test(name) && name !== path.basename(mmprojPath),
  );
  return models
    .filter((name) => (splitNameOf(name)?.number ?? 1) === 1)
    .sort()
    .slice(0, 2);
}
