import { HoloscopeError } from "../../../contract/index.ts";
import type { HubEnvironment } from "./hub-access.ts";

/**
 * The proxy that the environment names for an address, by curl's rules: http_proxy, https_proxy, all_proxy, in lower or
 * upper case, except for hosts in no_proxy. Throws BAD_REQUEST for an unusable proxy.
 */
export function proxyFor(url: URL, env: HubEnvironment): URL | undefined {
  const read = (name: string): string => (env[name.toLowerCase()] || env[name.toUpperCase()] || "").trim();
  if (isExempt(url, read("no_proxy"))) return undefined;
  const text = read(url.protocol === "https:" ? "https_proxy" : "http_proxy") || read("all_proxy");
  if (text === "") return undefined;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const proxy = URL.canParse(address) ? new URL(address) : undefined;
  if (proxy !== undefined && ["http:", "https:"].includes(proxy.protocol)) return proxy;
  throw new HoloscopeError(
    "BAD_REQUEST",
    "The proxy that the environment names cannot be used: only http and https proxies can.",
    "Change HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or name the hub's host in NO_PROXY.",
  );
}

/**
 * An entry matches a host and its subdomains; it may have a leading dot or "*.", and a port. "*" matches every host.
 */
function isExempt({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const effectivePort = port || (protocol === "https:" ? "443" : "80");
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const [, name = "", entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry.replace(/^\[|\](?=:|$)/g, "")) ?? [];
      if (entryPort !== undefined && entryPort !== effectivePort && !host.includes(":")) return false;
      const domain = host.includes(":") ? entry.replace(/^\[|\]$/g, "") : name.replace(/^\*?\./, "");
      return host === domain || host.endsWith(`.${domain}`);
    });
}
