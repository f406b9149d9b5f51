import type { Host } from "../host/types.ts";
import type { Environment } from "./environment.ts";
import { exitCodes } from "./errors.ts";

/** Opens a host for one command and closes it whatever happens. */
export async function withHost(environment: Environment, use: (host: Host) => Promise<void>): Promise<number> {
  const host = await environment.openHost("desktop");
  try {
    await use(host);
  } finally {
    await host.close();
  }
  return exitCodes.done;
}
