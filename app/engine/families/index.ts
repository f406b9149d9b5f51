import type { GgufHeader } from "../../../native/index.ts";
import { HoloscopeError } from "../../contract/index.ts";
import type { ModelFamily, ModelTraits } from "./family.ts";
import { metadataNumber, metadataString } from "./metadata.ts";
import { readOwnMetadata } from "./own-metadata.ts";
import { qwen3vl } from "./qwen3vl.ts";
import { qwen25vl } from "./qwen25vl.ts";

export type { ModelTraits, Question } from "./family.ts";

const families: readonly ModelFamily[] = [qwen25vl, qwen3vl];

const supported =
  "Supported are Qwen2.5-VL models such as Holo1.5 (qwen2vl with a qwen2.5vl_merger mmproj) and Qwen3-VL models such as " +
  "Holo2 and the bundled detector (qwen3vl with a qwen3vl_merger mmproj).";

/**
 * Chooses the family of a pair from its metadata and checks that the two files belong together.
 * Errors: WRONG_ARCHITECTURE (not a supported model, no mmproj, or the two files swapped), MMPROJ_MISMATCH.
 */
export function recognise(model: GgufHeader, mmproj: GgufHeader): ModelTraits {
  const architecture = metadataString(model, "general.architecture") ?? "unknown";
  const encoder = metadataString(mmproj, "general.architecture") ?? "unknown";
  if (architecture === "clip") {
    const [message, hint] =
      encoder === "clip"
        ? ["Both files are mmproj files; the language model is missing.", "Choose the model's main GGUF file."]
        : ["The model and the mmproj are swapped.", "Exchange the two files."];
    throw new HoloscopeError("WRONG_ARCHITECTURE", message, hint);
  }
  if (encoder !== "clip") {
    throw new HoloscopeError(
      "WRONG_ARCHITECTURE",
      `The second file is a language model (${encoder}), not an mmproj.`,
      "Choose the mmproj file that belongs to the model; its name usually begins with mmproj.",
    );
  }
  const projector = projectorOf(mmproj);
  const family = families.find((candidate) => candidate.architectures.includes(architecture));
  if (family === undefined) {
    throw new HoloscopeError(
      "WRONG_ARCHITECTURE",
      `Models of the architecture "${architecture}" (projector "${projector}") are not supported.`,
      supported,
    );
  }
  if (!family.projectors.includes(projector)) {
    const known = families.some((candidate) => candidate.projectors.includes(projector));
    throw new HoloscopeError(
      known ? "MMPROJ_MISMATCH" : "WRONG_ARCHITECTURE",
      `The projector "${projector}" of the mmproj does not go with a ${architecture} model.`,
      known ? mmprojHint : supported,
    );
  }
  checkWidths(model, mmproj, architecture);
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

/** llama.cpp would abort the process on these. */
function checkWidths(model: GgufHeader, mmproj: GgufHeader, architecture: string): void {
  const embedding = metadataNumber(model, `${architecture}.embedding_length`);
  const projection = metadataNumber(mmproj, "clip.vision.projection_dim");
  if (embedding !== undefined && projection !== undefined && embedding !== projection) {
    throw new HoloscopeError(
      "MMPROJ_MISMATCH",
      `The mmproj writes vectors of ${projection} numbers, but the model reads ${embedding}.`,
      mmprojHint,
    );
  }
  const wanted = metadataNumber(model, `${architecture}.n_deepstack_layers`) ?? 0;
  const given = deepstackLayers(mmproj);
  if (wanted !== given) {
    throw new HoloscopeError(
      "MMPROJ_MISMATCH",
      `The model takes image features from ${wanted} deepstack layers, but the mmproj has ${given}.`,
      mmprojHint,
    );
  }
}

/** Deepstack layers are counted by their tensors, as libmtmd does. */
function deepstackLayers(mmproj: GgufHeader): number {
  return mmproj.tensors.filter((tensor) => /^v\.deepstack\.\d+\.fc1\.weight$/.test(tensor.name)).length;
}
