export type CsvValue = string | number | boolean | undefined;

/** What begins a formula. Excel reads the signs of full width as the narrow ones. */
const formulaSigns = new Set("=+-@\uff1d\uff0b\uff0d\uff20");
/** What some locale or tool takes for the end of a cell: ";" where the comma is the decimal sign. */
const cellEnds = new Set(";|\t\r\n");
/** Blanks, quotes, controls and invisible characters, which readers skip at the start of a cell. */
const skipped = /[\s"'\p{Cc}\p{Cf}]/u;

/**
 * One field as RFC 4180 wants it. A text that a spreadsheet would take for a formula, in whole or in a part that it would
 * split off, gets an apostrophe before the sign, which makes it a text; numbers stay numbers.
 */
export function csvField(value: CsvValue): string {
  if (value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  if (typeof value === "boolean") return String(value);
  const safe = withoutFormulas(value);
  return /[",;|\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One pass, so that no text takes long: knows only whether a cell could begin here. */
function withoutFormulas(text: string): string {
  let begins = true;
  let first = true;
  let marked = false;
  let result = "";
  for (const letter of text) {
    if (begins && formulaSigns.has(letter)) {
      // At the start of the text the apostrophe comes first, where spreadsheets hide it.
      if (first) marked = true;
      else result += "'";
    }
    if (cellEnds.has(letter)) {
      begins = true;
      // A cell that begins with a tab or a line end is a formula to some readers without any sign.
      if (result === "" && letter !== ";" && letter !== "|") marked = true;
      first = false;
    } else if (!skipped.test(letter)) {
      begins = false;
      first = false;
    }
    result += letter;
  }
  return marked ? `'${result}` : result;
}

/** A column: its name in the header, and its field of one row. */
export type CsvColumn<Row> = readonly [name: string, field: (row: Row) => CsvValue];

/** Rows below a header, each line ended by CRLF as RFC 4180 has it. */
export function csvText<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, field]) => field(row)))];
  return lines.map((line) => `${line.map(csvField).join(",")}\r\n`).join("");
}
