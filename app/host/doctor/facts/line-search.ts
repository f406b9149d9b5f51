/** A match of a pattern in one line of the log. */
export interface LineMatch {
  /** [0] is the whole match, the others the pattern's groups. */
  readonly groups: readonly (string | undefined)[];
  /** The line without the spaces around it. */
  readonly line: string;
  /** Number of the line, from 0. */
  readonly position: number;
}

/** The last line that matches. */
export function lastMatch(texts: readonly string[], pattern: RegExp): LineMatch | undefined {
  for (let position = texts.length - 1; position >= 0; position--) {
    const line = texts[position] ?? "";
    const found = pattern.exec(line);
    if (found !== null) return { groups: [...found], line: line.trim(), position };
  }
  return undefined;
}

/** "12.34" MiB as bytes; the log rounds to a hundredth of a MiB. */
export function mebibytes(text: string): number {
  return Math.round(Number(text) * 2 ** 20);
}
