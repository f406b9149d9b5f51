import { styleText } from "node:util";

/** Where a command writes: results to `out`, progress and errors to `err`. */
export interface Terminal {
  /** Columns of a line; unlimited if the output is not a terminal. */
  readonly width: number;
  readonly colour: boolean;
  /** Whether `err` can show a line that is overwritten repeatedly. */
  readonly live: boolean;
  out(text: string): void;
  err(text: string): void;
}

/** The terminal of this process. Colours follow https://no-color.org and TERM=dumb. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  const dumb = env.TERM === "dumb";
  return {
    width: stdout.isTTY ? Math.max(stdout.columns ?? 80, 40) : Number.POSITIVE_INFINITY,
    colour: stdout.isTTY === true && !dumb && (env.NO_COLOR ?? "") === "",
    live: stderr.isTTY === true && !dumb,
    out: (text) => void stdout.write(harmless(text)),
    err: (text) => void stderr.write(harmless(text)),
  };
}

/** A control character, with what follows it where that makes it a colour or clears the line. */
const control = /\p{Cc}(?:\[(?:[0-9;]{0,20}m|K))?/gu;

/**
 * A text without what would let a file's or model's name work the terminal: set its title, write its clipboard, move the
 * cursor. Colours and the clearing of a line, which commands themselves write, stay.
 */
export function harmless(text: string): string {
  return text.replace(control, (found) => {
    const [first = "", ...rest] = found;
    if (first === "\u001b") return rest.length > 0 ? found : "\ufffd";
    return `${"\n\r\t".includes(first) ? first : "\ufffd"}${rest.join("")}`;
  });
}

export type Style = Parameters<typeof styleText>[0];

export function styled(terminal: Terminal, style: Style, text: string): string {
  return terminal.colour ? styleText(style, text, { validateStream: false }) : text;
}

/**
 * A text from a model or file name on one line, without control characters, which could move the cursor or change
 * colours.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
}

/** One line on a terminal's stderr that is overwritten by the next one; nothing where that is not possible. */
export class LiveLine {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(line: string): void {
    const width = Math.min(this.#terminal.width, 120) - 1;
    if (this.#terminal.live) this.#terminal.err(`\r\u001b[K${[...line].slice(0, width).join("")}`);
  }

  clear(): void {
    if (this.#terminal.live) this.#terminal.err("\r\u001b[K");
  }
}
