import { startServer } from "../server/server.ts";
import type { Environment } from "./environment.ts";
import { exitCodes, UsageError } from "./errors.ts";

export interface RawServeOptions {
  readonly port?: string;
  readonly bind?: string;
  readonly token?: string;
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError("--port takes a number from 0 to 65535.", "0 takes any free port.");
}

/** Serves until it is interrupted. Resolves with the exit code. */
export async function serve(environment: Environment, raw: RawServeOptions): Promise<number> {
  const port = parsePort(raw.port);
  const token = raw.token ?? (process.env.HOLOSCOPE_TOKEN || undefined);
  const { terminal } = environment;
  let interrupt = (): void => {};
  const ending = new Promise<void>((resolve) => {
    interrupt = resolve;
  });
  const stopListening = environment.onInterrupt(() => interrupt());
  const host = await environment.openHost("browser");
  try {
    const server = await startServer({
      host,
      ...(port === undefined ? {} : { port }),
      ...(raw.bind === undefined ? {} : { bind: raw.bind }),
      ...(token === undefined ? {} : { token }),
    });
    terminal.out(`Holoscope is at ${server.url}${token === undefined ? "" : "?token=<your token>"}\n`);
    terminal.out("POST /parse takes screenshots. Ctrl-C ends the service.\n");
    await ending;
    await server.close();
  } finally {
    await host.close();
    stopListening();
  }
  return exitCodes.done;
}
