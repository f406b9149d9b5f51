import { styleText } from "node:util";

/** Where a command writes. Tables go to `out`, progress and errors to `err`. */
export interface Terminal {
  /** Columns that a line may have; unlimited where the output is not a terminal. */
  readonly width: number;
  readonly colour: boolean;
  /** Whether `err` can show a line that is overwritten again and again. */
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
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
  };
}

export type Style = Parameters<typeof styleText>[0];

export function styled(terminal: Terminal, style: Style, text: string): string {
  return terminal.colour ? styleText(style, text, { validateStream: false }) : text;
}

/** Text from a model or a file name, on one line: control characters could move the cursor or recolour the screen. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
}
