import { type ModelFamily, patchLimit } from "./family.ts";
import { clickGrammar, coordinateRules } from "./grammar.ts";
import { groundingTraits } from "./grounding.ts";
import { clickCoordinatesExamples, holoClickPrompt, noThoughts, visualLocalizerSchema } from "./prompts.ts";
import { cellsOf } from "./qwen3vl.ts";

/**
 * Qwen3.5 and 3.6, and what was made from them (Holo3, Holo3.1, Holo4): a vision encoder as Qwen3-VL's, and a language
 * model most of whose layers keep a recurrent state. Coordinates are normalised to 0..1000. These models think before
 * they answer unless the prompt says that they have.
 */
export const qwen35: ModelFamily = {
  id: "qwen35",
  architectures: ["qwen35", "qwen35moe"],
  projectors: ["qwen3vl_merger"],
  traits(model, mmproj) {
    const { patch, ...sizing } = cellsOf(mmproj);
    return groundingTraits(model, {
      family: "qwen35",
      sizing,
      space: "normalised-1000",
      leastSide: patchLimit(patch),
      coordinate: coordinateRules.thousandths,
      begun: noThoughts,
      click: (target) => ({
        prompt: holoClickPrompt(visualLocalizerSchema, target, noThoughts),
        grammar: clickGrammar(coordinateRules.thousandths),
        examples: clickCoordinatesExamples,
      }),
    });
  },
};
