import { type GgufHeader, metadataString } from "../../gguf/header.ts";
import { groundingImageTokens, type ModelTraits, type Question } from "./family.ts";
import { boxListGrammar, labelRules } from "./grammar.ts";
import { boxListExamples, groundAllPrompt, groundOnePrompt } from "./prompts.ts";

/** What differs between the generations of Qwen-VL models that read free text. */
interface Grounding extends Pick<ModelTraits, "family" | "sizing" | "space" | "leastSide"> {
  /** GBNF of a coordinate. */
  readonly coordinate: string;
  /** What the answer begins with before the model writes; nothing if left out. */
  readonly begun?: string;
  /** The click question that the Holo models of this generation were trained on. */
  click(target: string): Question;
}

/**
 * Traits of a Qwen-VL model that reads free text: a plain one answers with boxes, both for a whole screen and for one
 * target; a Holo model answers a target with a click point, and was not trained to give boxes for a whole screen.
 */
export function groundingTraits(model: GgufHeader, { coordinate, click, begun, ...traits }: Grounding): ModelTraits {
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
        return { prompt: groundAllPrompt(begun), grammar: boxListGrammar({ ...boxes, maxDetections }), examples };
      if (holo) return click(target);
      return {
        prompt: groundOnePrompt(target, begun),
        grammar: boxListGrammar({ ...boxes, maxDetections: 1 }),
        examples,
      };
    },
  };
}

/** Whether the weights are of the Holo line, which was fine-tuned to answer with click points. */
function isHolo(header: GgufHeader): boolean {
  const tags = header.metadata["general.tags"];
  const names = [
    ...["general.name", "general.basename", "general.finetune"].map((key) => metadataString(header, key) ?? ""),
    ...(Array.isArray(tags) ? tags.map(String) : []),
  ];
  return /\bholo(?![a-z])/i.test(names.join(" "));
}
