import { HoloscopeError } from "../../../contract/index.ts";
import { type HubAccess, isLoopback } from "./hub-access.ts";

/**
 * The target of a redirect. Throws HUB_FAILED for anything but http and https, and for a step from https to http, where
 * the file could be read and changed in transit; only a hub on this machine may do that.
 */
export function nextAddress({ endpoint }: HubAccess, from: URL, location: string): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (next === undefined || !["http:", "https:"].includes(next.protocol)) {
    throw redirectError("redirects to an unusable address");
  }
  if (from.protocol === "https:" && next.protocol === "http:" && !isLoopback(endpoint)) {
    throw redirectError(`redirects from an encrypted to an unencrypted connection (${next.host})`);
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
