import { HoloscopeError } from "../contract/index.ts";

/** Pages and names that may use the server besides its own. */
export interface Allowed {
  /** Origins as browsers send them: "https://holo.example", "chrome-extension://<id>". */
  readonly origins: ReadonlySet<string>;
  /** Host headers: with a port only that one, without a port any. */
  readonly hosts: ReadonlySet<string>;
}

/** Throws BAD_REQUEST for what is no single origin or host name. */
export function allowedOf(origins: readonly string[] = [], hosts: readonly string[] = []): Allowed {
  return { origins: new Set(origins.map(checkedOrigin)), hosts: new Set(hosts.map(checkedHost)) };
}

function checkedOrigin(given: string): string {
  const origin = given.trim().toLowerCase().replace(/\/$/, "");
  const isOrigin = /^[a-z][a-z0-9+.-]{1,40}:\/\/[a-z0-9._:[\]-]{1,253}$/.test(origin);
  if (isOrigin && !origin.startsWith("file:") && (!origin.startsWith("http") || isWebOrigin(origin))) return origin;
  throw new HoloscopeError(
    "BAD_REQUEST",
    `"${given}" is not an origin that can be allowed.`,
    "Name one page's origin, such as https://holo.example or http://localhost:3000; there is no wildcard.",
  );
}

/** Whether browsers send it in just these letters: without the scheme's own port, for instance. */
function isWebOrigin(origin: string): boolean {
  try {
    return new URL(origin).origin === origin;
  } catch {
    return false;
  }
}

function checkedHost(given: string): string {
  const host = given.trim().toLowerCase();
  if (/^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.test(host)) return host;
  throw new HoloscopeError(
    "BAD_REQUEST",
    `"${given}" is not a host name that can be allowed.`,
    "Name one host, such as host.docker.internal or holo.example:8443; there is no wildcard.",
  );
}

export function allowsHost({ hosts }: Allowed, header: string | undefined): boolean {
  if (header === undefined) return false;
  return hosts.has(header) || hosts.has(header.replace(/:\d{1,5}$/, ""));
}
