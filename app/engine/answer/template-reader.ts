import type { AnswerTemplate } from "../../contract/index.ts";
import { makeElement, type ParsedElement, type Value } from "./element.ts";

/** More than this an answer never has; the bound keeps hostile answers linear in time. */
const mostCharacters = 600;
const isSpace = (char: string): boolean => char === " " || char === "\n" || char === "\t" || char === "\r";
const isOfNumber = (char: string): boolean => (char >= "0" && char <= "9") || char === "." || char === "-";
const number = /^-?\d{1,9}(?:\.\d{1,9})?$/;

/** Finds answers of a template in a text that is being written. Space counts nothing, except that it ends a number. */
export class TemplateReader {
  readonly #template: AnswerTemplate;
  /** Texts of the template without space. */
  readonly #texts: readonly string[];
  /** Which coordinate is x, y or x1, y1, x2, y2 in turn. */
  readonly #order: readonly number[];

  constructor(template: AnswerTemplate) {
    this.#template = template;
    this.#texts = template.texts.map((text) => text.replaceAll(/\s+/g, ""));
    const names = template.coordinates;
    this.#order = names.toSorted(inOrder).map((name) => names.indexOf(name));
  }

  /** The answer that ends just before `end`, if one does. */
  read(text: string, end: number): ParsedElement | undefined {
    if (text[end - 1] !== this.#texts.at(-1)?.at(-1)) return undefined;
    const values: Value[] = [];
    let at = end;
    for (let index = this.#texts.length - 1; index >= 0; index--) {
      const before = this.#skipText(text, at, this.#texts[index] ?? "", end);
      if (before === undefined) return undefined;
      at = before;
      if (index === 0) break;
      const value = readNumber(text, at);
      if (value === undefined) return undefined;
      values.unshift(value);
      at = value.start;
    }
    const ordered = this.#order.map((place) => values[place]).filter((value) => value !== undefined);
    return makeElement(this.#template.kind, ordered);
  }

  /** Where this text begins that ends before `at`; undefined if another one is there. */
  #skipText(text: string, at: number, wanted: string, end: number): number | undefined {
    let place = at;
    for (let index = wanted.length - 1; index >= 0; index--) {
      while (place > 0 && isSpace(text[place - 1] ?? "")) place--;
      if (place === 0 || end - place > mostCharacters || text[place - 1] !== wanted[index]) return undefined;
      place--;
    }
    return place;
  }
}

/** "x" before "y", "x1" before "y1" before "x2". */
function inOrder(one: string, other: string): number {
  const [of, to] = [one, other].map((name) => `${name.slice(1)}${name[0]}`);
  return (of ?? "") < (to ?? "") ? -1 : 1;
}

/** The number that ends before `at`, space left out. */
function readNumber(text: string, at: number): Value | undefined {
  let end = at;
  while (end > 0 && isSpace(text[end - 1] ?? "")) end--;
  let start = end;
  while (start > 0 && end - start < 20 && isOfNumber(text[start - 1] ?? "")) start--;
  const written = text.slice(start, end);
  return number.test(written) ? { written, start, end } : undefined;
}
