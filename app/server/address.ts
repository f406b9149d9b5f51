import { isIP } from "node:net";

/** Host names that always mean this machine: nobody outside can make a DNS name resolve to them. */
const loopbackNames = ["localhost", "127.0.0.1", "[::1]"] as const;

/** Whether a server bound to this address can be reached from this machine only. */
export function isLoopbackBind(bind: string): boolean {
  if (bind === "localhost" || bind === "::1") return true;
  return isIP(bind) === 4 && bind.startsWith("127.");
}

/** The address as written in a URL: IPv6 in brackets. */
export function urlHost(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}

/**
 * Whether a Host header names a loopback server on this port. A page that points its own DNS name at 127.0.0.1
 * (DNS rebinding) still sends its own name here, and is refused.
 */
export function isLoopbackHost(host: string | undefined, bind: string, port: number): boolean {
  if (host === undefined) return false;
  const names = [...loopbackNames, urlHost(bind)];
  return names.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
}
