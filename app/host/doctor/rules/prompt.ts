import { differenceText } from "../../../presentation/template-check.ts";
import type { Rules } from "./rule.ts";

export const promptRules: Rules = {
  "prompt-not-of-template": ({ modelId, template }) => {
    if (template?.verdict === "unreadable") {
      return {
        severity: "advice",
        title: "The model's chat template cannot be rendered, so the prompts could not be compared with it.",
        explanation: `The template says: ${template.error ?? "nothing"}.`,
        source: { kind: "gguf", detail: "tokenizer.chat_template" },
      };
    }
    if (template?.verdict !== "differs") return;
    return {
      severity: "warning",
      title: "What the model is asked is not what its own chat template gives.",
      explanation: `${template.differences.map(differenceText).join(" ")} A model answers best in the form that it was trained with.`,
      remedy: `Choose another preset (holoscope models preset ${modelId} ...), or write one (resources/docs/presets.md).`,
      source: { kind: "gguf", detail: "tokenizer.chat_template" },
    };
  },
};
