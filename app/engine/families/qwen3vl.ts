import type { GgufHeader } from "../../../native/index.ts";
import { searchByKind } from "./by-kind.ts";
import { imageTokenLimits, type ModelFamily, type ModelTraits } from "./family.ts";
import { boxListGrammar, clickGrammar, coordinateRules, labelRules, oneOf } from "./grammar.ts";
import { groundingTraits } from "./grounding.ts";
import { metadataLength, metadataNumber } from "./metadata.ts";
import { chatPrompt, clickCoordinatesExamples, clickCoordinatesSchema, holoClickPrompt } from "./prompts.ts";

/**
 * Qwen3-VL, what was made from it (Holo2), and small detectors of the same architecture with a vocabulary of their own.
 * Coordinates are normalised to 0..1000. Patches of 16 px are merged 2x2, so sides are multiples of 32 px.
 */
export const qwen3vl: ModelFamily = {
  id: "qwen3vl",
  architectures: ["qwen3vl", "qwen3vlmoe"],
  projectors: ["qwen3vl_merger"],
  traits(model, mmproj, { labels }) {
    const patch = metadataNumber(mmproj, "clip.vision.patch_size") ?? 16;
    const factor = patch * (metadataNumber(mmproj, "clip.vision.spatial_merge_size") ?? 2);
    const limits = imageTokenLimits(mmproj, factor);
    if (hasFixedVocabulary(model)) {
      const maxTokens = Math.min(limits.maxTokens, trainedImageTokens(mmproj, patch));
      return detectorTraits({ factor, minTokens: limits.minTokens, maxTokens }, labels);
    }
    return groundingTraits(model, {
      family: "qwen3vl",
      sizing: { factor, ...limits },
      space: "normalised-1000",
      coordinate: coordinateRules.thousandths,
      click: (target) => ({
        prompt: holoClickPrompt(clickCoordinatesSchema, target),
        grammar: clickGrammar(coordinateRules.thousandths),
        examples: clickCoordinatesExamples,
      }),
    });
  },
};

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

/** @param labels as the model's own metadata names them; without them its answers cannot be searched for a target. */
function detectorTraits(sizing: ModelTraits["sizing"], labels: readonly string[] | undefined): ModelTraits {
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
    ...(labels === undefined ? {} : { search: (target: string) => searchByKind(target, labels) }),
    sizing,
    space: "normalised-1000",
    question: (_mode, _target, maxDetections) => ({
      prompt: chatPrompt("Detect every UI element. Answer in JSON."),
      grammar: boxListGrammar({
        maxDetections,
        coordinate: coordinateRules.bins,
        label: labels === undefined ? labelRules.names : oneOf(labels),
        spaced: false,
      }),
    }),
  };
}
