import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findLayout, locateAddon } from "../../native/locate.ts";
import { limits } from "./patience.ts";
import { NANO, repositoryRoot } from "./repository.ts";

const program = path.join(repositoryRoot, "native/build/out/cpu/llama-server");

/** Why llama-server cannot be started here; undefined if it can. */
export const noLlamaServer = existsSync(program)
  ? undefined
  : "llama-server is not built (npm run build:native -- --bench)";

export interface LlamaServer {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it wrote on standard error. */
  log(): string;
  /** Ends it and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

interface Options {
  /** Arguments beside model, address and port. */
  readonly args?: readonly string[];
  /** A free one if left out. */
  readonly port?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** llama.cpp's llama-server with the bundled detector on the CPU; resolves when it answers. */
export async function startLlamaServer({ args = [], port, env = {} }: Options = {}): Promise<LlamaServer> {
  const layout = findLayout(import.meta.url, undefined);
  const bins = layout && locateAddon(layout, "cpu")?.binaries.bins;
  if (bins === undefined) throw new Error("The addon is not built: npm run build:native");
  const at = port ?? (await freePort());
  const model = ["-m", NANO.modelPath, "--mmproj", NANO.mmprojPath];
  const child = spawn(program, [...model, "--host", "127.0.0.1", "--port", String(at), "--no-ui", ...args], {
    // It looks for the ggml backends here.
    cwd: bins,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    log += chunk;
  });
  const url = `http://127.0.0.1:${at}`;
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    if (ended()) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };
  const until = Date.now() + limits.wait;
  while (
    !(await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (ended() || Date.now() > until) {
      await end();
      throw new Error(`llama-server did not start:\n${log.slice(-3000)}`);
    }
    await sleep(50);
  }
  return { url, child, log: () => log, end };
}

/** A port of this machine that nobody listens at. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("The system gave no port.");
  return address.port;
}
