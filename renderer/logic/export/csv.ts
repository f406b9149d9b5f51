import { type Detection, type RunRecord, scaleOf, stageNames } from "../../../app/contract/index.ts";
import { toldConfidence } from "../../../app/presentation/texts.ts";
import { boxInUnit, clickPoint, pointInUnit, roundPx } from "../../../app/presentation/units.ts";
import { measuredMs } from "../statistics/run-figures.ts";

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
type CsvColumn<Row> = readonly [name: string, field: (row: Row) => CsvValue];

/** Rows below a header, each line ended by CRLF as RFC 4180 has it. */
export function csvText<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, field]) => field(row)))];
  return lines.map((line) => `${line.map(csvField).join(",")}\r\n`).join("");
}

interface ElementRow {
  readonly run: RunRecord;
  readonly detection: Detection;
  readonly below: boolean;
}

const elementColumns: readonly CsvColumn<ElementRow>[] = [
  ["run_id", ({ run }) => run.id],
  ["image_name", ({ run }) => run.image.name],
  ["image_id", ({ run }) => run.image.id],
  ["element_id", ({ detection }) => detection.id],
  ["label", ({ detection }) => detection.label],
  ["text", ({ detection }) => detection.text],
  ["x1_px", ({ detection: { bbox } }) => roundPx(bbox[0])],
  ["y1_px", ({ detection: { bbox } }) => roundPx(bbox[1])],
  ["x2_px", ({ detection: { bbox } }) => roundPx(bbox[2])],
  ["y2_px", ({ detection: { bbox } }) => roundPx(bbox[3])],
  ["width_px", ({ detection: { bbox } }) => roundPx(bbox[2] - bbox[0])],
  ["height_px", ({ detection: { bbox } }) => roundPx(bbox[3] - bbox[1])],
  ["point_x_px", ({ detection: { point } }) => point && roundPx(point[0])],
  ["point_y_px", ({ detection: { point } }) => point && roundPx(point[1])],
  ["confidence", ({ detection }) => toldConfidence(detection)],
  ["confidence_source", ({ detection }) => detection.confidenceSource],
  ["below_threshold", ({ below }) => below],
  ["scale", ({ run }) => scaleOf(run.image).value],
  ...(["x1", "y1", "x2", "y2"] as const).map(
    (name, index): CsvColumn<ElementRow> => [
      `${name}_css_px`,
      ({ run, detection }) => roundPx(boxInUnit(detection.bbox, scaleOf(run.image).value)[index] ?? Number.NaN),
    ],
  ),
  ...(["x", "y"] as const).map(
    (name, index): CsvColumn<ElementRow> => [
      `click_${name}_css_px`,
      ({ run, detection }) =>
        roundPx(pointInUnit(clickPoint(detection), scaleOf(run.image).value)[index] ?? Number.NaN),
    ],
  ),
];

/**
 * All elements of the runs, one row each; those kept apart for low confidence too, marked as such. Places are in image px
 * and, by the image's scale, in CSS px.
 */
export function elementsCsv(runs: readonly RunRecord[]): string {
  const rows = runs.flatMap((run) => [
    ...run.detections.map((detection) => ({ run, detection, below: false })),
    ...run.belowThreshold.map((detection) => ({ run, detection, below: true })),
  ]);
  return csvText(elementColumns, rows);
}

const runColumns: readonly CsvColumn<RunRecord>[] = [
  ["run_id", (run) => run.id],
  ["created_at", (run) => run.createdAt],
  ["status", (run) => run.status],
  ["error_code", (run) => run.error?.code],
  ["image_name", (run) => run.image.name],
  ["image_id", (run) => run.image.id],
  ["image_width_px", (run) => run.image.width],
  ["image_height_px", (run) => run.image.height],
  ["model", (run) => run.model.name],
  ["family", (run) => run.model.family],
  ["backend", (run) => run.engine?.backend],
  ["machine", (run) => run.machine.name],
  ["cpu", (run) => run.machine.cpu],
  ["profile", (run) => run.profile],
  ["mode", (run) => run.mode],
  ["target", (run) => run.target],
  ["elements", (run) => run.detections.length],
  ["total_ms", (run) => run.totalMs],
  ...stageNames.map((name): CsvColumn<RunRecord> => [`${name}_ms`, (run) => measuredMs(run, name)]),
  ["reused_stages", (run) => run.stages.flatMap(({ reused, stage }) => (reused === true ? [stage] : [])).join(" ")],
  ["first_element_ms", (run) => run.result?.firstDetectionMs],
  ["image_tokens", (run) => run.result?.tokens.image],
  ["text_tokens", (run) => run.result?.tokens.text],
  ["generated_tokens", (run) => run.result?.tokens.generated],
  ["llama_cpp_release", (run) => run.engine?.llamaCppRelease],
  ["app_version", (run) => run.app.version],
];

/** One row for each run: its configuration and its measured times. A stage that was reused or never ran has no time. */
export function runsCsv(runs: readonly RunRecord[]): string {
  return csvText(runColumns, runs);
}
