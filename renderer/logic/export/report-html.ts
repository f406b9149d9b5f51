import { stageNames } from "../../../app/contract/index.ts";
import tokens from "../../styles/tokens.css?raw";
import { xmlText } from "./escape.ts";
import type { Report } from "./report.ts";
import type { ReportTable } from "./report-table.ts";
import { stageChartSvg } from "./stage-chart-svg.ts";

/** The page may show itself and pictures that it carries; it can run and load nothing. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The stages' colours as the window has them, light and dark. */
const stageTokens = tokens.match(/--stage-\w+: [^;]+;/g)?.join(" ") ?? "";

const style = `
:root { ${stageTokens} }
:root { color-scheme: light dark; --ink: light-dark(#171b22, #e9ecf1); --soft: light-dark(#4a5261, #b1b9c6);
  --ground: light-dark(#ffffff, #14171c); --line: light-dark(#d5d9e1, #2f3641); --head: light-dark(#f3f5f8, #1c2129); }
body { margin: 0 auto; max-width: 1040px; padding: 32px 24px 64px; background: var(--ground); color: var(--ink);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { margin: 0; font-size: 26px; letter-spacing: -0.01em; }
h2 { margin: 36px 0 8px; font-size: 18px; }
h3 { margin: 24px 0 6px; font-size: 14px; }
p { margin: 6px 0 12px; color: var(--soft); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 10px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { background: var(--head); font-weight: 600; overflow-wrap: normal; }
.num { text-align: right; white-space: nowrap; }
svg { display: block; width: 100%; height: auto; margin: 8px 0; font-size: 12px; }
svg text { fill: var(--ink); dominant-baseline: central; }
svg .tick, svg .key { fill: var(--soft); }
svg .name { font-weight: 600; }
svg .grid { stroke: var(--line); }
img { display: block; max-width: 100%; margin: 12px 0; border: 1px solid var(--line); }
${stageNames.map((name) => `.stage-${name} { fill: var(--stage-${name}); }`).join("\n")}
`;

/**
 * The report as one HTML file without scripts and without anything to fetch.
 * @param picture SVG of the annotated screenshot, shown below the title where the report is of one run.
 */
export function reportHtml(report: Report, picture?: string): string {
  const chart = stageChartSvg(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${xmlText(report.title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${xmlText(report.title)}</h1>
<p>${xmlText(report.intro)}</p>
${picture === undefined ? "" : `<figure>${picture}</figure>`}
${chart === "" ? "" : `<h2>Stages drawn to scale</h2>\n${chart}`}
${report.tables.map((table) => tableHtml(table, "h2")).join("\n")}
<h2>Provenance</h2>
${report.provenance.map((table) => tableHtml(table, "h3")).join("\n")}
</body>
</html>
`;
}

function tableHtml({ title, note, columns, rows }: ReportTable, heading: "h2" | "h3"): string {
  const align = (index: number) => (columns[index]?.numeric === true ? ' class="num"' : "");
  const head = columns.map(({ text }, index) => `<th scope="col"${align(index)}>${xmlText(text)}</th>`).join("");
  const body = rows
    .map((row) => `<tr>${row.map((cell, index) => `<td${align(index)}>${xmlText(cell)}</td>`).join("")}</tr>`)
    .join("\n");
  return [
    `<${heading}>${xmlText(title)}</${heading}>`,
    note === undefined ? "" : `<p>${xmlText(note)}</p>`,
    `<div class="scroll"><table><thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody></table></div>`,
  ].join("\n");
}
