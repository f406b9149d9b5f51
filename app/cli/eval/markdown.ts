import type { Accuracy, DatasetReport, Evaluation, EvaluationDataset } from "../../contract/index.ts";
import { formatCount, formatMs, plural } from "../../presentation/numbers.ts";
import { allColumn } from "../../truth/click/columns.ts";
import { figureNames, figureOrder, formatFigure } from "../../truth/figure-text.ts";
import { oneLine } from "../terminal.ts";

export const datasetNames: Readonly<Record<EvaluationDataset, string>> = {
  screenspot: "ScreenSpot",
  "screenspot-v2": "ScreenSpot-v2",
  "screenspot-pro": "ScreenSpot-Pro",
  "osworld-g": "OSWorld-G",
  own: "Own ground truth",
};

export const titleOf = ({ dataset, split }: Pick<DatasetReport, "dataset" | "split">): string =>
  split === undefined ? datasetNames[dataset] : `${datasetNames[dataset]}, ${split}`;

/** Percent with one decimal, as the papers have it; a dash without items. */
export const percent = (part: number | null | undefined): string =>
  part === null || part === undefined ? "–" : (100 * part).toFixed(1);

/** "81.2 to 85.4"; a dash without items. */
export const interval = ({ low, high }: Accuracy): string =>
  low === null || high === null ? "–" : `${percent(low)} to ${percent(high)}`;

/** A text in a cell: names and files may hold what Markdown would take for its own. */
const cell = (text: string): string => oneLine(text).replace(/[\\|`*_<>[\]]/g, "\\$&");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  const rule = head.map((_, at) => (at === 0 ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("");
}

/** The report for reading: for each dataset the table of its paper, beside published figures, and how sure they are. */
export function markdownReport(evaluation: Evaluation): string {
  const { model, settings, app, sample, answers, time, datasets } = evaluation;
  const changed = Object.entries(settings.fields).map(([name, value]) => `${name} ${String(value)}`);
  const sampled =
    sample === undefined ? [] : [`- at most ${plural(sample.limit, "item")} of each dataset, seed ${sample.seed}`];
  return [
    `# Click accuracy of ${cell(model.name)}\n\n`,
    `- model \`${model.id}\`, Holoscope ${cell(app.version)}, profile ${settings.profile}, backend ${settings.backend}\n`,
    `- settings: ${cell(changed.join(", "))}\n`,
    ...sampled.map((text) => `${text}\n`),
    `- ${answersText(answers)}\n`,
    `- ${timeText(time)}\n`,
    ...datasets.map(datasetText),
  ].join("");
}

/** What kind of answers there were; of boxes it says what was scored. */
export function answersText({ points, boxes, nothing, errors }: Evaluation["answers"]): string {
  const boxText = boxes === 0 ? "" : `, ${plural(boxes, "box", "boxes")}, of which the centre is scored`;
  const errorText = errors === 0 ? "" : `; ${plural(errors, "item")} ended with an error and count as wrong`;
  return `answers: ${plural(points, "click point")}${boxText}, ${formatCount(nothing)} times nothing${errorText}`;
}

function timeText({ medianMs, answers, reused }: Evaluation["time"]): string {
  if (medianMs === null) return "no answer, so no time";
  const kept = reused === 0 ? "" : `; ${formatCount(reused)} found their image kept from the item before`;
  return `median time of an answer ${formatMs(medianMs)} (${plural(answers, "answer")}${kept})`;
}

function datasetText(report: DatasetReport): string {
  const { files, columns, itemsInFiles, notes, detection } = report;
  const sources = `From ${files.map((file) => `\`${file.replaceAll("`", "")}\``).join(", ")}.`;
  return [
    `\n## ${titleOf(report)}\n\n${sources}\n\n`,
    itemsInFiles === 0 ? "No element has a text to be located by.\n" : `${paperTable(report)}\n${detailTable(columns)}`,
    detection === undefined ? "" : `\n${detectionTable(detection)}`,
    notes.length === 0 ? "" : `\n${notes.map((note) => `- ${cell(note)}\n`).join("")}`,
    sourcesText(report),
  ].join("");
}

/** Accuracy in percent in the columns of the benchmark's paper. */
function paperTable({ columns, columnMean, published }: DatasetReport): string {
  const names = columns.map(({ name }) => name).filter((name) => name !== allColumn);
  const hasMean = columnMean !== undefined;
  const head = ["Accuracy in %", ...names.map(cell), ...(hasMean ? ["mean of the columns"] : []), allColumn];
  const of = new Map(columns.map((column) => [column.name, percent(column.accuracy)]));
  const own = [...names, ...(hasMean ? ["mean"] : []), allColumn].map((name) =>
    name === "mean" ? percent(columnMean) : (of.get(name) ?? "–"),
  );
  const others = published.map((row, at) => [
    `${cell(row.model)} (published, ${at + 1})`,
    ...[...names, ...(hasMean ? ["mean"] : []), allColumn].map((name) => row.percent[name]?.toFixed(1) ?? ""),
  ]);
  return table(head, [["**this model**", ...own], ...others]);
}

function detailTable(columns: DatasetReport["columns"]): string {
  return table(
    ["Items", "right", "of", "accuracy in %", "95 % interval (Wilson)", "of these with an error"],
    columns
      .filter((column) => column.items > 0)
      .map((column) => [
        cell(column.name),
        formatCount(column.correct),
        formatCount(column.items),
        percent(column.accuracy),
        interval(column),
        formatCount(column.errors),
      ]),
  );
}

function detectionTable(rows: NonNullable<DatasetReport["detection"]>): string {
  return table(
    ["Every element, IoU 0.5", "matched", "missed", "extra", ...figureOrder.map((name) => figureNames[name])],
    rows.map((row) => [
      cell(row.name),
      ...[row.matched, row.missed, row.extra].map(formatCount),
      ...figureOrder.map((name) => formatFigure(row[name])),
    ]),
  );
}

function sourcesText({ published }: DatasetReport): string {
  if (published.length === 0) return "";
  const lines = published.map(
    ({ model, source, date, note }, at) =>
      `${at + 1}. ${cell(model)}: published, not measured here; ${cell(source)}, ${date}${note === undefined ? "" : `; ${cell(note)}`}.\n`,
  );
  return `\n${lines.join("")}`;
}
