import {
  estimatedMs,
  type NodeCost,
  type OperatorTimes,
  opCategoryTexts,
  outsideNodesMs,
  type RankedNode,
  type StageOperators,
  shareOf,
  slowestOverall,
  timingOverhead,
} from "../contract/index.ts";
import { formatCount, formatMs, formatRatio, formatShare, plural } from "../presentation/numbers.ts";
import { type AttentionRow, attentionRows, shapeText } from "../presentation/operators.ts";
import { barWidthFor } from "./stages-table.ts";
import { bar, type Column, type Field, renderTable, tableOf } from "./table.ts";
import { oneLine, styled, type Terminal } from "./terminal.ts";

const stageFields: readonly Field<StageOperators>[] = [
  { title: "stage", of: ({ stage }) => stage },
  {
    title: "true time",
    align: "right",
    of: ({ unprofiledMs }) => (unprofiledMs === undefined ? "reused" : formatMs(unprofiledMs)),
  },
  { title: "profiled", align: "right", of: ({ profiledMs }) => formatMs(profiledMs) },
  { title: "overhead", align: "right", of: (stage) => optional(timingOverhead(stage), formatRatio) },
  { title: "nodes", align: "right", of: ({ nodes }) => formatCount(nodes) },
  { title: "outside nodes ≈", align: "right", of: (stage) => optional(outsideNodesMs(stage), formatMs) },
  { title: "on", flexible: true, of: (stage) => sharesText(stage, stage.devices, ({ device }) => device) },
];

const categoryColumns: readonly Column[] = [
  { title: "category" },
  { title: "share", align: "right" },
  { title: "≈ time", align: "right" },
  { title: "nodes", align: "right" },
  { title: "", style: "cyan" },
];

const attentionFields: readonly Field<AttentionRow>[] = [
  { title: "layers", of: ({ layers }) => layers },
  { title: "attention", of: ({ kind }) => kind },
  { title: "on", of: ({ devices }) => devices },
  { title: "share", align: "right", of: ({ share }) => formatShare(share) },
  { title: "≈ time", align: "right", of: ({ estimatedMs }) => optional(estimatedMs, formatMs) },
  { title: "profiled", align: "right", of: ({ ms }) => formatMs(ms) },
  { title: "operations", flexible: true, style: "dim", of: ({ ops }) => ops },
];

const slowestFields: readonly Field<RankedNode>[] = [
  { title: "stage", of: ({ stage }) => stage.stage },
  { title: "layer", align: "right", of: ({ node }) => optional(node.layer, String) },
  {
    title: "node",
    flexible: true,
    of: ({ node: { name, op, source } }) =>
      source === undefined || op !== "MUL_MAT" ? name : `${name} ← ${source.name}`,
  },
  { title: "operator", of: ({ node }) => node.op },
  { title: "shape", of: ({ node }) => shapeText(node.shape) },
  { title: "types", of: ({ node: { type, source } }) => (source === undefined ? type : `${source.type} → ${type}`) },
  { title: "on", of: ({ node }) => node.device },
  { title: "× run", align: "right", of: ({ node }) => formatCount(node.nodes) },
  { title: "of stage", align: "right", of: ({ stage, node }) => share(stage, node) },
  { title: "≈ time", align: "right", of: ({ stage, node }) => estimate(stage, node) },
];

/** Where the time of a run goes, operator by operator: stages, categories, layers, attention, slowest nodes. */
export function operatorTimesReport(terminal: Terminal, times: OperatorTimes): string {
  const title = styled(terminal, "bold", `operators, profiled in a second pass of ${formatMs(times.passMs)}`);
  const caution = times.sameAnswer
    ? "It wrote the same answer."
    : "It wrote another answer than the run itself: compare the shares of generate with care.";
  const note = `${caution} A share is of the nodes' profiled time; ≈ is that share of the true time.`;
  return [
    `${title}\n${styled(terminal, "dim", note)}\n\n`,
    `${tableOf(terminal, stageFields, times.stages)}\n`,
    ...times.stages.map((stage) => stageBlock(terminal, stage)),
    `${styled(terminal, "bold", "slowest nodes")}\n`,
    tableOf(terminal, slowestFields, slowestOverall(times)),
  ].join("");
}

function stageBlock(terminal: Terminal, stage: StageOperators): string {
  if (stage.nodes === 0) return "";
  const width = barWidthFor(terminal);
  const categories = stage.categories.map((cost) => [
    opCategoryTexts[cost.category],
    share(stage, cost),
    estimate(stage, cost),
    formatCount(cost.nodes),
    bar(shareOf(stage, cost), width),
  ]);
  const operators = sharesText(stage, stage.operators, ({ op }) => op);
  return [
    `${styled(terminal, "bold", stage.stage)}\n`,
    renderTable(terminal, categoryColumns, [
      ...categories,
      ["outside nodes", "", optional(outsideNodesMs(stage), formatMs)],
    ]),
    `${styled(terminal, "dim", `operators: ${operators}`)}\n`,
    layersLine("layers", stage, stage.layers),
    layersLine("attention", stage, stage.attention),
    `\n${tableOf(terminal, attentionFields, attentionRows(stage))}\n`,
  ].join("");
}

const heights = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** One character a layer, as high as its time beside the slowest layer's. */
export function heatStrip(layers: readonly Pick<NodeCost, "ms">[]): string {
  const most = Math.max(0, ...layers.map(({ ms }) => ms));
  return layers
    .map(({ ms }) => heights[most > 0 ? Math.min(heights.length - 1, Math.floor((ms / most) * heights.length)) : 0])
    .join("");
}

function layersLine(what: string, stage: StageOperators, layers: readonly NodeCost[]): string {
  if (layers.length === 0) return "";
  const shares = layers.map((layer) => shareOf(stage, layer));
  const range = `${formatShare(Math.min(...shares))} to ${formatShare(Math.max(...shares))} each`;
  return `${what.padEnd(9)}  ${heatStrip(layers)}  ${plural(layers.length, "layer")}, ${range}\n`;
}

function share(stage: StageOperators, cost: Pick<NodeCost, "ms">): string {
  return formatShare(shareOf(stage, cost));
}

function estimate(stage: StageOperators, cost: Pick<NodeCost, "ms">): string {
  return optional(estimatedMs(stage, cost), formatMs);
}

/** "CPU 61.2 %, CUDA0 38.8 %" */
function sharesText<T extends Pick<NodeCost, "ms">>(
  stage: StageOperators,
  costs: readonly T[],
  nameOf: (cost: T) => string,
) {
  return costs.map((cost) => `${oneLine(nameOf(cost))} ${share(stage, cost)}`).join(", ");
}

/** A figure as text; empty where there is none. */
function optional(figure: number | undefined, format: (figure: number) => string): string {
  return figure === undefined ? "" : format(figure);
}
