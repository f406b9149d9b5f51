import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { defined } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { startServer } from "../server/server.ts";
import { type Environment, withInterruptibleHost } from "./environment.ts";
import { exitCodes, UsageError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

export interface RawServeOptions {
  readonly port?: string;
  readonly bind?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly allowOrigin?: readonly string[];
  readonly allowHost?: readonly string[];
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError("--port takes a number from 0 to 65535.", "0 takes any free port.");
}

/** Longest token file, in bytes. */
const maxTokenFileBytes = 4096;

/** The first line of a file. Throws UsageError. */
async function tokenFromFile(file: string, terminal: Terminal): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile())
    throw new UsageError(`There is no token file ${file}.`, "Check the path.");
  if (found.size > maxTokenFileBytes) {
    throw new UsageError(`${file} is too large for a token file.`, "It holds the token and nothing else.");
  }
  const text = await readFile(file, "utf8").catch(() => {
    throw new UsageError(`The token file ${file} may not be read.`, "Check its owner and permissions.");
  });
  const [token = ""] = text.trim().split("\n");
  if (token.trim() === "") throw new UsageError(`The token file ${file} is empty.`, "Write the token into it.");
  if (process.platform !== "win32" && (found.mode & 0o044) !== 0) {
    terminal.err(`warning: other users of this computer may read ${file}; chmod 600 keeps the token yours.\n`);
  }
  return token.trim();
}

/** What the command line names goes before what the environment names. Throws UsageError. */
async function chosenToken({ token, tokenFile }: RawServeOptions, terminal: Terminal): Promise<string | undefined> {
  if (token !== undefined && tokenFile !== undefined) throw new UsageError("Give --token or --token-file, not both.");
  if (token !== undefined) return token;
  if (tokenFile !== undefined) return tokenFromFile(tokenFile, terminal);
  const { HOLOSCOPE_TOKEN, HOLOSCOPE_TOKEN_FILE } = process.env;
  if (HOLOSCOPE_TOKEN) return HOLOSCOPE_TOKEN;
  return HOLOSCOPE_TOKEN_FILE ? tokenFromFile(HOLOSCOPE_TOKEN_FILE, terminal) : undefined;
}

/** Serves until it is interrupted. Resolves with the exit code. */
export async function serve(environment: Environment, raw: RawServeOptions): Promise<number> {
  const { terminal } = environment;
  const port = parsePort(raw.port);
  const token = await chosenToken(raw, terminal);
  const { bind, allowOrigin: allowOrigins, allowHost: allowHosts } = raw;
  const work = async (host: Host, interrupted: AbortSignal): Promise<void> => {
    const server = await startServer({ host, ...defined({ port, bind, token, allowOrigins, allowHosts }) });
    terminal.out(`Holoscope is at ${server.url}${token === undefined ? "" : "?token=<your token>"}\n`);
    terminal.out("POST /parse takes screenshots. Ctrl-C ends the service.\n");
    if (!interrupted.aborted) await once(interrupted, "abort");
    await server.close();
  };
  await withInterruptibleHost(environment, work, "browser");
  return exitCodes.done;
}
