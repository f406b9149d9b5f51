import { z } from "zod";

/**
 * Fields as pydantic 2 reads them in its lax mode, for the original parse service's clients: numbers and truth values
 * may come as text. The rules are those of https://docs.pydantic.dev/latest/concepts/conversion_table/; what a rule
 * does not know goes on unchanged, and the schema behind it refuses it.
 */

/** Most characters of a number in text, which is also Python's own limit. */
const maxNumberText = 4300;
const wholeNumber = /^[+-]?\d+(?:_\d+)*(?:\.0+)?$/;
const anyNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const yes = new Set(["1", "true", "t", "yes", "y", "on"]);
const no = new Set(["0", "false", "f", "no", "n", "off"]);

function shortText(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= maxNumberText ? value.trim() : undefined;
}

function asInteger(value: unknown): unknown {
  if (typeof value === "boolean") return Number(value);
  const text = shortText(value);
  return text !== undefined && wholeNumber.test(text) ? Number(text.replaceAll("_", "")) : value;
}

function asNumber(value: unknown): unknown {
  if (typeof value === "boolean") return Number(value);
  const text = shortText(value);
  if (text === undefined || /^_|_$|__/.test(text)) return value;
  const plain = text.replaceAll("_", "");
  return anyNumber.test(plain) ? Number(plain) : value;
}

function asBoolean(value: unknown): unknown {
  const word = typeof value === "string" && value.length <= 5 ? value.toLowerCase() : String(value);
  if (typeof value !== "string" && typeof value !== "number") return value;
  if (yes.has(word)) return true;
  return no.has(word) ? false : value;
}

/** A whole number within the schema's limits: 10, 10.0, true, "10", " 10 ", "1_0" or "10.0", but not "10.5" or "1e1". */
export function laxInt<S extends z.ZodType<number>>(schema: S) {
  return z.preprocess(asInteger, schema);
}

/** A number within the schema's limits: 0.3, 1, true, "0.3", ".3" or "3e-1". */
export function laxNumber<S extends z.ZodType<number>>(schema: S) {
  return z.preprocess(asNumber, schema);
}

/** true, 1, 1.0, "1", "true", "t", "yes", "y", "on" in any case, and their opposites. */
export const laxBoolean = z.preprocess(asBoolean, z.boolean());

/** A field that may be absent; null means absent too. */
export function absentable<S extends z.ZodType>(schema: S) {
  return z.preprocess((value) => value ?? undefined, schema.optional());
}

/** As `absentable`, with the value that stands for an absent one. */
export function absentOr<S extends z.ZodType>(schema: S, initial: z.output<S>) {
  return absentable(schema).transform((value): z.output<S> => value ?? initial);
}
