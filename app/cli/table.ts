import { oneLine, type Style, styled, type Terminal } from "./terminal.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Shrinks if the terminal is narrow; longer texts end with an ellipsis. */
  readonly flexible?: boolean;
  readonly style?: Style;
}

/** A column with what it shows of an item. */
export interface Field<T> extends Column {
  readonly of: (item: T) => string;
}

const gap = "  ";
const leastFlexibleWidth = 6;

const lengthOf = (text: string): number => [...text].length;

function fit(text: string, width: number, align: "left" | "right"): string {
  const characters = [...text];
  if (characters.length > width) return `${characters.slice(0, Math.max(width - 1, 0)).join("")}…`;
  const padding = " ".repeat(width - characters.length);
  return align === "right" ? padding + text : text + padding;
}

/**
 * Lines of a table whose columns are as wide as their texts; flexible ones shrink until it fits the terminal.
 * Ends with a line feed.
 */
export function renderTable(
  terminal: Terminal,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const cells = rows.map((row) => columns.map((_, index) => oneLineKeepingIndent(row[index] ?? "")));
  const widths = columns.map((column, index) =>
    Math.max(lengthOf(column.title), ...cells.map((row) => lengthOf(row[index] ?? ""))),
  );
  shrink(terminal.width, columns, widths);
  const line = (texts: readonly string[], styleOf: (column: Column) => Style | undefined) =>
    columns
      .map((column, index) => {
        const last = index === columns.length - 1;
        const text = fit(texts[index] ?? "", widths[index] ?? 0, column.align ?? "left");
        const shown = last ? text.trimEnd() : text;
        const style = styleOf(column);
        return style === undefined || shown.trim() === "" ? shown : styled(terminal, style, shown);
      })
      .join(gap)
      .trimEnd();
  const head = line(
    columns.map(({ title }) => title),
    () => "bold",
  );
  return [head, ...cells.map((row) => line(row, ({ style }) => style))].map((text) => `${text}\n`).join("");
}

/** A table with one line for each item. */
export function tableOf<T>(terminal: Terminal, fields: readonly Field<T>[], items: readonly T[]): string {
  const rows = items.map((item) => fields.map(({ of }) => of(item)));
  return renderTable(terminal, fields, rows);
}

function oneLineKeepingIndent(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? "";
  return indent + oneLine(text);
}

function shrink(limit: number, columns: readonly Column[], widths: number[]): void {
  let excess = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - limit;
  columns.forEach((column, index) => {
    if (!column.flexible || excess <= 0) return;
    const width = widths[index] ?? 0;
    const taken = Math.min(excess, Math.max(width - leastFlexibleWidth, 0));
    widths[index] = width - taken;
    excess -= taken;
  });
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A bar whose full length is `width` characters, in eighths of a character; not empty for any fraction above 0. */
export function bar(fraction: number, width: number): string {
  if (!(fraction > 0)) return "";
  const steps = Math.max(1, Math.round(Math.min(fraction, 1) * width * 8));
  return "█".repeat(Math.floor(steps / 8)) + eighths[steps % 8];
}
