import { defined } from "../../contract/index.ts";

/** Half-open range of character offsets in the answer. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface ParsedElement {
  readonly kind: "box" | "point";
  /** Four numbers of a box, two of a point, in the model's own space. */
  readonly values: readonly number[];
  readonly label?: string;
  readonly text?: string;
  /** Where its coordinate numbers and its label's value stand in the answer (without quotes). */
  readonly spans: readonly Span[];
}

export interface Value extends Span {
  /** As it stands in the answer; a string without its quotes. */
  readonly written: string;
}

export function makeElement(
  kind: "box" | "point",
  numbers: readonly Value[],
  label?: Value,
  text?: Value,
): ParsedElement {
  return {
    kind,
    values: numbers.map(({ written }) => Number(written)),
    ...defined({ label: label && unescaped(label.written), text: text && unescaped(text.written) }),
    spans: [...numbers, ...(label === undefined ? [] : [label])].map(({ start, end }) => ({ start, end })),
  };
}

/** The text of a JSON string without its quotes; one with an invalid escape is taken as it is written. */
export function unescaped(written: string): string {
  try {
    const value: unknown = JSON.parse(`"${written}"`);
    if (typeof value === "string") return value;
  } catch {
    // Raw line breaks and unknown escapes are not JSON, but readable all the same.
  }
  return written;
}
