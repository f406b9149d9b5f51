import { boxArea, type Detection, defined, HoloscopeError, type Size } from "../../contract/index.ts";
import {
  type Extent,
  extentOf,
  fillers,
  kindNames,
  kindText,
  ordinalOf,
  relationWords,
  type Side,
  sideOf,
} from "./kind-words.ts";

/** A search for one element by a model that lists elements and reads no text. */
export interface KindSearch {
  /** Whether an element is of the kind that is looked for. */
  fits(detection: Detection): boolean;
  /**
   * Which of the elements that fit is meant; undefined if there are none. `screen` is in the elements' px.
   * Errors: BAD_REQUEST if several are left and nothing tells them apart, or there are fewer than the target counts.
   */
  choose(found: readonly Detection[], screen: Size): Detection | undefined;
}

/** The parts of a described target that such a model can use. */
export interface KindTarget {
  readonly label: string;
  /** From 1; -1 is the last. */
  readonly ordinal?: number;
  /** Where counting begins, in place of reading order. */
  readonly from?: Side;
  readonly sides: readonly Side[];
  readonly extent?: Extent;
}

const readers = "or choose a model that reads text, such as Holo1.5, Holo2 or Qwen3-VL.";

/** Errors: BAD_REQUEST if the target names none of the kinds that the model knows. */
export function searchByKind(target: string, labels: readonly string[]): KindSearch {
  const wanted = parseTarget(target, labels);
  if (wanted === undefined) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      `"${target.trim()}" names no kind of element that this model knows, and it reads no text.`,
      `It knows these kinds: ${labels.map(kindText).join(", ")}. Name one of them, ${readers}`,
    );
  }
  return {
    fits: ({ label }) => label === wanted.label,
    choose: (found, screen) => choose(found, wanted, screen),
  };
}

/**
 * Kind and place of a target; undefined if it names no kind. The kind is the last one named before the first relation
 * ("the icon in the toolbar button" is an icon). A place counts only if every word around it is understood: "the left
 * arrow icon" is not on the left, "the first name field" is not the first, and "left of the heading" is no place.
 */
export function parseTarget(target: string, labels: readonly string[]): KindTarget | undefined {
  const unquoted = target.toLowerCase().replaceAll(/"[^"]*"|“[^“”]*”|'[^']*'(?!\p{L})/gu, " quoted ");
  const words: readonly string[] = unquoted.match(/[\p{L}\p{N}]+/gu) ?? [];
  const relation = words.findIndex((word, index) => index > 0 && relationWords.has(word));
  const names = kindNames(labels);
  const kind = (relation < 0 ? undefined : lastKind(words.slice(0, relation), names)) ?? lastKind(words, names);
  if (kind === undefined) return undefined;

  const behind = words.slice(kind.end);
  const before = words.slice(0, kind.start);
  const unknown = before.findLastIndex((word) => !isUnderstood(word));
  const said = [...before.slice(unknown + 1), ...(behind.every(isUnderstood) ? behind : [])];
  const counted = said.map(ordinalOf).find((ordinal) => ordinal !== undefined);
  const fromAt = counted === undefined ? -1 : said.indexOf("from");
  const from = fromAt < 0 ? undefined : said.slice(fromAt).flatMap((word) => sideOf[word] ?? [])[0];
  const sides = (fromAt < 0 ? said : said.slice(0, fromAt)).flatMap((word) => sideOf[word] ?? []);
  const extent = said.flatMap((word) => extentOf[word] ?? [])[0];
  return {
    label: kind.label,
    sides,
    ...defined({ ordinal: counted, from, extent }),
  };
}

function isUnderstood(word: string): boolean {
  return fillers.has(word) || word in sideOf || word in extentOf || ordinalOf(word) !== undefined;
}

/** The kind whose name ends last, the longest name of those; plurals count too. */
function lastKind(words: readonly string[], names: ReadonlyMap<string, string>) {
  for (let end = words.length; end > 0; end--) {
    for (let start = Math.max(0, end - 3); start < end; start++) {
      const name = words.slice(start, end).join(" ");
      const label = names.get(name) ?? names.get(name.replace(/s$/, "")) ?? names.get(name.replace(/es$/, ""));
      if (label !== undefined) return { label, start, end };
    }
  }
  return undefined;
}

