import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { MiddlewareHandler } from "hono";
import { HoloscopeError } from "../contract/index.ts";
import { isLoopbackHost } from "./address.ts";
import { type Allowed, allowsHost } from "./allowed.ts";
import type { TokenCheck, WrongTokens } from "./token.ts";

export type ServerEnv = {
  Bindings: HttpBindings;
  /** `livenessOnly`: the request may know that the server lives, and nothing else. */
  Variables: { livenessOnly: boolean };
};

export interface GateOptions {
  readonly bind: string;
  readonly loopback: boolean;
  /** Known only when the server listens. */
  readonly port: () => number;
  readonly allowed: Allowed;
  readonly token: TokenCheck | undefined;
  readonly wrongTokens: WrongTokens;
}

/**
 * A link to the start page that was clicked in another page, which is allowed: that page can read nothing of it, and it
 * changes nothing.
 */
function isPageVisit(request: IncomingMessage, path: string): boolean {
  return (
    request.method === "GET" &&
    path === "/" &&
    request.headers["sec-fetch-mode"] === "navigate" &&
    request.headers["sec-fetch-dest"] === "document"
  );
}

function checkHost(request: IncomingMessage, { bind, loopback, port, allowed }: GateOptions): void {
  const host = request.headers.host?.toLowerCase();
  if (!loopback || isLoopbackHost(host, bind, port()) || allowsHost(allowed, host)) return;
  throw new HoloscopeError(
    "FORBIDDEN",
    "This server answers only to its own address.",
    `Use http://127.0.0.1:${port()} or http://localhost:${port()}, or start it with --allow-host and the name.`,
  );
}

/** The request's Origin, if pages from there were let in by name. */
export function allowedOrigin(request: IncomingMessage, { origins }: Allowed): string | undefined {
  const { origin } = request.headers;
  return origin !== undefined && origins.has(origin.toLowerCase()) ? origin : undefined;
}

function checkOrigin(request: IncomingMessage, path: string, allowed: Allowed): void {
  if (allowedOrigin(request, allowed) !== undefined) return;
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const isOther = origin !== undefined && origin.toLowerCase() !== `http://${host?.toLowerCase()}`;
  if (!isOther && ((site !== "cross-site" && site !== "same-site") || isPageVisit(request, path))) return;
  throw new HoloscopeError(
    "FORBIDDEN",
    "Pages of other sites may not use this server.",
    "Start it with --allow-origin and the page's origin to let that page in.",
  );
}

/**
 * Checks every request first: its Host header (against DNS rebinding), the page it comes from, and the token if one is
 * set. Without the token /health still tells that the server lives. Throws FORBIDDEN, UNAUTHORIZED, BUSY.
 */
export function gate(options: GateOptions): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const request = context.env.incoming;
    const { path } = context.req;
    checkHost(request, options);
    checkOrigin(request, path, options.allowed);
    context.set("livenessOnly", false);
    const { token, wrongTokens } = options;
    if (token === undefined) return next();

    const address = request.socket.remoteAddress ?? "unknown";
    const inAddress = path === "/" ? context.req.query("token") : undefined;
    if (request.headers.authorization !== undefined || inAddress !== undefined) wrongTokens.admit(address);
    const shown = token.check(request.headers.authorization, request.headers.cookie);
    if (shown === "good") return next();
    const cookie = inAddress === undefined ? undefined : token.exchange(inAddress);
    if (cookie !== undefined) return signedIn(cookie);
    if (shown === "wrong" || inAddress !== undefined) {
      await wrongTokens.add(address);
    } else if (path === "/health") {
      context.set("livenessOnly", true);
      return next();
    }
    throw new HoloscopeError(
      "UNAUTHORIZED",
      "This server needs its token.",
      'Send "Authorization: Bearer <token>", or open /?token=<token> in the browser.',
    );
  };
}

/**
 * A page that goes to "/" by itself. A redirect would not work: after a click in another page the browser withholds
 * SameSite=Strict cookies from the redirected request.
 */
function signedIn(cookie: string): Response {
  return new Response('<!doctype html><meta http-equiv="refresh" content="0;url=/"><a href="/">Open Holoscope</a>\n', {
    headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Set-Cookie": cookie },
  });
}
