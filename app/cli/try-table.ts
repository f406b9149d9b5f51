import type { DoctorTryReport, Spread, StageName, TryRow } from "../contract/index.ts";
import { formatBytes, formatMs } from "./numbers.ts";
import { type Column, renderTable } from "./table.ts";
import { oneLine, styled, type Terminal } from "./terminal.ts";

const shownStages = ["encode", "prefill", "generate"] as const satisfies readonly StageName[];

/** Titles of the columns; the first is text, the others are figures. */
const titles = [
  "",
  "image tokens",
  "batch",
  ...shownStages,
  "total ms (p5-p95)",
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

function range({ median: middle, p5, p95 }: Spread, digits: number): string {
  return `${middle.toFixed(digits)} (${p5.toFixed(digits)}-${p95.toFixed(digits)})`;
}

function cells(row: TryRow): string[] {
  const { label, tokens, effective, stages, total, ratio, significant, agreement } = row;
  if (row.status !== "done") return [label, String(tokens?.image ?? ""), notMeasured[row.status]];
  const verdict = ratio === undefined || significant === undefined || significant ? "" : " ≈";
  return [
    label,
    String(tokens?.image ?? ""),
    String(effective?.batchTokens ?? ""),
    ...shownStages.map((name) => median(stages[name])),
    total === undefined ? "" : range(total, 1),
    ratio === undefined ? "1" : `${range(ratio, 2)}${verdict}`,
    agreement === undefined ? "" : String(agreement.found),
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
    `Median of ${repeats} warm runs in ms, in brackets the 5th and 95th percentile. "of baseline" is the total over the baseline's of the same round; ≈ means that its spread holds 1.`,
    "F1 compares the elements with the baseline's first run (IoU of at least 0.5): 1 = the same boxes. The baseline's own F1 compares its first run with its last.",
  ];
}

function origin(report: DoctorTryReport): string[] {
  const { machine, engine, model, image, settings, app, profile } = report;
  const gpus = engine.devices.filter(({ type }) => type === "gpu" || type === "igpu");
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

/** The measurement for a document: what was measured on, the table, how to read it. */
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
