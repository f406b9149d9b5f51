import { z } from "zod";
import type { Point, Size } from "../contract/index.ts";
import type { BoxNumbers } from "./document.ts";

/** What is accepted as the text of a number: as JSON has it, also with a sign or without digits before the point. */
const decimal = /^[+-]?(?:\d{1,20}(?:\.\d{0,30})?|\.\d{1,30})(?:e[+-]?\d{1,3})?$/i;

/** A finite number, or a text that is one: tools quote numbers now and then. */
export const looseNumber = z.union([
  z.number(),
  z
    .string()
    .max(60)
    .transform((text) => text.trim())
    .refine((text) => decimal.test(text), "no number")
    .transform(Number)
    .pipe(z.number()),
]);

/** An id as text: 1, "1" and 1.0 are the same one. */
export const looseId = z.union([z.number(), z.string().max(500)]).transform((id) => String(id).trim());

/** A text that may be missing, null, or of another type; then it is undefined. */
export const looseText = z.string().min(1).optional().catch(undefined);

/** A side of an image in px, if it is one. */
const looseSide = looseNumber
  .pipe(z.number().positive().max(1_000_000))
  .transform(Math.round)
  .optional()
  .catch(undefined);

/** Width and height, if both are known. */
export function looseSize(width: unknown, height: unknown): Size | undefined {
  const [x, y] = [looseSide.parse(width), looseSide.parse(height)];
  return x === undefined || y === undefined || x < 1 || y < 1 ? undefined : { width: x, height: y };
}

/** Numbers in a list; undefined if it holds anything else, or fewer than `least`. */
export function looseNumbers(value: unknown, least = 1): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length < least) return undefined;
  const numbers: number[] = [];
  for (const entry of value) {
    const number = looseNumber.safeParse(entry);
    if (!number.success) return undefined;
    numbers.push(number.data);
  }
  return numbers;
}

/** The numbers of a box; undefined if there are not four. */
export function looseBox(value: unknown): BoxNumbers | undefined {
  const [a, b, c, d, more] = looseNumbers(value, 4) ?? [];
  return a === undefined || b === undefined || c === undefined || d === undefined || more !== undefined
    ? undefined
    : [a, b, c, d];
}

export function loosePoint(value: unknown): Point | undefined {
  const [x, y, more] = looseNumbers(value, 2) ?? [];
  return x === undefined || y === undefined || more !== undefined ? undefined : [x, y];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as a list: itself, what it alone is, or nothing. XML and some exports leave out the list around one entry. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** The first text that is not empty. */
export function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === "string" && value.trim() !== "");
}
