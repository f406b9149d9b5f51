import type { Host } from "../host/types.ts";
import { exitCodes, printWarning } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** What a command needs from its surroundings; tests pass a fake host and a recording terminal. */
export interface Environment {
  readonly terminal: Terminal;
  openHost(door: "desktop" | "browser"): Promise<Host>;
  /** Calls back at Ctrl-C or a request to end; returns the function that stops listening. */
  onInterrupt(listener: () => void): () => void;
  /** Asks the user for a line; absent if there is no interactive terminal. */
  readonly ask?: (question: string) => Promise<string>;
}

/** Lets a command use a host, warns of settings that could not be read, and closes the host whatever happens. */
export async function withHost<T>(
  environment: Environment,
  use: (host: Host) => Promise<T>,
  door: "desktop" | "browser" = "desktop",
): Promise<T> {
  const host = await environment.openHost(door);
  try {
    const { problems } = await host.call("app.info", {});
    for (const problem of problems) printWarning(environment.terminal, problem);
    return await use(host);
  } finally {
    await host.close();
  }
}

/** As `withHost`, for work that ends in order at Ctrl-C: then the signal fires, and the process goes on. */
export async function withInterruptibleHost<T>(
  environment: Environment,
  use: (host: Host, interrupted: AbortSignal) => Promise<T>,
  door?: "desktop" | "browser",
): Promise<T> {
  const interrupt = new AbortController();
  const stopListening = environment.onInterrupt(() => interrupt.abort());
  try {
    return await withHost(environment, (host) => use(host, interrupt.signal), door);
  } finally {
    stopListening();
  }
}

/** What runs a command of a module with a host; the module is loaded only then. Resolves with the exit code, which is 0
 * unless the command resolves with another number. */
export function withModule<M>(environment: Environment, load: () => Promise<M>) {
  return async (use: (commands: M, host: Host) => Promise<unknown>): Promise<number> => {
    const commands = await load();
    let code: number | undefined;
    await withHost(environment, async (host) => {
      const result = await use(commands, host);
      if (typeof result === "number") code = result;
    });
    return code ?? exitCodes.done;
  };
}
