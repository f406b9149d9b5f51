import { defined } from "../../contract/index.ts";
import { type GgufHeader, metadataLength, metadataNumber } from "../../gguf/header.ts";
import { boxListSchema } from "./answer-schema.ts";
import { searchByKind } from "./by-kind.ts";
import { imageTokenLimits, type LeastSide, type ModelFamily, type ModelTraits } from "./family.ts";
import { boxListGrammar, coordinateRules, labelRules, oneOf } from "./grammar.ts";
import { presetTraits } from "./preset-traits.ts";
import { chatPrompt } from "./prompts.ts";
import { presetOfModel } from "./recognise-preset.ts";

/**
 * Qwen3-VL, what was made from it (Holo2), and small detectors of the same architecture with a vocabulary of their own.
 * Coordinates are normalised to 0..1000. Patches of 16 px are merged 2x2, so sides are multiples of 32 px.
 */
export const qwen3vl: ModelFamily = {
  id: "qwen3vl",
  architectures: ["qwen3vl", "qwen3vlmoe"],
  projectors: ["qwen3vl_merger"],
  traits(model, mmproj, { labels }) {
    const cells = cellsOf(mmproj);
    if (!hasFixedVocabulary(model)) return presetTraits(presetOfModel(model, "qwen3-vl"), cells);
    const { patch, merge, minTokens } = cells;
    const maxTokens = Math.min(cells.maxTokens, trainedImageTokens(mmproj, patch));
    return detectorTraits({ factor: patch * merge, minTokens, maxTokens }, labels);
  },
};

/** Patches of a Qwen3-VL encoder in px, how many are merged along each side, and how many image tokens there may be. */
export function cellsOf(mmproj: GgufHeader) {
  const patch = metadataNumber(mmproj, "clip.vision.patch_size") ?? 16;
  const merge = metadataNumber(mmproj, "clip.vision.spatial_merge_size") ?? 2;
  return { patch, merge, ...imageTokenLimits(mmproj, patch * merge) };
}

/**
 * Whether most of the vocabulary was added by hand as whole answer pieces (numbers, `],"label":"button"},...`) instead
 * of being learned as merges of bytes. Such a model knows one prompt and one answer format; it can neither read a
 * described target nor write free text. Bundled detector: 2,047 of 2,304 tokens; a real Qwen3-VL: about 300 of 151,936.
 */
export function hasFixedVocabulary(model: GgufHeader): boolean {
  const tokens = metadataLength(model, "tokenizer.ggml.tokens");
  const learned = 256 + metadataLength(model, "tokenizer.ggml.merges");
  return tokens - learned > tokens / 2;
}

/**
 * Image tokens that a detector with a fixed vocabulary was trained up to. Its learned position grid has one entry for
 * each patch of a square image of `image_size`; the training screens went up to nine tenths of that number in tokens
 * (grid 32 x 32: 920 tokens, a screen of 1280 x 736 px), with the grid stretched over them.
 */
function trainedImageTokens(mmproj: GgufHeader, patch: number): number {
  const side = Math.floor((metadataNumber(mmproj, "clip.vision.image_size") ?? 512) / patch);
  return Math.floor(side * side * 0.9);
}

/**
 * The bundled detector on three screens of its own truth (1280 x 800, 3840 x 2160 and 1280 x 4000 px, 432 elements,
 * confidence 0 and up): of elements whose shorter side was under 12 px in its input it found 29 % (99 of 345, IoU 0.5), of
 * those from 14 px on 85 % (23 of 27).
 */
const detectorLimit: LeastSide = {
  px: 12,
  source: "As measured, it finds 29 % of the elements whose shorter side is under 12 px in its input.",
};

/** @param labels as the model's own metadata names them; without them its answers cannot be searched for a target. */
function detectorTraits(sizing: ModelTraits["sizing"], labels: readonly string[] | undefined): ModelTraits {
  const chat = { text: "Detect every UI element. Answer in JSON." };
  return {
    family: "qwen3vl",
    modes: { detect: "trained", locate: labels === undefined ? "unsupported" : "off-training" },
    modeNotes: {
      locate:
        labels === undefined
          ? "Its vocabulary holds only element names and numbers. Choose a model that was trained to find a described " +
            "target, such as Holo1.5, Holo2 or Qwen3-VL."
          : "This model reads no text: it finds a target by its kind and position alone, such as " +
            '"the second checkbox". To find elements by their text, use Holo1.5, Holo2 or Qwen3-VL.',
    },
    ...defined({ search: labels === undefined ? undefined : (target: string) => searchByKind(target, labels) }),
    sizing,
    space: "normalised-1000",
    leastSide: detectorLimit,
    question: (_mode, _target, maxDetections) => ({
      chat,
      prompt: chatPrompt(chat),
      grammar: boxListGrammar({
        maxDetections,
        coordinate: coordinateRules.bins,
        label: labels === undefined ? labelRules.names : oneOf(labels),
        spaced: false,
      }),
      schema: boxListSchema(
        { minimum: 0, maximum: 999 },
        labels === undefined ? { type: "string", pattern: `^${labelRules.names}$` } : { enum: labels },
        maxDetections,
      ),
    }),
  };
}
