/**
 * Reads elements out of a model's answer while it is being written.
 *
 * Understood, in any order of keys and with any whitespace, inside a ```json fence or not, with text before and after:
 * `{"bbox_2d": [x1, y1, x2, y2], "label": "...", "text": "..."}`, `{"point_2d": [x, y], "label": "..."}`,
 * `{"action": "click_absolute", "x": 1, "y": 2}` and `Click(x, y)`. An object that is not one of these is passed over;
 * an answer may end anywhere. Nothing throws.
 */

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

/** Longer objects are not elements; the bound keeps hostile answers linear in time. */
const maxObjectChars = 4096;
const clickCall = /Click\(\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*\)$/i;
const maxClickChars = 64;

export class AnswerParser {
  #text = "";
  /** The objects that are still open, outermost first. */
  readonly #open: { readonly start: number; hasInner: boolean }[] = [];
  #inString = false;
  #escaped = false;

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
      const element = this.#step(char, offset);
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

function readClick(text: string, end: number): ParsedElement | undefined {
  const from = Math.max(0, end - maxClickChars);
  const match = clickCall.exec(text.slice(from, end));
  if (match === null) return undefined;
  const [whole, x = "", y = ""] = match;
  const xStart = from + match.index + whole.indexOf(x);
  const yStart = from + match.index + whole.lastIndexOf(y);
  return {
    kind: "point",
    values: [Number(x), Number(y)],
    spans: [
      { start: xStart, end: xStart + x.length },
      { start: yStart, end: yStart + y.length },
    ],
  };
}

interface NumberValue extends Span {
  readonly value: number;
}

/** The members of one object that an element is made of. */
interface Members {
  readonly numbers: Map<string, readonly NumberValue[]>;
  readonly strings: Map<string, { readonly value: string; readonly span: Span }>;
}

const numberPattern = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const stringPattern = /"((?:[^"\\]|\\.)*)"/sy;
const listPattern = /\[[\s\d.,eE+-]*\]/y;
const numberInList = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** @param base offset of the object's first character in the answer */
function readObject(object: string, base: number): ParsedElement | undefined {
  const members = readMembers(object, base);
  const box = members.numbers.get("bbox_2d");
  if (box?.length === 4) return makeElement("box", box, members);
  const point = members.numbers.get("point_2d");
  if (point?.length === 2) return makeElement("point", point, members);
  const x = members.numbers.get("x");
  const y = members.numbers.get("y");
  if (x?.length === 1 && y?.length === 1) return makeElement("point", [...x, ...y], members);
  return undefined;
}

function makeElement(kind: "box" | "point", numbers: readonly NumberValue[], members: Members): ParsedElement {
  const label = members.strings.get("label");
  const text = members.strings.get("text");
  return {
    kind,
    values: numbers.map((number) => number.value),
    ...(label === undefined ? {} : { label: label.value }),
    ...(text === undefined ? {} : { text: text.value }),
    spans: [...numbers.map(({ start, end }) => ({ start, end })), ...(label === undefined ? [] : [label.span])],
  };
}

/** Collects the `"key": value` pairs of an object; whatever does not look like one is stepped over. */
function readMembers(object: string, base: number): Members {
  const members: Members = { numbers: new Map(), strings: new Map() };
  let offset = 1;
  while (offset < object.length) {
    const key = matchAt(stringPattern, object, offset);
    if (key === undefined) {
      offset++;
      continue;
    }
    offset = skipSpace(object, offset + key.length);
    if (object[offset] !== ":") continue;
    offset = readValue(object, skipSpace(object, offset + 1), base, decodeString(key), members);
  }
  return members;
}

/** Stores the value at `offset` under `key` and answers the offset behind it. */
function readValue(object: string, offset: number, base: number, key: string, members: Members): number {
  const start = base + offset;
  const string = matchAt(stringPattern, object, offset);
  if (string !== undefined) {
    const span = { start: start + 1, end: start + string.length - 1 };
    members.strings.set(key, { value: decodeString(string), span });
    return offset + string.length;
  }
  const list = matchAt(listPattern, object, offset);
  if (list !== undefined) {
    const numbers = [...list.matchAll(numberInList)].map((match) => {
      const at = start + match.index;
      return { value: Number(match[0]), start: at, end: at + match[0].length };
    });
    members.numbers.set(key, numbers);
    return offset + list.length;
  }
  const number = matchAt(numberPattern, object, offset);
  if (number !== undefined) {
    members.numbers.set(key, [{ value: Number(number), start, end: start + number.length }]);
    return offset + number.length;
  }
  return offset;
}

/** What a sticky pattern matches at `offset`. */
function matchAt(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}

function skipSpace(text: string, offset: number): number {
  let at = offset;
  while (/\s/.test(text.charAt(at))) at++;
  return at;
}

/** A JSON string with its quotes, as text; one with an invalid escape is taken as it is written. */
function decodeString(quoted: string): string {
  try {
    const value: unknown = JSON.parse(quoted);
    if (typeof value === "string") return value;
  } catch {
    // Raw line breaks and unknown escapes are not JSON, but readable all the same.
  }
  return quoted.slice(1, -1);
}
