import type { AnswerTemplate } from "../../contract/index.ts";
import { makeElement, type ParsedElement, unescaped, type Value } from "./element.ts";
import { TemplateReader } from "./template-reader.ts";

export type { ParsedElement, Span } from "./element.ts";

/**
 * Reads elements out of a model's answer while it is being written.
 *
 * Understood, in any order of keys and with any whitespace, inside a ```json fence or not, with text before and after:
 * `{"bbox_2d": [x1, y1, x2, y2], "label": "...", "text": "..."}`, `{"point_2d": [x, y], "label": "..."}`,
 * `{"action": "click_absolute", "x": 1, "y": 2}` and `Click(x, y)`. Other objects are ignored, and an answer may end
 * anywhere. Nothing throws.
 */

/** Longer objects are not elements; the bound keeps hostile answers linear in time. */
const maxObjectChars = 4096;
const clickCall = /Click\(\s*-?\d+(?:\.\d+)?\s*,\s*-?\d+(?:\.\d+)?\s*\)$/i;
const maxClickChars = 64;

export class AnswerParser {
  #text = "";
  /** The objects that are still open, outermost first. */
  readonly #open: { readonly start: number; hasInner: boolean }[] = [];
  #inString = false;
  #escaped = false;
  readonly #reader: TemplateReader | undefined;

  /** @param template how the answer is written, if not as one of the objects above */
  constructor(template?: AnswerTemplate) {
    this.#reader = template && new TemplateReader(template);
  }

  /** Everything fed so far. */
  get text(): string {
    return this.#text;
  }

  /** Takes the next piece of the answer and returns the elements whose end it contains, in order. */
  push(piece: string): ParsedElement[] {
    const found: ParsedElement[] = [];
    let offset = this.#text.length;
    this.#text += piece;
    for (const char of piece.split("")) {
      offset++;
      const element = this.#reader === undefined ? this.#step(char, offset) : this.#reader.read(this.#text, offset);
      if (element !== undefined) found.push(element);
    }
    return found;
  }

  /** @param end offset just behind `char` */
  #step(char: string, end: number): ParsedElement | undefined {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (char === "\\") this.#escaped = true;
      else if (char === '"') this.#inString = false;
      return undefined;
    }
    if (char === "{") {
      this.#open.push({ start: end - 1, hasInner: false });
    } else if (char === "}") {
      return this.#closeObject(end);
    } else if (char === '"') {
      // Quotes outside of objects are prose.
      this.#inString = this.#open.length > 0;
    } else if (char === ")" && this.#open.length === 0) {
      return readClick(this.#text, end);
    }
    return undefined;
  }

  #closeObject(end: number): ParsedElement | undefined {
    const object = this.#open.pop();
    if (object === undefined) return undefined;
    const outer = this.#open.at(-1);
    if (outer !== undefined) outer.hasInner = true;
    // An object around others is a wrapper, such as {"elements": [...]}.
    if (object.hasInner || end - object.start > maxObjectChars) return undefined;
    return readObject(this.#text.slice(object.start, end), object.start);
  }
}

/** @param end offset behind the closing bracket */
function readClick(text: string, end: number): ParsedElement | undefined {
  const from = Math.max(0, end - maxClickChars);
  const match = clickCall.exec(text.slice(from, end));
  return match === null ? undefined : makeElement("point", numbersIn(match[0], from + match.index));
}

/**
 * A string and, if it is a key with such a value, the string, number or list of numbers behind it. Strings are consumed
 * whole, so that nothing inside one is taken for a key.
 */
const member =
  /"(?<key>(?:[^"\\]|\\.)*)"(?:\s*:\s*(?:"(?<text>(?:[^"\\]|\\.)*)"|(?<numbers>\[[\s\d.,eE+-]*\]|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)))?/dgs;
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** @param base offset of the object's first character in the answer */
function readObject(object: string, base: number): ParsedElement | undefined {
  const texts = new Map<string, Value>();
  const lists = new Map<string, readonly Value[]>();
  for (const { groups: { key = "", text, numbers } = {}, indices } of object.matchAll(member)) {
    const { text: [textStart] = [0], numbers: [numbersStart] = [0] } = indices?.groups ?? {};
    if (text !== undefined) texts.set(unescaped(key), valueAt(text, base + textStart));
    if (numbers !== undefined) lists.set(unescaped(key), numbersIn(numbers, base + numbersStart));
  }
  const list = (key: string, length: number): readonly Value[] | undefined => {
    const values = lists.get(key);
    return values?.length === length ? values : undefined;
  };
  const box = list("bbox_2d", 4);
  const [x, y] = [list("x", 1), list("y", 1)];
  const numbers = box ?? list("point_2d", 2) ?? (x && y && [...x, ...y]);
  if (numbers === undefined) return undefined;
  return makeElement(box === undefined ? "point" : "box", numbers, texts.get("label"), texts.get("text"));
}

const valueAt = (written: string, start: number): Value => ({ written, start, end: start + written.length });

const numbersIn = (text: string, base: number): Value[] =>
  [...text.matchAll(number)].map(({ 0: written, index }) => valueAt(written, base + index));
