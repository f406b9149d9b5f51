import type { RunRecord } from "../../../app/contract/index.ts";
import { cocoDocument } from "../../../app/presentation/coco.ts";
import { annotatedSvg } from "./annotated-svg.ts";
import { elementsCsv, runsCsv } from "./csv.ts";
import type { ExportFormat } from "./formats.ts";
import { benchmarkJsonl } from "./jsonl.ts";
import { makeReport } from "./report.ts";
import { reportHtml } from "./report-html.ts";
import { reportMarkdown } from "./report-markdown.ts";

export interface WrittenFile {
  readonly text: string;
  readonly type: string;
}

export interface WriteOptions {
  /** ISO time of the export. */
  readonly now: string;
  readonly title: string;
  readonly names: ReadonlyMap<string, string>;
  /** Data URL of the only run's screenshot, where there is one run and its image is stored here. */
  readonly imageUrl: string | undefined;
}

/** The formats whose text the window writes itself. */
export type WrittenFormat = Exclude<ExportFormat, "png" | "run" | "run-image">;

/** Writes runs as the text of one file. */
export function writeRuns(format: WrittenFormat, runs: readonly RunRecord[], options: WriteOptions): WrittenFile {
  const [first] = runs;
  const picture = runs.length === 1 && first !== undefined ? annotatedSvg(first, options.imageUrl) : undefined;
  switch (format) {
    case "svg":
      return { text: picture ?? "", type: "image/svg+xml" };
    case "coco":
      return { text: `${JSON.stringify(cocoDocument(runs, options.now), undefined, 1)}\n`, type: "application/json" };
    case "elements-csv":
      return { text: elementsCsv(runs), type: "text/csv" };
    case "runs-csv":
      return { text: runsCsv(runs), type: "text/csv" };
    case "markdown":
      return { text: reportMarkdown(makeReport(runs, options)), type: "text/markdown" };
    case "html":
      return { text: reportHtml(makeReport(runs, options), picture), type: "text/html" };
    case "jsonl":
      return { text: benchmarkJsonl(runs), type: "application/x-ndjson" };
  }
}
