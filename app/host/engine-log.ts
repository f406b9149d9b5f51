import type { LogLevel } from "./log.ts";

export interface EngineLogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** What a backend says of its devices comes once, when the process starts, and must not be pushed out by later lines. */
const firstLines = 400;
const lastLines = 4000;

/** The debug lines that carry facts; the others (one for each tensor) would only push out the others. */
const tellingDebug = /^ggml_vulkan: /;

/** What one engine process wrote: its first lines and its last ones. */
export class EngineLog {
  readonly #first: EngineLogLine[] = [];
  readonly #last: EngineLogLine[] = [];

  push(level: LogLevel, text: string): void {
    if (level === "debug" && !tellingDebug.test(text)) return;
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