function choose(found: readonly Detection[], wanted: KindTarget, screen: Size): Detection | undefined {
  if (found.length === 0) return undefined;
  if (wanted.ordinal !== undefined) return counted(found, wanted, wanted.ordinal, screen);
  let left = found;
  // Rows first: "top right" is the right end of the top row.
  for (const side of wanted.sides.toSorted((a, b) => Number(isVertical(b)) - Number(isVertical(a)))) {
    left = outermost(left, side);
  }
  if (wanted.extent !== undefined) left = ofExtent(left, wanted.extent);
  const [only, ...others] = left;
  if (others.length === 0) return only;
  const kind = kindText(wanted.label);
  throw new HoloscopeError(
    "BAD_REQUEST",
    `${left.length} elements of the kind "${kind}" fit, and nothing says which one is meant: this model reads no text.`,
    `Name a position, such as "the second ${kind}" or "the ${kind} at the bottom right", ${readers}`,
  );
}

function counted(found: readonly Detection[], { label, from, sides }: KindTarget, ordinal: number, screen: Size) {
  const within = found.filter((element) => sides.every((side) => inHalf(element, side, screen)));
  const order =
    from === undefined ? inReadingOrder(within) : within.toSorted((a, b) => inward(a, from) - inward(b, from));
  const element = order.at(ordinal < 0 ? ordinal : ordinal - 1);
  if (element !== undefined) return element;
  const place = sides.length === 0 ? "" : ` at the ${sides.join(" ")}`;
  throw new HoloscopeError(
    "BAD_REQUEST",
    `There are only ${within.length} elements of the kind "${kindText(label)}"${place}.`,
    "Count fewer, or lower the minimum confidence.",
  );
}

const isVertical = (side: Side): boolean => side === "top" || side === "bottom";
const centre = ({ bbox: [x1, y1, x2, y2] }: Detection) => ({ x: (x1 + x2) / 2, y: (y1 + y2) / 2 });

/** A coordinate that grows inwards from a side of the screen, px: the smallest is outermost. */
function inward(element: Detection, side: Side): number {
  const { x, y } = centre(element);
  return { top: y, bottom: -y, left: x, right: -x }[side];
}

function inHalf(element: Detection, side: Side, { width, height }: Size): boolean {
  const { x, y } = centre(element);
  return { top: y <= height / 2, bottom: y >= height / 2, left: x <= width / 2, right: x >= width / 2 }[side];
}

/** The element nearest to a side, with all that share its row or column: those whose centre lies within its box. */
function outermost(elements: readonly Detection[], side: Side): readonly Detection[] {
  const nearest = elements.toSorted((a, b) => inward(a, side) - inward(b, side))[0];
  if (nearest === undefined) return elements;
  const [x1, y1, x2, y2] = nearest.bbox;
  return elements.filter((element) => {
    const { x, y } = centre(element);
    return isVertical(side) ? y >= y1 && y <= y2 : x >= x1 && x <= x2;
  });
}

/** Elements whose areas differ by less than this share look equally large. */
const alike = 0.1;

function ofExtent(elements: readonly Detection[], extent: Extent): readonly Detection[] {
  const areas = elements.map(({ bbox }) => boxArea(bbox));
  const best = extent === "largest" ? Math.max(...areas) : Math.min(...areas);
  return elements.filter(({ bbox }) => Math.abs(boxArea(bbox) - best) <= alike * best);
}

/** Rows from the top, each from the left; a row is all elements whose centre is within the height of its topmost one. */
function inReadingOrder(elements: readonly Detection[]): readonly Detection[] {
  let rest = elements;
  const ordered: Detection[] = [];
  while (rest.length > 0) {
    const row = outermost(rest, "top");
    ordered.push(...row.toSorted((a, b) => inward(a, "left") - inward(b, "left")));
    rest = rest.filter((element) => !row.includes(element));
  }
  return ordered;
}
