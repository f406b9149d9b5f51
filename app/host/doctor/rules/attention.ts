import { plural } from "../../../presentation/numbers.ts";
import type { DoctorCase } from "../case.ts";
import type { Rules } from "./rule.ts";

interface Part {
  readonly name: string;
  readonly on: boolean;
  readonly line: string;
}

function parts({ facts: { flashAttention } }: DoctorCase): Part[] {
  const { languageModel, encoder } = flashAttention;
  return [
    ...(languageModel === undefined ? [] : [{ name: "the language model", ...languageModel }]),
    ...(encoder === undefined ? [] : [{ name: "the vision encoder", ...encoder }]),
  ];
}

export const attentionRules: Rules = {
  "flash-attention": (found) => {
    const off = parts(found).filter(({ on }) => !on);
    const [first] = off;
    const evidence = ["log.flash-attention"];
    if (first === undefined) {
      const [shown] = parts(found);
      if (shown === undefined) return;
      return {
        severity: "fine",
        title: `Flash attention is on in ${parts(found)
          .map(({ name }) => name)
          .join(" and ")}.`,
        source: { kind: "engine-log", detail: shown.line },
        evidence,
      };
    }
    const where = off.map(({ name }) => name).join(" and ");
    const chosen = found.settings.flashAttention === "off";
    return {
      severity: chosen ? "advice" : "warning",
      title: chosen
        ? `Flash attention is off in ${where} because the settings say so.`
        : `Flash attention is off in ${where}: the backend does not support it for this model.`,
      explanation: "Without it attention needs more memory, and on most GPUs more time.",
      remedy: chosen
        ? "Set flashAttention to auto, and try it (doctor --try)."
        : "Try it (doctor --try): that measures what it costs.",
      action: chosen ? { type: "change-settings", overrides: { flashAttention: "auto" } } : { type: "try" },
      source: { kind: "engine-log", detail: first.line },
      evidence,
    };
  },

  "encoder-ops": ({ facts: { unsupportedEncoderOps: ops, encoderBackend } }) => {
    const [first] = ops;
    if (first === undefined) return;
    const names = [...new Set(ops.map(({ op }) => op))].join(", ");
    const backend = encoderBackend?.name ?? "its backend";
    return {
      severity: "problem",
      title: `${plural(ops.length, "operator")} of the vision encoder ${ops.length === 1 ? "is" : "are"} not supported by ${backend} and ${ops.length === 1 ? "runs" : "run"} on the CPU: ${names}.`,
      explanation: "At each of them the data leaves the GPU and comes back.",
      remedy: "Update Holoscope (newer llama.cpp releases add operators), or try another backend.",
      source: { kind: "engine-log", detail: first.line },
      evidence: ["log.encoder-ops"],
    };
  },
};
