import { groups } from "d3-array";
import { defined, type RunRecord, type StageName } from "../../../app/contract/index.ts";
import { elementNumber, labelText } from "../../../app/presentation/labels.ts";
import { formatMs, formatPx, formatShare } from "../../../app/presentation/numbers.ts";
import { spreadOf } from "../../../app/presentation/spread.ts";
import { stageHolding, stagesIn } from "../../../app/presentation/stages.ts";
import {
  backendName,
  confidenceSourceOf,
  confidenceSourceTexts,
  confidenceText,
  profileTexts,
  stageTexts,
  warningTitles,
} from "../../../app/presentation/texts.ts";
import { provenanceTable } from "./report-provenance.ts";
import type { NamedRun, ReportTable } from "./report-table.ts";

/** What a report says, before it is written as Markdown or HTML. */
export interface Report {
  readonly title: string;
  /** When and from what it was made. */
  readonly intro: string;
  readonly tables: readonly ReportTable[];
  /** Runs whose stages are drawn as bars, with the letter that the tables call them by. */
  readonly bars: readonly NamedRun[];
  readonly provenance: readonly ReportTable[];
}

export interface ReportOptions {
  readonly title: string;
  /** ISO time at which the report is made. */
  readonly now: string;
  /** Names that the user gave to runs, by run id. */
  readonly names?: ReadonlyMap<string, string>;
}

/** Elements are listed in reports of at most this many runs; beyond that the lists would bury the figures. */
const elementTables = 2;

/** A report of one or several runs: every figure stands beside the run it was measured in. */
export function makeReport(runs: readonly RunRecord[], options: ReportOptions): Report {
  const named = runs.map((run, index) => ({ name: runName(index), run }));
  const count = runs.length === 1 ? "one run" : `${runs.length} runs`;
  return {
    title: options.title,
    intro: `Made by Holoscope on ${options.now} from ${count}. Times are wall time on one monotonic clock of the machine named with each run.`,
    tables: [
      overview(named, options.names),
      stages(named),
      ...spread(runs),
      ...named.slice(0, named.length <= elementTables ? elementTables : 0).map(elements),
      ...warnings(named),
    ],
    bars: named.filter(({ run }) => run.status === "done"),
    provenance: named.map(provenanceTable),
  };
}

/** A, B, ..., Z, then R27, R28, ... */
export function runName(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : `R${index + 1}`;
}

/** A table from its columns: the heading, the text of one row's cell, and whether these are figures. */
function tableOf<Row>(
  title: string,
  note: string | undefined,
  rows: readonly Row[],
  columns: readonly (readonly [text: string, cell: (row: Row) => string, numeric?: "numeric"])[],
): ReportTable {
  return {
    title,
    ...defined({ note }),
    columns: columns.map(([text, , numeric]) => ({ text, numeric: numeric !== undefined })),
    rows: rows.map((row) => columns.map(([, cell]) => cell(row))),
  };
}

const backendOf = ({ engine }: RunRecord): string => (engine === undefined ? "none" : backendName(engine.backend));
const totalOf = ({ status, totalMs }: RunRecord): string => (status === "done" ? formatMs(totalMs) : "none");

function overview(runs: readonly NamedRun[], names: ReadonlyMap<string, string> | undefined): ReportTable {
  const result = ({ status, detections, error }: RunRecord) =>
    status === "done" ? `${detections.length} elements` : `${status}: ${error?.message ?? ""}`;
  return tableOf("Runs", undefined, runs, [
    ["Run", ({ name }) => name],
    ["Name", ({ run }) => names?.get(run.id) ?? ""],
    ["Image", ({ run }) => run.image.name ?? "unnamed"],
    ["Model", ({ run }) => run.model.name],
    ["Backend", ({ run }) => backendOf(run)],
    ["Machine", ({ run }) => run.machine.name],
    ["Profile", ({ run }) => profileTexts[run.profile]],
    ["Result", ({ run }) => result(run)],
    ["Total", ({ run }) => totalOf(run), "numeric"],
  ]);
}

