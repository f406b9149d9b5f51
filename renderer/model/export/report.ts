import { quantileSorted } from "d3-array";
import { type RunRecord, stageNames } from "../../../app/contract/index.ts";
import { formatConfidence, formatMs, formatPx, formatShare } from "../format.ts";
import { labelText } from "../label-colors.ts";
import {
  backendName,
  confidenceSourceOf,
  confidenceSourceTexts,
  profileTexts,
  stageTexts,
  warningTitles,
} from "../names.ts";
import { provenanceTable } from "./report-provenance.ts";

export interface ReportColumn {
  readonly text: string;
  /** Right-aligned figures. */
  readonly numeric?: boolean;
}

export interface ReportTable {
  readonly title: string;
  readonly note?: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly string[])[];
}

/** What a report says, before it is written as Markdown or HTML. */
export interface Report {
  readonly title: string;
  /** When and from what it was made. */
  readonly intro: string;
  readonly tables: readonly ReportTable[];
  /** Runs whose stages are drawn as bars, with the letter that the tables call them by. */
  readonly bars: readonly { readonly name: string; readonly run: RunRecord }[];
  readonly provenance: readonly ReportTable[];
}

export interface ReportOptions {
  readonly title: string;
  /** ISO time at which the report is made. */
  readonly now: string;
  /** Names that the user gave to runs, by run id. */
  readonly names?: ReadonlyMap<string, string>;
}

/** Elements are listed for this many runs at most; a report of a library would become a book. */
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

interface NamedRun {
  readonly name: string;
  readonly run: RunRecord;
}

/** A, B, ..., Z, then R27, R28, ... */
export function runName(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : `R${index + 1}`;
}

function overview(runs: readonly NamedRun[], names: ReadonlyMap<string, string> | undefined): ReportTable {
  return {
    title: "Runs",
    columns: [
      { text: "Run" },
      { text: "Name" },
      { text: "Image" },
      { text: "Model" },
      { text: "Backend" },
      { text: "Machine" },
      { text: "Profile" },
      { text: "Result" },
      { text: "Total", numeric: true },
    ],
    rows: runs.map(({ name, run }) => [
      name,
      names?.get(run.id) ?? "",
      run.image.name ?? "unnamed",
      run.model.name,
      run.engine === undefined ? "none" : backendName(run.engine.backend),
      run.machine.name,
      profileTexts[run.profile],
      run.status === "done" ? `${run.detections.length} elements` : `${run.status}: ${run.error?.message ?? ""}`,
      run.status === "done" ? formatMs(run.totalMs) : "none",
    ]),
  };
}

function stages(runs: readonly NamedRun[]): ReportTable {
  return {
    title: "Time by stage",
    note: "The stages add up to the total. Reused: the result of an earlier run was taken, so there is no time.",
    columns: [{ text: "Stage" }, ...runs.map(({ name }) => ({ text: name, numeric: true }))],
    rows: [
      ...stageNames.map((name) => [stageTexts[name].name, ...runs.map(({ run }) => stageCell(run, name))]),
      ["Total", ...runs.map(({ run }) => (run.status === "done" ? formatMs(run.totalMs) : "none"))],
    ],
  };
}

function stageCell(run: RunRecord, name: (typeof stageNames)[number]): string {
  const stage = run.stages.find((each) => each.stage === name);
  if (stage === undefined) return "not run";
  if (stage.reused === true) return "reused";
  if (stage.overlappedMs !== undefined) return `overlapped (${formatMs(stage.ms)} waited for)`;
  return run.totalMs > 0 ? `${formatMs(stage.ms)} (${formatShare(stage.ms / run.totalMs)})` : formatMs(stage.ms);
}

/** Median and spread of each configuration that was measured more than once; warm-up runs do not count. */
function spread(runs: readonly RunRecord[]): readonly ReportTable[] {
  const groups = new Map<string, number[]>();
  for (const run of runs) {
    if (run.status !== "done" || run.repeat?.warmup === true) continue;
    const key = [
      run.image.name ?? "unnamed",
      run.model.name,
      run.engine === undefined ? "none" : backendName(run.engine.backend),
      run.machine.name,
      profileTexts[run.profile],
      ...run.stages.filter(({ reused }) => reused === true).map(({ stage }) => `${stageTexts[stage].name} reused`),
      ...run.stages
        .filter(({ overlappedMs }) => overlappedMs !== undefined)
        .map(({ stage }) => `${stageTexts[stage].name} overlapped`),
    ].join(" · ");
    groups.set(key, [...(groups.get(key) ?? []), run.totalMs]);
  }
  const repeated = [...groups].filter(([, totals]) => totals.length > 1);
  if (repeated.length === 0) return [];
  return [
    {
      title: "Spread over repeats",
      note: "Totals of the runs of the same image, model, backend, machine and profile, with the same stages reused or overlapped; without warm-up runs.",
      columns: [
        { text: "Configuration" },
        { text: "Runs", numeric: true },
        { text: "Median", numeric: true },
        { text: "p5", numeric: true },
        { text: "p95", numeric: true },
      ],
      rows: repeated.map(([key, totals]) => {
        const sorted = totals.toSorted((a, b) => a - b);
        const at = (fraction: number) => formatMs(quantileSorted(sorted, fraction) ?? 0);
        return [key, String(totals.length), at(0.5), at(0.05), at(0.95)];
      }),
    },
  ];
}

function elements({ name, run }: NamedRun): ReportTable {
  return {
    title: `Elements of ${name}`,
    note: `Boxes in px of the screenshot. Confidence is ${confidenceSourceTexts[confidenceSourceOf(run.detections)]}, not reported by the model.`,
    columns: [
      { text: "No.", numeric: true },
      { text: "Label" },
      { text: "Text" },
      { text: "x", numeric: true },
      { text: "y", numeric: true },
      { text: "Width", numeric: true },
      { text: "Height", numeric: true },
      { text: "Confidence", numeric: true },
    ],
    rows: run.detections.map(({ label, text, bbox: [x1, y1, x2, y2], confidence }, index) => [
      String(index + 1),
      labelText(label),
      text ?? "",
      ...[x1, y1, x2 - x1, y2 - y1].map(formatPx),
      formatConfidence(confidence),
    ]),
  };
}

function warnings(runs: readonly NamedRun[]): readonly ReportTable[] {
  const rows = runs.flatMap(({ name, run }) =>
    run.warnings.map(({ code, message }) => [name, warningTitles[code], message]),
  );
  if (rows.length === 0) return [];
  return [{ title: "Warnings", columns: [{ text: "Run" }, { text: "Warning" }, { text: "Message" }], rows }];
}
