import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { MiddlewareHandler } from "hono";
import { HoloscopeError } from "../contract/index.ts";
import { isLoopbackHost } from "./address.ts";
import type { TokenCheck } from "./token.ts";

export type ServerEnv = { Bindings: HttpBindings };

export interface GateOptions {
  readonly bind: string;
  readonly loopback: boolean;
  /** Known only once the server listens. */
  readonly port: () => number;
  readonly token: TokenCheck | undefined;
}

/** A click on a link to the start page in another page: it can read nothing and changes nothing. */
function isPageVisit(request: IncomingMessage, path: string): boolean {
  return (
    request.method === "GET" &&
    path === "/" &&
    request.headers["sec-fetch-mode"] === "navigate" &&
    request.headers["sec-fetch-dest"] === "document"
  );
}

function checkHost(request: IncomingMessage, { bind, loopback, port }: GateOptions): void {
  if (!loopback || isLoopbackHost(request.headers.host?.toLowerCase(), bind, port())) return;
  throw new HoloscopeError(
    "FORBIDDEN",
    "This server answers only to its own address.",
    `Use http://127.0.0.1:${port()} or http://localhost:${port()}; forward the same port number when you use a tunnel.`,
  );
}

function checkOrigin(request: IncomingMessage, path: string): void {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host?.toLowerCase()}`) {
    throw new HoloscopeError("FORBIDDEN", "Pages of other sites may not use this server.");
  }
  const site = request.headers["sec-fetch-site"];
  if ((site === "cross-site" || site === "same-site") && !isPageVisit(request, path)) {
    throw new HoloscopeError("FORBIDDEN", "Pages of other sites may not use this server.");
  }
}

/**
 * What every request passes before anything else looks at it: the Host it was sent to (DNS rebinding), the page it
 * comes from, and the token where one is set. Throws FORBIDDEN or UNAUTHORIZED.
 */
export function gate(options: GateOptions): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const request = context.env.incoming;
    checkHost(request, options);
    checkOrigin(request, context.req.path);
    const { token } = options;
    if (token && !token.accepts(request.headers.authorization, request.headers.cookie)) {
      const given = context.req.path === "/" ? context.req.query("token") : undefined;
      const cookie = given === undefined ? undefined : token.exchange(given);
      if (cookie !== undefined) return signedIn(cookie);
      throw new HoloscopeError(
        "UNAUTHORIZED",
        "This server needs its token.",
        'Send "Authorization: Bearer <token>", or open /?token=<token> in the browser.',
      );
    }
    return next();
  };
}

/**
 * A page that goes on to "/" by itself. A redirect would not do: after a click in another page the browser keeps a
 * SameSite=Strict cookie back from the redirected request.
 */
function signedIn(cookie: string): Response {
  return new Response('<!doctype html><meta http-equiv="refresh" content="0;url=/"><a href="/">Open Holoscope</a>\n', {
    headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Set-Cookie": cookie },
  });
}
