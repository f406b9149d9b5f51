import { HoloscopeError } from "../../contract/errors.ts";
import { type HubAccess, isLoopback } from "./hub-access.ts";

/**
 * Where a redirect leads. Throws HUB_FAILED for what is no http or https address, and for a step from https to http,
 * on which the file could be read and changed on the way; a hub on this very machine may do that.
 */
export function nextAddress({ endpoint }: HubAccess, from: URL, location: string): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (next === undefined || !["http:", "https:"].includes(next.protocol)) {
    throw redirectError("sends Holoscope to no usable address");
  }
  if (from.protocol === "https:" && next.protocol === "http:" && !isLoopback(endpoint)) {
    throw redirectError(`sends Holoscope from an encrypted to an open connection (${next.host})`);
  }
  return next;
}

export function redirectError(what: string): HoloscopeError {
  return new HoloscopeError(
    "HUB_FAILED",
    `The hub ${what}; this was not followed.`,
    "Check HF_ENDPOINT and the proxy.",
  );
}
