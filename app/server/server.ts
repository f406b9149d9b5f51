import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import path from "node:path";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { HoloscopeError } from "../contract/index.ts";
import { applicationFolder } from "../host/resources-folder.ts";
import type { Host } from "../host/types.ts";
import { isLoopbackBind, urlHost } from "./address.ts";
import { apiRoutes } from "./api-routes.ts";
import { errorResponse } from "./errors.ts";
import { EventStreams } from "./event-stream.ts";
import { type GateOptions, gate, type ServerEnv } from "./gate.ts";
import { parseRoutes } from "./parse-routes.ts";
import { securityHeaders } from "./security-headers.ts";
import { rendererFile } from "./static-files.ts";
import { statusRoutes } from "./status-routes.ts";
import { TokenCheck } from "./token.ts";

/** The port of the original service. */
export const defaultPort = 9989;

export interface ServerOptions {
  /** Stays the caller's: closing the server does not close it. */
  readonly host: Host;
  /** 0 = any free port. */
  readonly port?: number;
  /** Address to listen on; anything but a loopback address needs a token. */
  readonly bind?: string;
  readonly token?: string;
  /** The renderer build; the application's own dist/renderer when left out. */
  readonly rendererFolder?: string;
  /** ms between signs of life on quiet event streams. */
  readonly heartbeatMs?: number;
}

export interface RunningServer {
  /** Where a browser on this machine finds it, with a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Ends event streams, lets answers under way finish for up to 2 s, then closes what is left. */
  close(): Promise<void>;
}

const closeGraceMs = 2000;
/** Shortest token that is accepted, in characters. */
const minTokenLength = 8;

function checkOptions(bind: string, token: string | undefined): void {
  if (token === undefined && !isLoopbackBind(bind)) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      `Listening on ${bind} would let other computers in, and no token is set.`,
      "Give --token a secret of your own, or leave out --bind to stay on this computer.",
    );
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new HoloscopeError("BAD_REQUEST", "A token is made of visible ASCII characters, without spaces.");
  }
  if (token !== undefined && token.length < minTokenLength) {
    throw new HoloscopeError("BAD_REQUEST", `A token needs at least ${minTokenLength} characters.`);
  }
}

function buildApp(host: Host, events: EventStreams, gateOptions: GateOptions, rendererFolder: string) {
  const app = new Hono<ServerEnv>();
  app.use(securityHeaders());
  app.use(gate(gateOptions));
  app.route("/", parseRoutes(host));
  app.route("/", statusRoutes(host));
  app.route("/api", apiRoutes(host, events));
  // What is left below these names has the wrong method or does not exist.
  for (const taken of ["/parse", "/parse/upload", "/health", "/gpu-info", "/api/events", "/api/images/:id?"]) {
    app.all(taken, (context) => wrongMethod(context.req.method));
  }
  app.all("/api/call/:method", (context) => wrongMethod(context.req.method));
  app.all("/api/*", () => {
    throw new HoloscopeError("NOT_FOUND", "There is nothing at this address.");
  });
  app.get("*", (context) => rendererFile(rendererFolder, new URL(context.req.url).pathname));
  app.all("*", (context) => wrongMethod(context.req.method));
  app.onError((error) => errorResponse(error));
  return app;
}

function wrongMethod(method: string): Response {
  return errorResponse(new HoloscopeError("BAD_REQUEST", `${method} is not possible at this address.`), 405);
}

/** Resolves once the server listens. Throws BAD_REQUEST with what to do when it cannot. */
function listen(server: Server, port: number, bind: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, port, bind)));
    server.listen({ port, host: bind }, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(error: NodeJS.ErrnoException, port: number, bind: string): HoloscopeError {
  if (error.code === "EADDRINUSE") {
    return new HoloscopeError(
      "BAD_REQUEST",
      `Port ${port} is already in use on ${bind}.`,
      "Another Holoscope may be running. End it, or choose another port with --port.",
    );
  }
  if (error.code === "EACCES") {
    return new HoloscopeError("BAD_REQUEST", `Port ${port} needs administrator rights.`, "Choose a port above 1023.");
  }
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
    return new HoloscopeError("BAD_REQUEST", `${bind} is not an address of this computer.`, "Check --bind.");
  }
  return HoloscopeError.from(error);
}

/** Requests that are not even HTTP never reach the app; they get the same error shape. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const body = JSON.stringify({ ok: false, error: { code: "BAD_REQUEST", message: "This is not a valid request." } });
  const length = Buffer.byteLength(body);
  socket.end(
    "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n" +
      `Content-Length: ${length}\r\n\r\n${body}`,
  );
}

/** Opens the host's browser door: the original service's routes, the contract under /api, and the page. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port = defaultPort, bind = "127.0.0.1", token, rendererFolder } = options;
  checkOptions(bind, token);
  let actualPort = port;
  const events = new EventStreams(host, options.heartbeatMs);
  const app = buildApp(
    host,
    events,
    {
      bind,
      loopback: isLoopbackBind(bind),
      port: () => actualPort,
      token: token === undefined ? undefined : new TokenCheck(token),
    },
    rendererFolder ?? path.join(applicationFolder(), "dist", "renderer"),
  );
  const server = createServer(
    getRequestListener(app.fetch, {
      overrideGlobalObjects: false,
      errorHandler: () => errorResponse(new HoloscopeError("BAD_REQUEST", "The request's address is not valid.")),
    }),
  );
  server.on("clientError", answerBrokenRequest);
  actualPort = await listen(server, port, bind);
  const shownAddress = bind === "0.0.0.0" || bind === "::" ? "127.0.0.1" : bind;
  return {
    url: `http://${urlHost(shownAddress)}:${actualPort}/`,
    port: actualPort,
    close: () => closeServer(server, events),
  };
}

function closeServer(server: Server, events: EventStreams): Promise<void> {
  events.closeAll();
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), closeGraceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
