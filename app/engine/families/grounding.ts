import type { GgufHeader } from "../../../native/index.ts";
import { groundingImageTokens, type ModelTraits, type Question } from "./family.ts";
import { boxListGrammar, labelRules } from "./grammar.ts";
import { isHolo } from "./metadata.ts";
import { boxListExamples, groundAllPrompt, groundOnePrompt } from "./prompts.ts";

/** What differs between the generations of Qwen-VL models that read free text. */
interface Grounding extends Pick<ModelTraits, "family" | "sizing" | "space"> {
  /** GBNF of a coordinate. */
  readonly coordinate: string;
  /** The click question that the Holo models of this generation were trained on. */
  click(target: string): Question;
}

/**
 * Traits of a Qwen-VL model that reads free text: a plain one grounds in boxes, both for a whole screen and for one
 * target; a Holo model answers a target with a click point, and boxes for a whole screen are off its training.
 */
export function groundingTraits(model: GgufHeader, { coordinate, click, ...traits }: Grounding): ModelTraits {
  const holo = isHolo(model);
  const boxes = { coordinate, label: labelRules.text, spaced: true };
  return {
    ...traits,
    modes: { detect: holo ? "off-training" : "trained", locate: "trained" },
    modeNotes: holo
      ? {
          detect:
            "This model was trained to find one described target. Boxes for a whole screen are off its training: " +
            'use the mode "locate" for dependable results.',
        }
      : {},
    wantedImageTokens: groundingImageTokens,
    question(mode, target, maxDetections) {
      const examples = boxListExamples;
      if (mode === "detect")
        return { prompt: groundAllPrompt(), grammar: boxListGrammar({ ...boxes, maxDetections }), examples };
      if (holo) return click(target);
      return { prompt: groundOnePrompt(target), grammar: boxListGrammar({ ...boxes, maxDetections: 1 }), examples };
    },
  };
}
