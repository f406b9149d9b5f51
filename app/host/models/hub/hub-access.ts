import { HoloscopeError } from "../../../contract/index.ts";

/** Environment variables of the Hugging Face tools and curl that say where the hub is and how to reach it. */
export type HubEnvironment = Readonly<Record<string, string | undefined>>;

const defaultEndpoint = "https://huggingface.co";

export interface HubAccess {
  /** Without a trailing slash. */
  readonly endpoint: URL;
  readonly token: string | undefined;
}

/** HF_ENDPOINT and HF_TOKEN. Throws BAD_REQUEST for an invalid endpoint, HUB_OFFLINE if HF_HUB_OFFLINE=1. */
export function hubAccess(env: HubEnvironment): HubAccess {
  if (["1", "true", "yes", "on"].includes((env.HF_HUB_OFFLINE ?? "").toLowerCase())) {
    throw new HoloscopeError(
      "HUB_OFFLINE",
      "HF_HUB_OFFLINE is set, so the hub is not asked.",
      "Unset it to look for models; those on the disk work without.",
    );
  }
  const text = (env.HF_ENDPOINT ?? "").trim() || defaultEndpoint;
  const endpoint = URL.canParse(text) ? new URL(text) : undefined;
  if (endpoint === undefined || !["http:", "https:"].includes(endpoint.protocol)) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      `HF_ENDPOINT is "${text.slice(0, 100)}", which is no http or https address.`,
      `Set it to the address of a hub, such as ${defaultEndpoint}, or unset it.`,
    );
  }
  endpoint.pathname = endpoint.pathname.replace(/(?<!\/)\/+$/, "");
  const token = (env.HF_TOKEN ?? "").trim();
  return { endpoint, token: /^[\x21-\x7e]+$/.test(token) ? token : undefined };
}

/** An address below the endpoint; the parts of `path` must be encoded already. */
export function atEndpoint({ endpoint }: HubAccess, path: string): URL {
  const base = endpoint.pathname === "/" ? "" : endpoint.pathname;
  return new URL(`${endpoint.origin}${base}${path}`);
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** Whether the token may be sent there: only to the endpoint itself, and never unencrypted over a network. */
export function mayCarryToken({ endpoint }: HubAccess, url: URL): boolean {
  return url.origin === endpoint.origin && (url.protocol === "https:" || isLoopback(url));
}