function stages(runs: readonly NamedRun[]): ReportTable {
  return {
    title: "Time by stage",
    note: "The stages add up to the total. Reused: the result of an earlier run was taken, so there is no time.",
    columns: [{ text: "Stage" }, ...runs.map(({ name }) => ({ text: name, numeric: true }))],
    rows: [
      ...stagesIn(runs.map(({ run }) => run)).map((name) => [
        stageTexts[name].name,
        ...runs.map(({ run }) => stageCell(run, name)),
      ]),
      ["Total", ...runs.map(({ run }) => totalOf(run))],
    ],
  };
}

function stageCell(run: RunRecord, name: StageName): string {
  const stage = run.stages.find((each) => each.stage === name);
  const holding = stageHolding(run, name);
  if (holding !== undefined) return `in ${stageTexts[holding].name}`;
  if (stage === undefined) return "not run";
  if (stage.reused === true) return "reused";
  if (stage.overlappedMs !== undefined) return `overlapped (${formatMs(stage.ms)} waited for)`;
  return run.totalMs > 0 ? `${formatMs(stage.ms)} (${formatShare(stage.ms / run.totalMs)})` : formatMs(stage.ms);
}

/** Median and spread of each configuration that was measured more than once; warm-up runs do not count. */
function spread(runs: readonly RunRecord[]): readonly ReportTable[] {
  const measured = runs.filter(({ status, repeat }) => status === "done" && repeat?.warmup !== true);
  const repeated = groups(measured, configurationText)
    .filter(([, alike]) => alike.length > 1)
    .map(([configuration, alike]) => ({ configuration, ...spreadOf(alike.map(({ totalMs }) => totalMs)) }));
  if (repeated.length === 0) return [];
  return [
    tableOf(
      "Spread over repeats",
      "Totals of the runs of the same image, model, backend, machine and profile, with the same stages reused or overlapped; without warm-up runs.",
      repeated,
      [
        ["Configuration", ({ configuration }) => configuration],
        ["Runs", ({ n = 0 }) => String(n), "numeric"],
        ["Median", ({ median = 0 }) => formatMs(median), "numeric"],
        ["p5", ({ p5 = 0 }) => formatMs(p5), "numeric"],
        ["p95", ({ p95 = 0 }) => formatMs(p95), "numeric"],
      ],
    ),
  ];
}

/** What the runs of one row of the spread have in common. */
function configurationText(run: RunRecord): string {
  const reused = run.stages.filter((stage) => stage.reused === true);
  const overlapped = run.stages.filter((stage) => stage.overlappedMs !== undefined);
  return [
    run.image.name ?? "unnamed",
    run.model.name,
    backendOf(run),
    run.machine.name,
    profileTexts[run.profile],
    ...reused.map(({ stage }) => `${stageTexts[stage].name} reused`),
    ...overlapped.map(({ stage }) => `${stageTexts[stage].name} overlapped`),
  ].join(" · ");
}

function elements({ name, run }: NamedRun): ReportTable {
  const note = `Boxes in px of the screenshot. Confidence is ${confidenceSourceTexts[confidenceSourceOf(run.detections)]}, not reported by the model.`;
  return tableOf(`Elements of ${name}`, note, run.detections, [
    ["No.", ({ id }) => elementNumber(id), "numeric"],
    ["Label", ({ label }) => labelText(label)],
    ["Text", ({ text = "" }) => text],
    ["x", ({ bbox: [x1] }) => formatPx(x1), "numeric"],
    ["y", ({ bbox: [, y1] }) => formatPx(y1), "numeric"],
    ["Width", ({ bbox: [x1, , x2] }) => formatPx(x2 - x1), "numeric"],
    ["Height", ({ bbox: [, y1, , y2] }) => formatPx(y2 - y1), "numeric"],
    ["Confidence", confidenceText, "numeric"],
  ]);
}

function warnings(runs: readonly NamedRun[]): readonly ReportTable[] {
  const rows = runs.flatMap(({ name, run }) => run.warnings.map((warning) => ({ name, ...warning })));
  if (rows.length === 0) return [];
  return [
    tableOf("Warnings", undefined, rows, [
      ["Run", ({ name }) => name],
      ["Warning", ({ code }) => warningTitles[code]],
      ["Message", ({ message }) => message],
    ]),
  ];
}
