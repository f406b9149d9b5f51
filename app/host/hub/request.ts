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

export interface RequestContext {
  readonly env: HubEnvironment;
  readonly signal: AbortSignal;
  /** A connection on which nothing moves for so long is given up, ms. */
  readonly idleMs: number;
}

/** A connection that brought nothing for too long. */
class IdleError extends Error {
  readonly code = "ETIMEDOUT";
}

/**
 * One GET, without following redirects; resolves with the response, whose body is to be read or destroyed. Node 20's
 * fetch knows neither proxies nor how to stay off plain http, so this is node:http with the environment's proxy.
 */
export async function get(url: URL, headers: Readonly<Record<string, string>>, context: RequestContext) {
  const proxy = proxyFor(url, context.env);
  const all = { ...headers, "accept-encoding": "identity", "user-agent": "holoscope" };
  if (proxy === undefined) return answer(client(url).request(url, { headers: all, agent: false }), context);
  if (url.protocol === "https:") {
    const socket = await tunnel(proxy, url, context);
    // No agent, not even `false`: with one, Node ignores createConnection and connects to the host itself.
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

/** Asks an http proxy for a way through to the host. */
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
      // From now on the request inside the tunnel watches over the silence.
      socket.setTimeout(0);
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new ProxyRefusal(response.statusCode ?? 0));
    });
    request.end();
  });
}

/** The proxy answered, but did not let us through. */
export class ProxyRefusal extends Error {
  constructor(readonly status: number) {
    super(`the proxy answered ${status}`);
  }
}

/** One value of a header that may come several times. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
