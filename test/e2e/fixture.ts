import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test as base } from "@playwright/test";
import { repositoryRoot } from "../support/repository.ts";

/** A served Holoscope with the real engine, on a free port and a data folder of its own. */
export interface Served {
  readonly url: string;
  /** Pids of the engine processes that run now: children of the server. */
  readonly server: ChildProcess;
}

async function serve(dataFolder: string): Promise<Served> {
  const server = spawn(process.execPath, ["dist/main/cli.js", "serve", "--port", "0"], {
    cwd: repositoryRoot,
    env: { ...process.env, HOLOSCOPE_DATA: dataFolder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    server.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
      const found = output.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    });
    server.on("exit", (code) => reject(new Error(`the server ended with code ${code} before it listened: ${output}`)));
  });
  return { url, server };
}

export const test = base.extend<object, { readonly served: Served }>({
  served: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
    async ({}, use) => {
      const dataFolder = await mkdtemp(path.join(os.tmpdir(), "holoscope-e2e-"));
      const served = await serve(dataFolder);
      await use(served);
      const ended = new Promise((resolve) => served.server.once("exit", resolve));
      served.server.kill("SIGTERM");
      await ended;
      await rm(dataFolder, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
});

export { expect } from "@playwright/test";
