import { open } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { RotatingFile } from "./rotating-file.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** The one log of the application: JSON lines in logs/holoscope.log of the data folder. */
export interface Log {
  readonly file: string;
  write(level: LogLevel, text: string, fields?: Readonly<Record<string, unknown>>): void;
  /** The last lines as readable text, oldest first. */
  tail(lines: number): Promise<string[]>;
  close(): void;
}

const maxBytes = 2 * 1024 * 1024;
/** Enough for some hundred lines. */
const tailBytes = 128 * 1024;

/** Opens the log. A folder that cannot be written to gives a log without a file, not an error. */
export function openLog(dataFolder: string): Log {
  const file = new RotatingFile(path.join(dataFolder, "logs", "holoscope.log"), maxBytes);
  const logger = pino(
    {
      base: null,
      level: "info",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => file.write(line) },
  );
  return {
    file: file.path,
    write: (level, text, fields = {}) => logger[level](fields, text),
    tail: (lines) => readTail(file.path, lines),
    close: () => file.close(),
  };
}

async function readTail(file: string, lines: number): Promise<string[]> {
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const start = Math.max(0, size - tailBytes);
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(size - start), position: start });
      const all = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
      // The first line may be cut in the middle when reading did not begin at the file's start.
      const whole = start > 0 ? all.slice(1) : all;
      return whole
        .filter((line) => line !== "")
        .slice(-lines)
        .map(readable);
    } finally {
      await handle.close();
    }
  } catch {
    return [];
  }
}

function readable(line: string): string {
  try {
    const { time, level, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
    const fields = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : "";
    return `${String(time)} ${String(level).toUpperCase()} ${String(msg)}${fields}`;
  } catch {
    return line;
  }
}
