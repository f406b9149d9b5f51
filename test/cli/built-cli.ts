import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { repositoryRoot } from "../support/repository.ts";

const program = path.join(repositoryRoot, "dist/main/cli.js");

/** Starts the built command line as a user would; `npm test` builds it first. */
export function startCli(
  args: readonly string[],
  dataFolder: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  if (!existsSync(program)) throw new Error("dist/main/cli.js is missing: run `npm run setup` first");
  return spawn(process.execPath, [program, ...args], {
    cwd: repositoryRoot,
    env: { ...process.env, HOLOSCOPE_DATA: dataFolder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What a command printed, and how it ended. */
export function whenEnded(child: ChildProcess): Promise<Ended> {
  let out = "";
  let err = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}
