import type { Host } from "../host/types.ts";
import type { Environment } from "./environment.ts";
import { exitCodes } from "./errors.ts";
import { processTerminal } from "./terminal.ts";
import { appVersion } from "./version.ts";

/** Loaded only by the commands that need it: `--help` must not wait for it. */
async function openHost(door: "desktop" | "browser"): Promise<Host> {
  const [{ createHost }, { nodeEngineSpawner }, { defaultDataFolder }, { resourcesFolder }] = await Promise.all([
    import("../host/host.ts"),
    import("../host/spawn-node.ts"),
    import("../host/data-folder.ts"),
    import("../host/resources-folder.ts"),
  ]);
  return createHost({
    dataFolder: defaultDataFolder(),
    resourcesFolder: resourcesFolder(),
    spawnEngine: nodeEngineSpawner(),
    appVersion,
    door,
  });
}

/** The first signal asks; the second ends the process at once, and the engine with it (it ends with its parent). */
function onInterrupt(listener: () => void): () => void {
  let asked = false;
  const handle = (): void => {
    if (asked) process.exit(exitCodes.interrupted);
    asked = true;
    listener();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

export function processEnvironment(): Environment {
  const canAsk = process.stdin.isTTY === true && process.stderr.isTTY === true;
  return { terminal: processTerminal(), openHost, onInterrupt, ...(canAsk ? { ask } : {}) };
}
