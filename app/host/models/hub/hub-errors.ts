import { HoloscopeError } from "../../../contract/index.ts";
import { systemCode } from "../../disk/storage-error.ts";
import type { HubAccess } from "./hub-access.ts";
import { ProxyRefusal } from "./request.ts";

/** A temporary failure, worth another try after a while. */
export class PassingFailure extends Error {
  /** The error to show if it persists. */
  constructor(readonly error: HoloscopeError) {
    super(error.message);
  }
}

const unreachable = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ENETDOWN",
  "EHOSTDOWN",
  "ETIMEDOUT",
]);

/** Turns a request's error into PassingFailure, or into HoloscopeError if another try is pointless. */
export function connectionFailure(error: unknown, access: HubAccess): PassingFailure | HoloscopeError {
  if (error instanceof HoloscopeError || error instanceof PassingFailure) return error;
  const { host } = access.endpoint;
  const code = systemCode(error) ?? nestedCode(error);
  const text = error instanceof Error && error.message !== "" ? error.message : (code ?? String(error));
  if (error instanceof ProxyRefusal) {
    return new HoloscopeError(
      "HUB_FAILED",
      `The proxy refused the connection to the hub with status ${error.status}.`,
      error.status === 407 ? "It requires a name and password: HTTPS_PROXY=http://name:password@host:port." : proxyHint,
    );
  }
  if (code !== undefined && unreachable.has(code)) {
    return new PassingFailure(
      new HoloscopeError("HUB_OFFLINE", `The hub ${host} cannot be reached.`, offlineHint, `${code}: ${text}`),
    );
  }
  if (code !== undefined && /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ALTNAME/.test(code)) {
    return new HoloscopeError(
      "HUB_FAILED",
      `The hub ${host} did not prove its identity (${code}).`,
      "If your network inspects connections, name its certificate in NODE_EXTRA_CA_CERTS.",
      text,
    );
  }
  return new PassingFailure(
    new HoloscopeError("HUB_FAILED", `The connection to the hub was lost (${code ?? text}).`, "Try again.", text),
  );
}

const proxyHint = "Check HTTPS_PROXY, or name the hub's host in NO_PROXY.";
const offlineHint = "Check the network, HTTPS_PROXY and HF_ENDPOINT. Models that are on the disk work without the hub.";

/** Node tries all addresses of a host and wraps their failures in an AggregateError without a code. */
function nestedCode(error: unknown): string | undefined {
  if (!(error instanceof AggregateError)) return undefined;
  return error.errors.map(systemCode).find((code) => code !== undefined);
}

/**
 * The error for an unsuccessful status.
 * @param what the thing requested: "owner/name" or "file.gguf of owner/name"
 */
export function statusFailure(
  status: number,
  what: string,
  access: HubAccess,
  page: URL,
): PassingFailure | HoloscopeError {
  if (status === 404) {
    return new HoloscopeError(
      "HUB_NOT_FOUND",
      `The hub has no ${what}.`,
      "Check the name; owner and name are both needed.",
    );
  }
  if (status === 401 || status === 403) {
    return new HoloscopeError(
      "HUB_DENIED",
      `The hub refuses ${what}: it is private, its terms must be accepted first, or it does not exist.`,
      access.token === undefined
        ? `Check the name. For a gated model accept its terms at ${page.href} and set HF_TOKEN to your token.`
        : `Check the name, whether HF_TOKEN is still valid, and whether its account has access at ${page.href}.`,
    );
  }
  const error = new HoloscopeError(
    "HUB_FAILED",
    status === 429 ? "The hub asks to slow down (429)." : `The hub answered ${status} for ${what}.`,
    "Try again later.",
  );
  return status === 429 || status === 408 || status >= 500 ? new PassingFailure(error) : error;
}
