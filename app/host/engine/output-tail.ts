/** The last lines that a child process printed, of bounded size; the reason for a crash is searched there. */
export class OutputTail {
  readonly #maxLines: number;
  readonly #lines: string[] = [];
  #unfinished = "";

  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  /** Takes text as it arrives, in pieces of any size. Answers with the lines that are now complete. */
  push(text: string): readonly string[] {
    const pieces = (this.#unfinished + text).split(/\r?\n/);
    this.#unfinished = (pieces.pop() ?? "").slice(-maxLineLength);
    const complete = pieces.filter((line) => line.trim() !== "").map((line) => line.slice(0, maxLineLength));
    this.#lines.push(...complete);
    this.#lines.splice(0, Math.max(0, this.#lines.length - this.#maxLines));
    return complete;
  }

  get lines(): readonly string[] {
    return this.#unfinished.trim() === "" ? this.#lines : [...this.#lines, this.#unfinished];
  }
}

const maxLineLength = 2000;
