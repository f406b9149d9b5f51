/**
 * How a model writes one answer, as a text with places for its coordinates: `click(start_box='({x},{y})')`,
 * `[{x1},{y1},{x2},{y2}]`, `{"x":{x},"y":{y}}`. The grammar that the answer is kept to, the reader of the answer, its JSON
 * schema and examples of it are all made from this text.
 */

const pointNames = ["x", "y"] as const;
const boxNames = ["x1", "y1", "x2", "y2"] as const;
type CoordinateName = (typeof pointNames)[number] | (typeof boxNames)[number];

export interface AnswerTemplate {
  readonly kind: "point" | "box";
  /** In turn a text and a coordinate; the first and the last are texts, the first may be empty. */
  readonly texts: readonly string[];
  /** One fewer than texts, in the order in which the answer has them. */
  readonly coordinates: readonly CoordinateName[];
}

const place = /\{(x1|y1|x2|y2|x|y)\}/g;

/** What is wrong with a template, as a sentence; undefined if nothing is. */
export function templateProblem(text: string): string | undefined {
  const names = [...text.matchAll(place)].map(([, name]) => name);
  const wanted = names.some((name) => name === "x" || name === "y") ? pointNames : boxNames;
  if (names.toSorted().join() !== wanted.toSorted().join()) {
    return "It needs either {x} and {y} or {x1}, {y1}, {x2} and {y2}, each once and no others.";
  }
  const texts = text.split(place).filter((_, index) => index % 2 === 0);
  if (texts.slice(1, -1).includes("")) return "Something must stand between two coordinates.";
  if (texts.at(-1)?.trim() === "") return "A character must follow the last coordinate, or its end cannot be told.";
  if (/\p{Cc}/u.test(text)) return "It must be one line without tabs.";
  if (texts.some((part) => /\d$/.test(part) || /^[\d.]/.test(part))) return "No digit or dot may touch a coordinate.";
  return undefined;
}

/** Errors: those of {@link templateProblem}, as an Error. */
export function parseTemplate(text: string): AnswerTemplate {
  const problem = templateProblem(text);
  if (problem !== undefined) throw new Error(problem);
  const parts = text.split(place);
  const coordinates = parts.filter((_, index) => index % 2 === 1) as CoordinateName[];
  return {
    kind: coordinates.length === 2 ? "point" : "box",
    texts: parts.filter((_, index) => index % 2 === 0),
    coordinates,
  };
}

/** The answer with these numbers, in the order of the template's places. */
export function fillTemplate({ texts, coordinates }: AnswerTemplate, numbers: readonly number[]): string {
  return texts.map((text, index) => (index < coordinates.length ? `${text}${numbers[index]}` : text)).join("");
}
