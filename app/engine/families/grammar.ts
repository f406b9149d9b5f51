import type { AnswerTemplate } from "../../contract/index.ts";

/** GBNF grammars of the answers. Format: llama.cpp, grammars/README.md. */

/** Coordinates as each kind of model writes them: whole numbers without leading zeros. */
export const coordinateRules = {
  /** 0..999 */
  bins: '"0" | [1-9] [0-9]{0,2}',
  /** 0..1000 */
  thousandths: '"0" | [1-9] [0-9]{0,2} | "1000"',
  /** 0..99999 px */
  pixels: '"0" | [1-9] [0-9]{0,4}',
} as const;

export const labelRules = {
  /** Names of a fixed vocabulary, such as "menu_item". */
  names: "[a-z_]{1,32}",
  /** Free text without control characters and escapes, at most 60 characters. */
  text: String.raw`[^"\\\x00-\x1F\x7F]{1,60}`,
} as const;

/** Exactly these labels; none may have quotes or backslashes. */
export function oneOf(labels: readonly string[]): string {
  return labels.map((label) => `"${label}"`).join(" | ");
}

export interface BoxListOptions {
  readonly maxDetections: number;
  readonly coordinate: string;
  readonly label: string;
  /** Whether the model was trained with whitespace between the JSON pieces; if not, none is accepted. */
  readonly spaced: boolean;
}

/** `[{"bbox_2d":[x1,y1,x2,y2],"label":"..."}, ...]` with at most `maxDetections` elements. */
export function boxListGrammar({ maxDetections, coordinate, label, spaced }: BoxListOptions): string {
  const gap = spaced ? " gap " : " ";
  const line = spaced ? " line " : " ";
  const more = maxDetections > 1 ? `("," ${line} element){0,${maxDetections - 1}}` : "";
  const next = `","${gap}coordinate`;
  return [
    `root ::= "[" ${line} (element ${more} ${line})? "]"`,
    `element ::= "{" ${line} "\\"bbox_2d\\":" ${gap} "[" coordinate ${next} ${next} ${next} "]," ${gap} ` +
      `"\\"label\\":" ${gap} "\\"" label "\\"" ${line} "}"`,
    `label ::= ${label}`,
    `coordinate ::= ${coordinate}`,
    // Bounded, so that a model cannot write whitespace without end.
    ...(spaced ? ['gap ::= " "?', String.raw`line ::= [ \t\n]{0,4}`] : []),
  ].join("\n");
}

/** An answer as a template says, with a space or none behind "," ":" "{", before "}" and where the template has one. */
export function templateGrammar({ texts }: AnswerTemplate, coordinate: string): string {
  const parts = texts.flatMap((text, index) => [...(index === 0 ? [] : ["coordinate"]), ...textRules(text)]);
  return [`root ::= ${parts.join(" ")}`, `coordinate ::= ${coordinate}`, 'gap ::= " "?'].join("\n");
}

function textRules(text: string): string[] {
  // Nothing but space stands between two coordinates: then it must be there.
  if (text !== "" && text.trim() === "") return ['" "'];
  const pieces = text.split(/(\s+|[,:{]\s*|\s*\})/);
  const rules = pieces.flatMap((piece) => {
    const written = piece.trim();
    if (piece === "") return [];
    if (written === "") return ["gap"];
    if (written === "}") return ["gap", '"}"'];
    return /^[,:{]$/.test(written) ? [JSON.stringify(written), "gap"] : [JSON.stringify(written)];
  });
  return rules.filter((rule, index) => rule !== "gap" || rules[index - 1] !== "gap");
}
