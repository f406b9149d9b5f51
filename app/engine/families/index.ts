import path from "node:path";
import { HoloscopeError } from "../../contract/index.ts";
import { type GgufHeader, metadataNumber, metadataString } from "../../gguf/header.ts";
import type { ModelFamily, ModelTraits } from "./family.ts";
import { readOwnMetadata } from "./own-metadata.ts";
import { qwen3vl } from "./qwen3vl.ts";
import { qwen25vl } from "./qwen25vl.ts";
import { qwen35 } from "./qwen35.ts";

export type { ModelTraits, Question } from "./family.ts";
export { type EncoderFacts, presetTraits } from "./preset-traits.ts";
export type { Chat } from "./prompts.ts";

const families: readonly ModelFamily[] = [qwen25vl, qwen3vl, qwen35];

const supported =
  "Supported are Qwen2.5-VL models such as Holo1.5 (qwen2vl with a qwen2.5vl_merger mmproj), Qwen3-VL models such as " +
  "Holo2 and the bundled detector (qwen3vl with a qwen3vl_merger mmproj), and Qwen3.5 models such as Holo3, Holo3.1 and " +
  "Holo4 (qwen35 or qwen35moe with a qwen3vl_merger mmproj).";

/**
 * Chooses the family of a pair from its metadata and checks that the two files belong together. These are all the rules
 * of a pair: what passes is handed to llama.cpp, which aborts the process on some of the pairs that are refused here.
 * Errors: WRONG_ARCHITECTURE (not a supported model, no mmproj, or the two files swapped), MMPROJ_MISMATCH.
 */
export function recognise(model: GgufHeader, mmproj: GgufHeader): ModelTraits {
  const [modelName, mmprojName] = [model, mmproj].map((header) => `"${path.basename(header.path)}"`);
  const refuse = (message: string, hint: string) => new HoloscopeError("WRONG_ARCHITECTURE", message, hint);
  const architecture = metadataString(model, "general.architecture") ?? "unknown";
  const encoder = metadataString(mmproj, "general.architecture") ?? "unknown";
  if (architecture === "clip") {
    throw encoder === "clip"
      ? refuse(
          `Both files are mmproj files (${modelName}, ${mmprojName}); the language model is missing.`,
          "Choose the model's main GGUF file.",
        )
      : refuse(`Model and mmproj are swapped: ${modelName} is the mmproj.`, "Exchange the two files.");
  }
  if (encoder !== "clip") {
    throw refuse(
      `${mmprojName} is a language model (${encoder}), not an mmproj.`,
      "Choose the mmproj file that belongs to the model; its name usually begins with mmproj.",
    );
  }
  if (mmproj.metadata["clip.has_vision_encoder"] !== true) {
    throw refuse(`${mmprojName} holds no vision encoder.`, mmprojHint);
  }
  const projector = projectorOf(mmproj);
  const family = families.find(({ architectures }) => architectures.includes(architecture));
  if (family === undefined || !families.some(({ projectors }) => projectors.includes(projector))) {
    throw refuse(
      `Models of the architecture "${architecture}" with the projector "${projector}" are not supported ` +
        `(${modelName}, ${mmprojName}).`,
      supported,
    );
  }
  if (model.tensors.length === 0) {
    throw refuse(`${modelName} holds no weights.`, "Download it again, or choose another file.");
  }
  const differences = [
    ...(family.projectors.includes(projector)
      ? []
      : [`its projector "${projector}" does not go with a ${architecture} model`]),
    ...widthDifferences(model, mmproj, architecture),
  ];
  if (differences.length > 0) {
    throw new HoloscopeError(
      "MMPROJ_MISMATCH",
      `${mmprojName} is the mmproj of another model than ${modelName}: ${differences.join("; ")}.`,
      mmprojHint,
    );
  }
  const own = readOwnMetadata(model);
  return { ...family.traits(model, mmproj, own), ...own };
}

const mmprojHint = "Use the mmproj file that was published together with this model.";

/** `clip.projector_type`, or the key that mmproj files with several encoders use. */
export function projectorOf(mmproj: GgufHeader): string {
  return (
    metadataString(mmproj, "clip.projector_type") ?? metadataString(mmproj, "clip.vision.projector_type") ?? "unknown"
  );
}

function widthDifferences(model: GgufHeader, mmproj: GgufHeader, architecture: string): string[] {
  const reads = metadataNumber(model, `${architecture}.embedding_length`);
  // What the file says of its output, and what the last layer puts out.
  const said = metadataNumber(mmproj, "clip.vision.projection_dim");
  const real = mmproj.tensors.find(({ name }) => name === "mm.2.bias")?.shape[0];
  const writes = [said, real].find((width) => width !== undefined && reads !== undefined && width !== reads);
  const wanted = metadataNumber(model, `${architecture}.n_deepstack_layers`) ?? 0;
  // Counted by their tensors, as libmtmd does.
  const given = mmproj.tensors.filter(({ name }) => /^v\.deepstack\.\d+\.fc1\.weight$/.test(name)).length;
  return [
    ...(writes === undefined ? [] : [`it writes vectors of ${writes} numbers, but the model reads ${reads}`]),
    ...(wanted === given ? [] : [`it has ${given} deepstack layers, but the model takes features from ${wanted}`]),
  ];
}
