import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { repositoryRoot } from "./repository.ts";

/** A served Holoscope with the real engine, on a free port and a data folder of its own. */
export interface Served {
  readonly url: string;
  readonly pid: number;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/**
 * Runs `holoscope serve` from dist/ upon a data folder that `fill` may put something in, with `env` laid over the
 * environment; needs `npm run setup`.
 */
export async function serveHoloscope(
  fill?: (dataFolder: string) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const dataFolder = await mkdtemp(path.join(os.tmpdir(), "holoscope-served-"));
  await fill?.(dataFolder);
  const server = spawn(process.execPath, ["dist/main/cli.js", "serve", "--port", "0"], {
    cwd: repositoryRoot,
    env: { ...process.env, ...env, HOLOSCOPE_DATA: dataFolder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { url: await listeningAddress(server), pid: server.pid ?? 0, stop: () => stop(server, dataFolder) };
}

function listeningAddress(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    server.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
      const found = output.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    });
    server.once("exit", (code) =>
      reject(new Error(`the server ended with code ${code} before it listened: ${output}`)),
    );
  });
}

async function stop(server: ChildProcess, dataFolder: string): Promise<void> {
  const ended = server.exitCode === null ? new Promise((resolve) => server.once("exit", resolve)) : undefined;
  server.kill("SIGTERM");
  await ended;
  await rm(dataFolder, { recursive: true, force: true });
}
