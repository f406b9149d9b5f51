import type { UserCommand } from "./registry.ts";

export interface Match {
  readonly command: UserCommand;
  /** Indexes into the title that matched, for emphasis. */
  readonly at: readonly number[];
}

/** Score of the title's first letter, of a letter at a word's start, of one right after the last, and of any other. */
const titleStart = 12;
const wordStart = 8;
const contiguous = 6;
const scattered = 1;

interface Found {
  readonly score: number;
  readonly at: readonly number[];
}

/** The letters of `query` in order within `text`, or undefined: each the nearest one, or the nearest that starts a word. */
export function fuzzyMatch(query: string, text: string): Found | undefined {
  const letters = [...query.toLowerCase()].filter((letter) => letter !== " ");
  const lower = text.toLowerCase();
  const isStart = (index: number) => index === 0 || /[\s/-]/.test(lower[index - 1] ?? "");
  const known = new Map<string, Found | undefined>();
  const search = (from: number, rest: readonly string[]): Found | undefined => {
    const place = `${from} ${rest.length}`;
    if (!known.has(place)) known.set(place, searchAnew(from, rest));
    return known.get(place);
  };
  const searchAnew = (from: number, rest: readonly string[]): Found | undefined => {
    const [letter, ...others] = rest;
    if (letter === undefined) return { score: 0, at: [] };
    let best: Found | undefined;
    const nearest = lower.indexOf(letter, from);
    if (nearest < 0) return undefined;
    let start = nearest;
    while (start >= 0 && !isStart(start)) start = lower.indexOf(letter, start + 1);
    for (const index of new Set([nearest, start])) {
      if (index < 0) continue;
      const tail = search(index + 1, others);
      if (tail === undefined) continue;
      const own =
        index === 0 ? titleStart : isStart(index) ? wordStart : index === from && from > 0 ? contiguous : scattered;
      if (best === undefined || own + tail.score > best.score)
        best = { score: own + tail.score, at: [index, ...tail.at] };
    }
    return best;
  };
  return search(0, letters);
}

/** Commands whose title, group or words contain the query's letters, the best match first. */
export function searchCommands(commands: readonly UserCommand[], query: string): readonly Match[] {
  if (query.trim() === "") return commands.map((command) => ({ command, at: [] }));
  const scored = commands.flatMap((command) => {
    const title = fuzzyMatch(query, command.title);
    const words = wordMatch(query, `${command.group} ${command.title} ${command.words ?? ""}`);
    if (title === undefined && !words) return [];
    // Whole words that are not in the title rank below letters that are; a scattered match below both.
    const length = query.replaceAll(" ", "").length;
    const dense = title !== undefined && title.score >= length * 4;
    return [
      { match: { command, at: title?.at ?? [] }, score: (title?.score ?? 0) + (words ? length * 4 : 0), dense, words },
    ];
  });
  return scored
    .filter(({ dense, words }) => dense || words)
    .sort((a, b) => b.score - a.score)
    .map(({ match }) => match);
}

/** Whether each word of the query starts some word of the text. */
function wordMatch(query: string, text: string): boolean {
  const known = text.toLowerCase().split(/\s+/);
  return query
    .toLowerCase()
    .trim()
    .split(/\s+/)
    .every((word) => known.some((each) => each.startsWith(word)));
}
