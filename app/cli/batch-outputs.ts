import path from "node:path";
import type { RunRecord } from "../contract/index.ts";
import { writeOutputFile } from "../host/disk/atomic.ts";
import { cocoDocument } from "../presentation/coco.ts";
import { runFile } from "./outputs.ts";

/** Where the results of a batch go. */
export interface BatchOutputs {
  /** Folder of a run file for each image. */
  readonly json?: string | undefined;
  readonly coco?: string | undefined;
  /** File with one run record a line. */
  readonly jsonl?: string | undefined;
}

/** A result with the name that its file has. Read when it is asked for: all runs together may be larger than the memory. */
export interface BatchResult {
  readonly name: string;
  /** Whether it is that of an earlier one's image, under another name. */
  readonly isCopy: boolean;
  run(): Promise<RunRecord | undefined>;
}

/** Writes the results in their order, whatever order they were made in. Throws STORAGE_FAILED, DISK_FULL. */
export async function writeBatch(results: readonly BatchResult[], { json, coco, jsonl }: BatchOutputs): Promise<void> {
  if (json !== undefined) {
    for (const { name, run } of results) {
      const file = path.resolve(runFile(json, name, { index: 0, of: 1 }));
      await writeOutputFile(file, `${JSON.stringify((await run()) ?? null, null, 2)}\n`, `the run ${file}`);
    }
  }
  if (jsonl !== undefined) await writeOutputFile(path.resolve(jsonl), lines(results), `the runs ${jsonl}`);
  if (coco !== undefined) {
    const runs: RunRecord[] = [];
    for await (const run of runsOf(results)) runs.push(shortened(run));
    const document = `${JSON.stringify(cocoDocument(runs, new Date().toISOString()), undefined, 1)}\n`;
    await writeOutputFile(path.resolve(coco), document, `the elements ${coco}`);
  }
}

async function* lines(results: readonly BatchResult[]): AsyncGenerator<string> {
  for await (const run of runsOf(results)) yield `${JSON.stringify(run)}\n`;
}

/** The run of each image once. */
async function* runsOf(results: readonly BatchResult[]): AsyncGenerator<RunRecord> {
  for (const result of results) {
    const run = result.isCopy ? undefined : await result.run();
    if (run !== undefined) yield run;
  }
}

/** Without what COCO has no place for: prompts and raw answers of all images are several times the rest. */
function shortened({ result: _, belowThreshold: __, ...run }: RunRecord): RunRecord {
  return { ...run, belowThreshold: [] };
}
