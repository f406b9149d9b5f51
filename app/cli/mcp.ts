import { serveMcp } from "../mcp/serve.ts";
import { type Environment, withInterruptibleHost } from "./environment.ts";
import { exitCodes } from "./errors.ts";
import { oneLine } from "./terminal.ts";

/**
 * Serves tools on standard input and output until the client ends it. Standard output belongs to the protocol: all else
 * goes to stderr. Resolves with the exit code.
 */
export async function mcp(environment: Environment): Promise<number> {
  const { terminal } = environment;
  await withInterruptibleHost(environment, (host, interrupted) => {
    if (process.stdin.isTTY) terminal.err("An MCP client is awaited on standard input. Ctrl-C ends this.\n");
    const warn = (text: string) => terminal.err(`warning: ${oneLine(text)}\n`);
    return serveMcp({ host, input: process.stdin, output: process.stdout, interrupted, warn });
  });
  return exitCodes.done;
}
