/** A match of a pattern in one line of the log. */
interface LineMatch {
  /** [0] is the whole match, the others the pattern's groups. */
  readonly groups: readonly (string | undefined)[];
  /** The line without the spaces around it. */
  readonly line: string;
  /** Number of the line, from 0. */
  readonly position: number;
}

/** The lines that match, oldest first. */
export function allMatches(texts: readonly string[], pattern: RegExp): LineMatch[] {
  return texts.flatMap((text, position) => {
    const groups = pattern.exec(text);
    return groups === null ? [] : [{ groups, line: text.trim(), position }];
  });
}

/** The last line that matches. */
export function lastMatch(texts: readonly string[], pattern: RegExp): LineMatch | undefined {
  return allMatches(texts, pattern).at(-1);
}

/** Bytes of a number of MiB such as "12.34", which the log rounds to hundredths. */
export function mebibytes(text: string): number {
  return Math.round(Number(text) * 2 ** 20);
}
