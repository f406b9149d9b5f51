import { generalSettings, type Mode, type ModelEntry } from "../../app/contract/index.ts";
import { choiceWords } from "../../app/presentation/settings.ts";

export interface ModeChoice {
  readonly mode: Mode;
  readonly name: string;
  readonly enabled: boolean;
  readonly offTraining: boolean;
  /** Why it cannot be chosen, or what to expect; empty when there is nothing to say. */
  readonly note: string;
}

const names = choiceWords(generalSettings.mode);
const tasks: Readonly<Record<Mode, string>> = { detect: "find every element", locate: "look for a described target" };

/** The modes as the chosen model supports them; everything is allowed as long as no model is known. */
export function modeChoices(model: ModelEntry | undefined): readonly ModeChoice[] {
  return (["detect", "locate"] as const).map((mode) => {
    const support = model?.modes[mode] ?? "trained";
    const note =
      model === undefined || support === "trained"
        ? ""
        : support === "unsupported"
          ? `${model.name} cannot ${tasks[mode]}. Choose another model.`
          : `${model.name} was not trained to ${tasks[mode]}: expect mistakes.`;
    return {
      mode,
      name: names[mode],
      enabled: support !== "unsupported",
      offTraining: support === "off-training",
      note,
    };
  });
}
