import type { LogLevel } from "../log.ts";

export interface EngineLogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** Lines about devices come only once, when the process starts, so the first lines are kept whatever follows. */
const firstLines = 400;
const lastLines = 4000;
/** Characters; llama.cpp prints texts of model files, which may be of any length. */
const maxLineLength = 2000;

/** The debug lines that carry facts; the rest (one for each tensor) would displace more useful lines. */
const tellingDebug = /^ggml_vulkan: /;

/** The log of one engine process: its first and its last lines. */
export class EngineLog {
  readonly #first: EngineLogLine[] = [];
  readonly #last: EngineLogLine[] = [];

  push(level: LogLevel, text: string): void {
    if (level === "debug" && !tellingDebug.test(text)) return;
    this.#keep(level, text.slice(0, maxLineLength));
  }

  #keep(level: LogLevel, text: string): void {
    if (this.#first.length < firstLines) {
      this.#first.push({ level, text });
      return;
    }
    this.#last.push({ level, text });
    if (this.#last.length > 2 * lastLines) this.#last.splice(0, this.#last.length - lastLines);
  }

  /** Oldest first. */
  get lines(): readonly EngineLogLine[] {
    return [...this.#first, ...this.#last];
  }
}
