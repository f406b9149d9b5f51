import path from "node:path";
import {
  type AnswerLine,
  answerLineSchema,
  type DatasetReport,
  type Evaluation,
  evaluationSchema,
} from "../../contract/index.ts";
import { writeOutputFile } from "../../host/disk/atomic.ts";
import { type Journal, withJournal } from "../../host/disk/journal.ts";
import type { Host } from "../../host/types.ts";
import { formatCount, plural } from "../../presentation/numbers.ts";
import { evaluatedFormats, readEvaluation } from "../../truth/click/read.ts";
import { figureNames, figureOrder, formatFigure } from "../../truth/figure-text.ts";
import { type Environment, withInterruptibleHost } from "../environment.ts";
import { exitCodes, UsageError } from "../errors.ts";
import { renderTable } from "../table.ts";
import { oneLine, styled, type Terminal } from "../terminal.ts";
import { Asked, keyText } from "./asked.ts";
import { type EvaluatedFolder, readFolder } from "./folder.ts";
import { itemsCsv } from "./items-csv.ts";
import { EvalJob } from "./job.ts";
import { answersText, interval, markdownReport, percent, titleOf } from "./markdown.ts";
import { type EvalOptions, parseEvalOptions, type RawEvalOptions, type ReportFormat, reportFiles } from "./options.ts";
import { type Plan, planItems } from "./plan.ts";
import { EvalProgress } from "./progress.ts";
import { evaluationOf } from "./report.ts";

const writers: Readonly<Record<ReportFormat, (evaluation: Evaluation) => string>> = {
  md: markdownReport,
  json: (evaluation) => `${JSON.stringify(evaluationSchema.parse(evaluation), undefined, 2)}\n`,
  csv: itemsCsv,
};

/**
 * Asks a model the questions of a folder's benchmarks, or goes on where an earlier command ended, and writes the reports.
 * Resolves with the exit code.
 */
export async function evaluate(environment: Environment, folder: string, raw: RawEvalOptions): Promise<number> {
  const options = parseEvalOptions(raw, folder);
  const { terminal } = environment;
  const found = await readFolder(options.folder, options.out);
  const { files, others } = await readEvaluation(found.texts);
  if (files.length === 0) {
    throw new UsageError(
      `${options.folder} has no annotations that can be evaluated.`,
      `Read are ${evaluatedFormats}, as .json or .jsonl.`,
    );
  }
  if (others.length > 0) {
    terminal.err(
      `left out, being no annotations: ${oneLine(others.slice(0, 5).join(", "))}${others.length > 5 ? ", ..." : ""}\n`,
    );
  }
  const plan = planItems(files, found.images, options.sample);
  return withInterruptibleHost(environment, (host, interrupted) =>
    run(terminal, host, interrupted, options, found, plan),
  );
}

async function run(
  terminal: Terminal,
  host: Host,
  interrupted: AbortSignal,
  options: EvalOptions,
  { images }: EvaluatedFolder,
  plan: Plan,
): Promise<number> {
  const items = plan.images.reduce((sum, image) => sum + image.items.length, 0);
  const asked = await Asked.choose(host, options);
  const answers = new Map<string, AnswerLine>();
  const work = async (journal: Journal<AnswerLine>) => {
    if (journal.tornBytes > 0) terminal.err("the journal's last line was cut off; its item is asked again\n");
    if (answers.size > 0) terminal.err(`the journal has ${plural(answers.size, "answer")} already\n`);
    const progress = new EvalProgress(terminal, items);
    const job = new EvalJob({
      host,
      asked,
      images,
      journal,
      answers,
      runsFolder: path.join(options.out, "runs"),
      progress,
      interrupted,
    });
    try {
      return await job.run(plan.images);
    } finally {
      progress.clear();
    }
  };
  const file = path.join(options.out, "journal.jsonl");
  const onEntry = (line: AnswerLine): void => {
    if (line.error === undefined || !options.retryErrors) answers.set(keyText(line.key), line);
  };
  const scores = await withJournal({ file, what: "the journal", schema: answerLineSchema, onEntry }, work);
  if (scores.length < items) {
    terminal.err(`${formatCount(scores.length)} of ${plural(items, "item")} are answered; the same command goes on.\n`);
    return exitCodes.interrupted;
  }
  const evaluation = evaluationOf(plan, scores, asked, options.sample);
  for (const format of options.formats) {
    const report = path.join(options.out, reportFiles[format]);
    await writeOutputFile(report, writers[format](evaluation), `the report ${reportFiles[format]}`);
  }
  terminal.out(summary(terminal, evaluation));
  terminal.out(`reports: ${options.formats.map((format) => path.join(options.out, reportFiles[format])).join(", ")}\n`);
  return exitCodes.done;
}

/** What is printed in the end: accuracy of each dataset by its columns. */
function summary(terminal: Terminal, { model, datasets, answers }: Evaluation): string {
  return [
    `${styled(terminal, "bold", oneLine(model.name))}\n`,
    ...datasets.map((report) => datasetSummary(terminal, report)),
    `${answersText(answers)}\n`,
  ].join("");
}

function datasetSummary(terminal: Terminal, report: DatasetReport): string {
  const { columns, detection = [], notes, itemsInFiles } = report;
  const right = (titles: readonly string[]) => titles.map((title) => ({ title, align: "right" as const }));
  const clicks = renderTable(
    terminal,
    [{ title: titleOf(report), flexible: true }, ...right(["right", "of", "accuracy %", "95 % interval", "errors"])],
    columns
      .filter((column) => column.items > 0)
      .map((column) => [
        column.name,
        ...[column.correct, column.items].map(formatCount),
        percent(column.accuracy),
        interval(column),
        formatCount(column.errors),
      ]),
  );
  const last = detection.at(-1);
  const found =
    last === undefined
      ? ""
      : `every element: ${figureOrder.map((name) => `${figureNames[name].toLowerCase()} ${formatFigure(last[name])}`).join(", ")}\n`;
  return `\n${itemsInFiles === 0 ? `${titleOf(report)}\n` : clicks}${found}${notes.map((note) => `${styled(terminal, "dim", oneLine(note))}\n`).join("")}`;
}
