import type { MiddlewareHandler } from "hono";
import { errorResponse } from "./errors.ts";
import type { ServerEnv } from "./gate.ts";
import { busyError, type Connections } from "./load.ts";

/**
 * Answers requests that there is no room for with 503, and those whose answer would wait behind too many others;
 * /health alone is always answered.
 */
export function admission(connections: Connections, answerBytes: number): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const admitted = connections.checkIn(context.env.incoming.socket);
    if (context.req.path === "/health") return next();
    if (!admitted) {
      const response = errorResponse(busyError("This server has as many connections as it can hold."));
      response.headers.set("Connection", "close");
      return response;
    }
    const isFull = () => connections.waitingBytes > answerBytes;
    if (!isFull()) await next();
    if (!isFull()) return;
    await context.res.body?.cancel();
    context.res = errorResponse(busyError("Too many answers wait for slow clients."));
  };
}
