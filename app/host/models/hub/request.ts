import http, {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import tls from "node:tls";
import type { HubEnvironment } from "./hub-access.ts";
import { proxyFor } from "./proxy.ts";

interface RequestContext {
  readonly env: HubEnvironment;
  readonly signal: AbortSignal;
  /** ms without data after which a connection is closed. */
  readonly idleMs: number;
}

/** A connection without data for too long. */
class IdleError extends Error {
  readonly code = "ETIMEDOUT";
}

/**
 * One GET request, without following redirects. The caller must read or destroy the response's body. Uses node:http,
 * since Node 20's fetch supports no proxies and cannot refuse redirects to plain http.
 */
export async function get(url: URL, headers: Readonly<Record<string, string>>, context: RequestContext) {
  const proxy = proxyFor(url, context.env);
  const all = { ...headers, "accept-encoding": "identity", "user-agent": "holoscope" };
  if (proxy === undefined) return answer(client(url).request(url, { headers: all, agent: false }), context);
  if (url.protocol === "https:") {
    const socket = await tunnel(proxy, url, context);
    // Without an agent, not even `false`: otherwise Node ignores createConnection and connects to the host itself.
    const createConnection = () => tls.connect({ socket, servername: url.hostname });
    return answer(https.request(url, { headers: all, createConnection }), context);
  }
  const options: RequestOptions = {
    ...hostOf(proxy),
    path: url.href,
    headers: { ...all, host: url.host, ...proxyAuthorization(proxy) },
    agent: false,
  };
  return answer(client(proxy).request(options), context);
}

function client({ protocol }: URL): typeof http | typeof https {
  return protocol === "https:" ? https : http;
}

function hostOf(proxy: URL): { readonly hostname: string; readonly port: string; readonly protocol: string } {
  const { hostname, port, protocol } = proxy;
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: port || (protocol === "https:" ? "443" : "80"), protocol };
}

function proxyAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "") return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials, "utf8").toString("base64")}` };
}

function answer(request: ClientRequest, { signal, idleMs }: RequestContext): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const abort = (): void => void request.destroy(new Error("aborted"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    request.setTimeout(idleMs, () => request.destroy(new IdleError(`nothing came for ${idleMs / 1000} s`)));
    request.once("response", resolve);
    request.once("error", reject);
    request.once("close", () => signal.removeEventListener("abort", abort));
    request.end();
  });
}

/** Opens a tunnel to the host through an http proxy (CONNECT). */
function tunnel(proxy: URL, url: URL, { signal, idleMs }: RequestContext): Promise<Socket> {
  const authority = `${url.hostname}:${url.port || "443"}`;
  const request = client(proxy).request({
    ...hostOf(proxy),
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    agent: false,
  });
  return new Promise((resolve, reject) => {
    const abort = (): void => void request.destroy(new Error("aborted"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    request.setTimeout(idleMs, () => request.destroy(new IdleError(`the proxy did not answer for ${idleMs / 1000} s`)));
    request.once("error", reject);
    request.once("close", () => signal.removeEventListener("abort", abort));
    request.once("connect", (response: IncomingMessage, socket: Socket) => {
      // From here on the request inside the tunnel has its own idle timeout.
      socket.setTimeout(0);
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new ProxyRefusal(response.statusCode ?? 0));
    });
    request.end();
  });
}

/** The proxy refused the connection. */
export class ProxyRefusal extends Error {
  constructor(readonly status: number) {
    super(`the proxy answered ${status}`);
  }
}

/** The first value of a header, which may occur several times. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
