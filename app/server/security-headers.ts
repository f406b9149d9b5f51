import type { MiddlewareHandler } from "hono";
import { contentSecurityPolicy } from "../host/disk/page-files.ts";
import type { Allowed } from "./allowed.ts";
import { allowedOrigin, type ServerEnv } from "./gate.ts";

/** Only this server's own files may run, load or connect; the page cannot be framed. */
const headers: readonly (readonly [string, string])[] = [
  ["Content-Security-Policy", contentSecurityPolicy("blob:")],
  ["X-Content-Type-Options", "nosniff"],
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Embedder-Policy", "require-corp"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["X-Frame-Options", "DENY"],
];

/** Sets the headers on every answer, errors too. */
export function securityHeaders(): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    await next();
    for (const [name, value] of headers) context.res.headers.set(name, value);
  };
}

/**
 * Lets pages of the allowed origins read answers, and answers their preflights; of other pages it knows nothing. Cookies
 * are not shared with them: they send the token in the Authorization header.
 */
export function crossOrigin(allowed: Allowed): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const request = context.env.incoming;
    const origin = allowedOrigin(request, allowed);
    const asked = origin !== undefined && context.req.method === "OPTIONS" ? request.headers : {};
    if (asked["access-control-request-method"] === undefined) {
      await next();
    } else {
      context.res = new Response(null, {
        status: 204,
        headers: {
          "Access-Control-Allow-Methods": "GET, HEAD, POST",
          "Access-Control-Allow-Headers": "Authorization, Content-Type",
          "Access-Control-Max-Age": "600",
        },
      });
      // Browsers ask this before a page of the open web may reach a private address.
      if (asked["access-control-request-private-network"] === "true") {
        context.res.headers.set("Access-Control-Allow-Private-Network", "true");
      }
    }
    if (allowed.origins.size > 0) context.res.headers.append("Vary", "Origin");
    if (origin === undefined) return;
    context.res.headers.set("Access-Control-Allow-Origin", origin);
    context.res.headers.set("Access-Control-Expose-Headers", "Retry-After");
  };
}
