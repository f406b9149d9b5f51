import { isMeasured, type RunRecord, stageNames } from "../contract/index.ts";
import { quantile } from "../host/quantile.ts";
import { formatMs } from "./numbers.ts";
import { barWidthFor } from "./stages-table.ts";
import { bar, type Column, renderTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const columns: readonly Column[] = [
  { title: "stage" },
  { title: "median ms", align: "right" },
  { title: "p5 - p95 ms", align: "right" },
  { title: "spread", align: "right" },
  { title: "runs", align: "right" },
  { title: "", style: "cyan" },
];

function row(name: string, values: readonly number[], runs: number, barOf: (ms: number) => string): string[] {
  if (values.length === 0) return [name, "reused", "", "", `0/${runs}`];
  const median = quantile(values, 0.5);
  const [low, high] = [quantile(values, 0.05), quantile(values, 0.95)];
  return [
    name,
    formatMs(median),
    `${formatMs(low)} - ${formatMs(high)}`,
    median > 0 ? `${((100 * (high - low)) / median).toFixed(0)} %` : "",
    `${values.length}/${runs}`,
    barOf(median),
  ];
}

/**
 * Median and p5 - p95 of every stage over the finished runs of one image. Runs in which a stage was reused do not count
 * for that stage, nor for the total; "spread" is p95 - p5 as a share of the median.
 */
export function repeatTable(terminal: Terminal, runs: readonly RunRecord[]): string {
  const whole = runs.filter(({ stages }) => stages.every(isMeasured));
  const totals = whole.map(({ totalMs }) => totalMs);
  const longest = quantile(totals.length > 0 ? totals : runs.map(({ totalMs }) => totalMs), 0.5);
  const barOf = (ms: number) => bar(ms / longest, barWidthFor(terminal));
  const rows = stageNames.flatMap((name) => {
    const stages = runs.flatMap((run) => run.stages.filter(({ stage }) => stage === name));
    if (stages.length === 0) return [];
    const measured = stages.filter(isMeasured).map(({ ms }) => ms);
    return [row(name, measured, runs.length, barOf)];
  });
  return renderTable(terminal, columns, [...rows, row("total", totals, runs.length, () => "")]);
}
