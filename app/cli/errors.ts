import { type ErrorInfo, HoloscopeError } from "../contract/index.ts";
import { oneLine, styled, type Terminal } from "./terminal.ts";

export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** The command line is wrong; nothing was started. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** `error: ...` and `hint: ...`, each on its line; details only when HOLOSCOPE_DEBUG=1. */
export function printError(terminal: Terminal, error: UsageError | ErrorInfo, about?: string): void {
  const where = about === undefined ? "" : `${oneLine(about)}: `;
  printProblem(terminal, styled(terminal, "red", "error:"), where, error);
  if (process.env.HOLOSCOPE_DEBUG !== "1") return;
  const detail = error instanceof UsageError ? error.stack : error.detail;
  if (detail !== undefined) terminal.err(`${detail}\n`);
}

/** `warning: ...` and `hint: ...`, each on its line. */
export function printWarning(terminal: Terminal, problem: ErrorInfo): void {
  printProblem(terminal, styled(terminal, "yellow", "warning:"), "", problem);
}

function printProblem(
  terminal: Terminal,
  word: string,
  where: string,
  { message, hint }: UsageError | ErrorInfo,
): void {
  terminal.err(`${word} ${where}${oneLine(message)}\n`);
  if (hint !== undefined) terminal.err(`${styled(terminal, "cyan", "hint:")} ${oneLine(hint)}\n`);
}

/** Prints an error and returns the exit code for it. */
export function reportFailure(terminal: Terminal, error: unknown): number {
  if (error instanceof UsageError) {
    printError(terminal, error);
    return exitCodes.usage;
  }
  const info = HoloscopeError.from(error).toInfo();
  printError(terminal, info);
  if (info.code === "CANCELLED") return exitCodes.interrupted;
  return info.code === "BAD_REQUEST" ? exitCodes.usage : exitCodes.failed;
}
