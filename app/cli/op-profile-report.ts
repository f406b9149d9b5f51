import {
  estimatedMs,
  type NodeCost,
  type OpProfile,
  opCategoryTexts,
  outsideNodesMs,
  profilingOverhead,
  type StageProfile,
  shareOf,
  slowestOverall,
} from "../contract/index.ts";
import { formatCount, formatMs } from "./numbers.ts";
import { attentionRows } from "./op-profile-attention.ts";
import { barWidthFor } from "./stages-table.ts";
import { bar, type Column, renderTable } from "./table.ts";
import { oneLine, styled, type Terminal } from "./terminal.ts";

const stageColumns: readonly Column[] = [
  { title: "stage" },
  { title: "true ms", align: "right" },
  { title: "profiled ms", align: "right" },
  { title: "overhead", align: "right" },
  { title: "nodes", align: "right" },
  { title: "outside nodes ≈ ms", align: "right" },
  { title: "on", flexible: true },
];

const categoryColumns: readonly Column[] = [
  { title: "category" },
  { title: "%", align: "right" },
  { title: "≈ ms", align: "right" },
  { title: "nodes", align: "right" },
  { title: "", style: "cyan" },
];

const attentionColumns: readonly Column[] = [
  { title: "layers" },
  { title: "attention" },
  { title: "on" },
  { title: "%", align: "right" },
  { title: "≈ ms", align: "right" },
  { title: "profiled ms", align: "right" },
  { title: "operations", flexible: true, style: "dim" },
];

const slowestColumns: readonly Column[] = [
  { title: "stage" },
  { title: "layer", align: "right" },
  { title: "node", flexible: true },
  { title: "operator" },
  { title: "shape" },
  { title: "types" },
  { title: "on" },
  { title: "× run", align: "right" },
  { title: "% of stage", align: "right" },
  { title: "≈ ms", align: "right" },
];

/** Where the time of a run goes, operator by operator: stages, categories, layers, attention, slowest nodes. */
export function opProfileReport(terminal: Terminal, profile: OpProfile): string {
  const title = styled(terminal, "bold", `operators, profiled in a second pass of ${formatMs(profile.passMs)} ms`);
  const caution = profile.sameAnswer
    ? "It wrote the same answer."
    : "It wrote another answer than the run itself: compare the shares of generate with care.";
  const note = `${caution} % is of the nodes' profiled time; ≈ ms divides the true time as the profiled one was.`;
  return [
    `${title}\n${styled(terminal, "dim", note)}\n\n`,
    `${renderTable(terminal, stageColumns, profile.stages.map(stageRow))}\n`,
    ...profile.stages.map((stage) => stageBlock(terminal, stage)),
    `${styled(terminal, "bold", "slowest nodes")}\n`,
    renderTable(terminal, slowestColumns, slowestRows(profile)),
  ].join("");
}

function stageRow(stage: StageProfile): string[] {
  const overhead = profilingOverhead(stage);
  return [
    stage.stage,
    stage.unprofiledMs === undefined ? "reused" : formatMs(stage.unprofiledMs),
    formatMs(stage.profiledMs),
    overhead === undefined ? "" : `× ${overhead.toFixed(2)}`,
    String(stage.nodes),
    optionalMs(outsideNodesMs(stage)),
    stage.devices.map((device) => `${oneLine(device.device)} ${percent(stage, device)} %`).join(", "),
  ];
}

function stageBlock(terminal: Terminal, stage: StageProfile): string {
  if (stage.nodes === 0) return "";
  const width = barWidthFor(terminal);
  const categories = stage.categories.map((cost) => [
    opCategoryTexts[cost.category],
    percent(stage, cost),
    estimate(stage, cost),
    String(cost.nodes),
    bar(shareOf(stage, cost), width),
  ]);
  const operators = stage.operators.map((cost) => `${oneLine(cost.op)} ${percent(stage, cost)} %`).join(", ");
  return [
    `${styled(terminal, "bold", stage.stage)}\n`,
    renderTable(terminal, categoryColumns, [...categories, ["outside nodes", "", optionalMs(outsideNodesMs(stage))]]),
    `${styled(terminal, "dim", `operators: ${operators}`)}\n`,
    layersLine("layers", stage, stage.layers),
    layersLine("attention", stage, stage.attention),
    `\n${renderTable(terminal, attentionColumns, attentionRows(stage))}\n`,
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

function layersLine(what: string, stage: StageProfile, layers: readonly NodeCost[]): string {
  if (layers.length === 0) return "";
  const shares = layers.map((layer) => 100 * shareOf(stage, layer));
  const range = `${Math.min(...shares).toFixed(1)} to ${Math.max(...shares).toFixed(1)} % each`;
  return `${what.padEnd(9)}  ${heatStrip(layers)}  ${formatCount(layers.length, "layer")}, ${range}\n`;
}

function slowestRows(profile: OpProfile): string[][] {
  return slowestOverall(profile).map(({ stage, node }) => [
    stage.stage,
    node.layer === undefined ? "" : String(node.layer),
    oneLine(node.source === undefined || node.op !== "MUL_MAT" ? node.name : `${node.name} ← ${node.source.name}`),
    oneLine(node.op),
    trimShape(node.shape),
    node.source === undefined ? node.type : `${node.source.type} → ${node.type}`,
    oneLine(node.device),
    String(node.nodes),
    percent(stage, node),
    estimate(stage, node),
  ]);
}

/** Without the ones at the end, which say nothing. */
function trimShape(shape: readonly number[]): string {
  const last = shape.findLastIndex((side) => side !== 1);
  return shape.slice(0, Math.max(1, last + 1)).join(" × ");
}

function percent(stage: StageProfile, cost: Pick<NodeCost, "ms">): string {
  return (100 * shareOf(stage, cost)).toFixed(1);
}

function estimate(stage: StageProfile, cost: Pick<NodeCost, "ms">): string {
  return optionalMs(estimatedMs(stage, cost));
}

function optionalMs(ms: number | undefined): string {
  return ms === undefined ? "" : formatMs(ms);
}
