import { metadataNumber } from "../../gguf/header.ts";
import { imageTokenLimits, type ModelFamily, patchLimit } from "./family.ts";
import { clickGrammar, coordinateRules } from "./grammar.ts";
import { groundingTraits } from "./grounding.ts";
import { clickAbsoluteExamples, clickAbsoluteSchema, holoClickPrompt } from "./prompts.ts";

/**
 * Qwen2.5-VL and what was made from it (Holo1.5). Coordinates are px of the resized image.
 * Patches of 14 px are merged 2x2, so sides are multiples of 28 px.
 */
export const qwen25vl: ModelFamily = {
  id: "qwen25vl",
  architectures: ["qwen2vl"],
  projectors: ["qwen2.5vl_merger"],
  traits(model, mmproj) {
    const patch = metadataNumber(mmproj, "clip.vision.patch_size") ?? 14;
    const factor = patch * (metadataNumber(mmproj, "clip.vision.spatial_merge_size") ?? 2);
    return groundingTraits(model, {
      family: "qwen25vl",
      sizing: { factor, ...imageTokenLimits(mmproj, factor) },
      space: "model-pixels",
      leastSide: patchLimit(patch),
      coordinate: coordinateRules.pixels,
      click: (target) => ({
        prompt: holoClickPrompt(clickAbsoluteSchema, target),
        grammar: clickGrammar(coordinateRules.pixels, "click_absolute"),
        examples: clickAbsoluteExamples,
      }),
    });
  },
};
