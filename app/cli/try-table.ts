import { type DoctorTryReport, isGpu, type Spread, type StageName, type TryRow } from "../contract/index.ts";
import { formatBytes, formatCount, formatMs } from "../presentation/numbers.ts";
import { ratioText } from "../presentation/texts.ts";
import { type Column, renderTable } from "./table.ts";
import { oneLine, styled, type Terminal } from "./terminal.ts";

const shownStages = ["encode", "prefill", "generate"] as const satisfies readonly StageName[];

/** Titles of the columns; the first is text, the others are figures. */
const titles = [
  "",
  "image tokens",
  "batch",
  ...shownStages,
  "total (p5-p95)",
  "of baseline",
  "elements",
  "F1",
  "F1 + label",
];

const notMeasured: Readonly<Record<Exclude<TryRow["status"], "done">, string>> = {
  failed: "failed",
  skipped: "not measured",
};

function median(spread: Spread | undefined): string {
  return spread === undefined ? "" : formatMs(spread.median);
}

function countOf(count: number | undefined): string {
  return count === undefined ? "" : formatCount(count);
}

function cells(row: TryRow): string[] {
  const { label, tokens, effective, stages, total, ratio, agreement } = row;
  if (row.status !== "done") return [label, countOf(tokens?.image), notMeasured[row.status]];
  return [
    label,
    countOf(tokens?.image),
    countOf(effective?.batchTokens),
    ...shownStages.map((name) => median(stages[name])),
    total === undefined ? "" : `${formatMs(total.median)} (${formatMs(total.p5)}-${formatMs(total.p95)})`,
    ratio === undefined ? "1" : ratioText(row),
    countOf(agreement?.found),
    agreement === undefined ? "" : agreement.f1.toFixed(3),
    agreement === undefined ? "" : agreement.f1SameLabel.toFixed(3),
  ];
}

/** Reasons of the rows that were not measured, and how to read the rest. */
function notes({ rows, repeats }: DoctorTryReport): string[] {
  const left = rows.filter(({ status }) => status !== "done");
  return [
    ...left.map(
      ({ label, status, reason = "" }) =>
        `${label}: ${notMeasured[status as "failed" | "skipped"]}, because ${oneLine(reason)}`,
    ),
    `Median of ${repeats} warm runs, in brackets the 5th and 95th percentile. "of baseline" is the total over the baseline's of the same round; within noise means that its spread includes 1.`,
    "F1 compares the elements with the baseline's first run (IoU of at least 0.5): 1 = the same boxes. The baseline's own F1 compares its first run with its last.",
  ];
}

function origin(report: DoctorTryReport): string[] {
  const { machine, engine, model, image, settings, app, profile } = report;
  const gpus = engine.devices.filter(isGpu);
  const files = model.files.map(({ name, bytes, tensorTypes }) => {
    const types = Object.keys(tensorTypes).join(", ");
    return `${name} (${formatBytes(bytes)}: ${types})`;
  });
  return [
    `${machine.cpu}, ${machine.physicalCores} cores, ${machine.platform} ${machine.osRelease}${gpus.map((gpu) => `, ${gpu.description} (${formatBytes(gpu.memoryTotal)})`).join("")}`,
    `Holoscope ${app.version}, llama.cpp ${engine.llamaCppRelease} on ${engine.backend}, Node ${app.node}; ${report.createdAt}`,
    `${oneLine(model.name)}: ${files.join(" and ")}`,
    `image ${image.width} × ${image.height} px; profile ${profile}, at most ${settings.maxImageTokens} image tokens, ${settings.maxNewTokens} new tokens, flash attention ${settings.flashAttention}`,
  ];
}

/** The measurement as a table on a terminal. */
export function tryText(terminal: Terminal, report: DoctorTryReport): string {
  const columns = titles.map(
    (title, index): Column => (index === 0 ? { title, flexible: true } : { title, align: "right" }),
  );
  const table = renderTable(terminal, columns, report.rows.map(cells));
  const dim = (line: string): string => `${styled(terminal, "dim", line)}\n`;
  return `${table}\n${[...notes(report), ...origin(report)].map(dim).join("")}`;
}

/** The measurement as Markdown: on what it was made, the table, how to read it. */
export function tryMarkdown(report: DoctorTryReport): string {
  const line = (texts: readonly string[]): string =>
    `| ${titles.map((_, at) => (texts[at] ?? "").replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    "# Remedies measured with `holoscope doctor --try`",
    "",
    ...origin(report).map((text) => `- ${text}`),
    "",
    line(titles),
    line(titles.map((_, index) => (index === 0 ? "---" : "---:"))),
    ...report.rows.map((row) => line(cells(row))),
    "",
    ...notes(report).map((text) => `- ${text}`),
    "",
  ].join("\n");
}
