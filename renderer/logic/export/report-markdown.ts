import { formatMs } from "../../../app/presentation/numbers.ts";
import { stagesIn } from "../../../app/presentation/stages.ts";
import { stageTexts } from "../../../app/presentation/texts.ts";
import { markdownText } from "./escape.ts";
import type { Report } from "./report.ts";
import type { ReportTable } from "./report-table.ts";

/** Characters in the bar of the longest run. */
const barLength = 40;

/** The report as GitHub-flavoured Markdown; the stage bars are drawn in text. */
export function reportMarkdown(report: Report): string {
  return [
    `# ${markdownText(report.title)}`,
    markdownText(report.intro),
    ...report.tables.map((table) => tableMarkdown(table, "##")),
    ...bars(report),
    "## Provenance",
    ...report.provenance.map((table) => tableMarkdown(table, "###")),
  ]
    .join("\n\n")
    .concat("\n");
}

function tableMarkdown(table: ReportTable, heading: string): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    `${heading} ${markdownText(table.title)}`,
    ...(table.note === undefined ? [] : ["", markdownText(table.note)]),
    "",
    line(table.columns.map(({ text }) => markdownText(text))),
    line(table.columns.map(({ numeric }) => (numeric === true ? "---:" : "---"))),
    ...table.rows.map((row) => line(row.map(markdownText))),
  ].join("\n");
}

function bars({ bars: runs }: Report): readonly string[] {
  const longest = Math.max(0, ...runs.map(({ run }) => run.totalMs));
  if (longest === 0) return [];
  const names = stagesIn(runs.map(({ run }) => run));
  const key = names.map((name, index) => `${index + 1} ${stageTexts[name].name}`).join(", ");
  const lines = runs.map(({ name, run }) => {
    const letters = names.map((stage, index) => {
      const found = run.stages.find((each) => each.stage === stage && each.reused !== true);
      return String(index + 1).repeat(Math.round(((found?.ms ?? 0) / longest) * barLength));
    });
    return `${name.padEnd(4)} ${letters.join("").padEnd(barLength)} ${formatMs(run.totalMs)}`;
  });
  return ["## Stages drawn to scale", ["```", key, "", ...lines, "```"].join("\n")];
}
