import { defined } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import type { Environment } from "./environment.ts";
import { exitCodes } from "./errors.ts";
import { oneLine, processTerminal } from "./terminal.ts";
import { appVersion } from "./version.ts";

/** Loaded only by the commands that need it, so that `--help` is fast. */
async function openHost(door: "desktop" | "browser"): Promise<Host> {
  const [{ createHost }, { nodeEngineSpawner }, { defaultDataFolder }, { resourcesFolder }] = await Promise.all([
    import("../host/host.ts"),
    import("../host/engine/spawn-node.ts"),
    import("../host/disk/data-folder.ts"),
    import("../host/resources-folder.ts"),
  ]);
  const host = await createHost({
    dataFolder: defaultDataFolder(),
    resourcesFolder: resourcesFolder(),
    spawnEngine: nodeEngineSpawner(),
    appVersion,
    door,
  });
  const terminal = processTerminal();
  const { problems } = await host.call("app.info", {});
  for (const { message, hint } of problems) terminal.err(`${oneLine(message)}\n  ${oneLine(hint ?? "")}\n`);
  return host;
}

/** ms that a command may take to end when it is asked to. */
const endingMs = 60_000;

/**
 * The first signal asks; the second ends the process at once, and so does an end that takes too long. The engine ends
 * with its parent.
 */
function onInterrupt(listener: () => void): () => void {
  let deadline: NodeJS.Timeout | undefined;
  const end = (): never => process.exit(exitCodes.interrupted);
  const handle = (): void => {
    if (deadline !== undefined) end();
    deadline = setTimeout(end, endingMs);
    deadline.unref();
    listener();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, handle);
  return () => {
    clearTimeout(deadline);
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
  return { terminal: processTerminal(), openHost, onInterrupt, ...defined({ ask: canAsk ? ask : undefined }) };
}
