import { type Command, Option } from "commander";
import type { z } from "zod";
import { detectionSettings, kindOf, type Setting, type SettingTable, valueOfText } from "../contract/index.ts";
import { literalDefault, takenValues } from "../presentation/settings.ts";
import { UsageError } from "./errors.ts";

export const modelFileHelp = "; the path of a GGUF file adds that model";
export const profileFields = "Fields of the profile, with one default or those of speed / balanced / quality:";

/** Of an option that can be repeated: the values in their order. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** The option that a setting declares, described by the declaration. `also` is what the option does beyond the setting. */
export function settingOption(setting: Setting, also = ""): Option {
  const { flags, negate } = new Option(setting.flag ?? "");
  const [first = ""] = setting.about.split(/(?<=\.) /);
  return new Option(flags, negate ? `do not ${phrase(first)}` : described(setting, phrase(first) + also));
}

/** Lists settings by name below a command's options. */
export function addSettingsHelp(command: Command, heading: string, table: SettingTable): void {
  command.addHelpText("after", () => {
    const help = command.createHelp();
    help.prepareContext({ helpWidth: command.configureOutput().getOutHelpWidth?.() ?? 80 });
    const width = Math.max(...Object.keys(table).map((name) => name.length));
    const items = Object.entries(table).map(([name, setting]) =>
      help.formatItem(name, width, described(setting, phrase(setting.about)), help),
    );
    return ["", help.styleTitle(heading), ...items].join("\n");
  });
}

/** A setting's value from the text of an option. Throws UsageError naming the option and what it takes. */
export function settingValue<S extends z.ZodType>(
  option: string,
  setting: Setting<S>,
  text: string | undefined,
): z.output<S> | undefined {
  if (text === undefined) return undefined;
  const value = valueOfText(setting, text);
  if (value !== undefined) return value;
  const verb = kindOf(setting) === "choice" ? "know" : "take";
  throw new UsageError(`${option} does not ${verb} "${text}".`, `It takes ${takenValues(setting)}.`);
}

/** Fields of the profile that the options of settings set, as commander hands the options over. Throws UsageError. */
export function optionOverrides(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(detectionSettings as SettingTable).flatMap(([name, setting]) => {
    const option = new Option(setting.flag ?? "--none");
    const value = raw[option.attributeName()];
    if (setting.flag === undefined || value === undefined || (option.negate && value !== false)) return [];
    if (typeof value === "string") return [[name, settingValue(option.long ?? "", setting, value)]];
    return [[name, kindOf(setting) === "flag" ? value : "off"]];
  });
  return Object.fromEntries(given);
}

/** Sentences as help has them: from a small letter to no full stop. */
function phrase(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1).replace(/\.$/, "")}`;
}

/** A text with what the setting takes and its default. */
function described(setting: Setting, text: string): string {
  const taken = ["choice", "number"].includes(kindOf(setting)) ? `${takenValues(setting)}; ` : "";
  return `${text} (${taken}default: ${literalDefault(setting)})`;
}
