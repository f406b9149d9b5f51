import { readFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { RotatingFile } from "./disk/rotating.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** The application's log: JSON lines in logs/holoscope.log in the data folder. */
export interface Log {
  readonly file: string;
  write(level: LogLevel, text: string, fields?: Readonly<Record<string, unknown>>): void;
  /** The last lines as readable text, oldest first. */
  tail(lines: number): Promise<string[]>;
  close(): void;
}

const maxBytes = 2 * 1024 * 1024;
const levels = ["debug", "info", "warn", "error"] as const satisfies readonly LogLevel[];

/** HOLOSCOPE_LOG_LEVEL: "debug" includes llama.cpp's lines about every tensor; an unknown value means "info". */
export function logLevel(env: Readonly<Record<string, string | undefined>> = process.env): LogLevel {
  const wanted = env.HOLOSCOPE_LOG_LEVEL?.trim().toLowerCase();
  return levels.find((level) => level === wanted) ?? "info";
}

/** Opens the log. If the folder cannot be written to, the log has no file; that is not an error. */
export function openLog(dataFolder: string): Log {
  const file = new RotatingFile(path.join(dataFolder, "logs", "holoscope.log"), maxBytes);
  const logger = pino(
    {
      base: null,
      level: logLevel(),
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => file.write(line) },
  );
  return {
    file: file.path,
    write: (level, text, fields = {}) => logger[level](fields, text),
    tail: (lines) => readTail([file.path, file.oldPath], lines),
    close: () => file.close(),
  };
}

/** @param files the newest first; an older one is read when the newer ones have too few lines */
async function readTail(files: readonly string[], lines: number): Promise<string[]> {
  const [newest, ...older] = files;
  if (newest === undefined || lines <= 0) return [];
  const found = await lastLines(newest, lines);
  return found.length >= lines ? found : [...(await readTail(older, lines - found.length)), ...found];
}

/** Reads the whole file, which is small. */
async function lastLines(file: string, lines: number): Promise<string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .slice(-lines)
    .map(readable);
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
