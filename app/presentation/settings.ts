import { z } from "zod";
import type { Setting } from "../contract/index.ts";
import { formatCount } from "./numbers.ts";

/** What the values of a choice are called. */
export function choiceWords<T extends string>({ words = {} }: Setting<z.ZodType<T>>): Readonly<Record<T, string>> {
  return words as Readonly<Record<T, string>>;
}

/** A value as settings.json and `--set` have it, with what it is called: "0 (the whole image)". */
function literalValue({ words }: Setting, value: unknown): string {
  const word = typeof value === "number" || value === "" ? words?.[String(value)] : undefined;
  const literal = value === "" ? "empty" : String(value);
  return word === undefined ? literal : `${literal} (${word})`;
}

/** The default as `--set` would have it, or the three of speed, balanced and quality: "640 / 1280 / 2880". */
export function literalDefault(setting: Setting): string {
  return [...new Set(Object.values(setting.defaults))].map((value) => literalValue(setting, value)).join(" / ");
}

/** What a setting takes: "4 to 16384", "auto, on or off", "true or false". `number` writes the limits. */
export function takenValues({ schema, unit }: Setting, number: (limit: number) => string = String): string {
  if (schema instanceof z.ZodEnum) return schema.options.join(", ").replace(/, ([^,]*)$/, " or $1");
  if (schema instanceof z.ZodNumber) {
    const limits = `${number(schema.minValue ?? -Infinity)} to ${number(schema.maxValue ?? Infinity)}`;
    return unit === undefined ? limits : `${limits} ${unit}`;
  }
  if (schema instanceof z.ZodString) return schema.maxLength === null ? "text" : `up to ${schema.maxLength} characters`;
  return "true or false";
}

/** A value as the window shows it: "On", "1,280", "As the system", "0 (the whole image)". */
export function shownValue(setting: Setting, value: unknown): string {
  const word = setting.words?.[String(value)];
  if (typeof value === "boolean") return value ? "On" : "Off";
  if (typeof value !== "number") return word ?? String(value);
  const shown = formatCount(value);
  if (word !== undefined) return `${shown} (${word})`;
  return setting.unit === undefined ? shown : `${shown} ${setting.unit}`;
}
