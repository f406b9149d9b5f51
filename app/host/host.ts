import { HoloscopeError } from "../contract/errors.ts";
import type { Host, HostOptions } from "./types.ts";

/** Makes the application without any window. */
export async function createHost(options: HostOptions): Promise<Host> {
  throw new HoloscopeError("INTERNAL", `The host cannot be started yet (${options.appVersion})`);
}
