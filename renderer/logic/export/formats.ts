import { withinBytes } from "../../../app/presentation/file-names.ts";

/** The kinds of file that runs can be written as. */
export const exportFormats = [
  { id: "png", name: "Annotated PNG", note: "Screenshot with boxes, full size", ending: "png", many: false },
  { id: "svg", name: "Annotated SVG", note: "Self-contained, full size", ending: "svg", many: false },
  { id: "run", name: "Run file", note: "JSON for another Holoscope", ending: "json", many: false },
  { id: "run-image", name: "Run file with image", note: "JSON, opens anywhere", ending: "json", many: false },
  { id: "coco", name: "COCO", note: "Boxes with scores", ending: "coco.json", many: true },
  { id: "elements-csv", name: "Elements as CSV", note: "One row for each element", ending: "elements.csv", many: true },
  { id: "runs-csv", name: "Runs as CSV", note: "One row for each run, times by stage", ending: "runs.csv", many: true },
  { id: "markdown", name: "Markdown report", note: "Tables and provenance", ending: "md", many: true },
  { id: "html", name: "HTML report", note: "With charts, without scripts", ending: "html", many: true },
  { id: "jsonl", name: "Benchmark JSONL", note: "One line for each run", ending: "jsonl", many: true },
] as const;

export type ExportFormat = (typeof exportFormats)[number]["id"];

/** Bytes of a name's stem; file systems take 255 with the ending, and some tools add theirs. */
const maxStemBytes = 160;

/** Names that are devices on Windows, with any ending. */
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * A file name that every system takes: the first run's image or name, the number of further runs, the format's ending.
 */
export function exportFileName(title: string, count: number, ending: string): string {
  const plain = title
    .replace(/\.[a-z0-9]{2,4}$/i, "")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced.
    .replace(/[\u0000-\u001f<>:"/\\|?*]+/g, "-")
    .normalize("NFC");
  const stem = withinBytes(plain, maxStemBytes).replace(/^[.\s]+|(?<![.\s])[.\s]+$/g, "");
  const usable = stem === "" || devices.test(stem) ? `holoscope${stem === "" ? "" : `-${stem}`}` : stem;
  return `${usable}${count > 1 ? `-and-${count - 1}-more` : ""}.${ending}`;
}
