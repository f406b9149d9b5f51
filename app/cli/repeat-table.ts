import { isMeasured, type RunRecord, stageNames } from "../contract/index.ts";
import { formatMs, formatShare } from "../presentation/numbers.ts";
import { type Spread, spreadOf } from "../presentation/spread.ts";
import { barWidthFor } from "./stages-table.ts";
import { bar, type Column, renderTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const columns: readonly Column[] = [
  { title: "stage" },
  { title: "median", align: "right" },
  { title: "p5 - p95", align: "right" },
  { title: "spread", align: "right" },
  { title: "runs", align: "right" },
  { title: "", style: "cyan" },
];

function row(name: string, spread: Spread | undefined, runs: number, barOf: (ms: number) => string): string[] {
  if (spread === undefined) return [name, "reused", "", "", `0/${runs}`];
  const { n, median, p5, p95 } = spread;
  return [
    name,
    formatMs(median),
    `${formatMs(p5)} - ${formatMs(p95)}`,
    median > 0 ? formatShare((p95 - p5) / median) : "",
    `${n}/${runs}`,
    barOf(median),
  ];
}

/**
 * Median and p5 - p95 of every stage over the finished runs of one image. Runs in which a stage was reused do not count
 * for that stage, nor for the total; "spread" is p95 - p5 as a share of the median.
 */
export function repeatTable(terminal: Terminal, runs: readonly RunRecord[]): string {
  const totalOf = (some: readonly RunRecord[]) => spreadOf(some.map(({ totalMs }) => totalMs));
  const total = totalOf(runs.filter(({ stages }) => stages.every(isMeasured)));
  const longest = (total ?? totalOf(runs))?.median ?? 0;
  const barOf = (ms: number) => bar(ms / longest, barWidthFor(terminal));
  const rows = stageNames.flatMap((name) => {
    const stages = runs.flatMap((run) => run.stages.filter(({ stage }) => stage === name));
    if (stages.length === 0) return [];
    const measured = stages.filter(isMeasured).map(({ ms }) => ms);
    return [row(name, spreadOf(measured), runs.length, barOf)];
  });
  return renderTable(terminal, columns, [...rows, row("total", total, runs.length, () => "")]);
}
