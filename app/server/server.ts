import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import path from "node:path";
import { getRequestListener } from "@hono/node-server";
import { Hono, type MiddlewareHandler } from "hono";
import { HoloscopeError } from "../contract/index.ts";
import { applicationFolder } from "../host/resources-folder.ts";
import type { Host } from "../host/types.ts";
import { isLoopbackBind, urlHost } from "./address.ts";
import { admission } from "./admission.ts";
import { allowedOf } from "./allowed.ts";
import { apiRoutes } from "./api-routes.ts";
import { errorResponse } from "./errors.ts";
import { EventStreams } from "./event-stream.ts";
import { type GateOptions, gate, type ServerEnv } from "./gate.ts";
import { ByteBudget, Connections, defaultLoadLimits, type LoadLimits } from "./load.ts";
import { navigateRoutes } from "./navigate-routes.ts";
import { openApiRoutes } from "./openapi.ts";
import { parseRoutes } from "./parse-routes.ts";
import { crossOrigin, securityHeaders } from "./security-headers.ts";
import { rendererFile } from "./static-files.ts";
import { statusRoutes } from "./status-routes.ts";
import { TokenCheck, WrongTokens } from "./token.ts";

/** The port of the original service. */
const defaultPort = 9989;

export interface ServerOptions {
  /** Owned by the caller: closing the server does not close it. */
  readonly host: Host;
  /** 0 = any free port. */
  readonly port?: number;
  /** Address to listen on; anything but a loopback address needs a token. */
  readonly bind?: string;
  readonly token?: string;
  /** Origins of other pages that may use the server. */
  readonly allowOrigins?: readonly string[];
  /** Names besides its own that a loopback server answers to. */
  readonly allowHosts?: readonly string[];
  readonly limits?: Partial<LoadLimits>;
  /** Waits for so many ms before a wrong token is answered; tests need not. */
  readonly pause?: (ms: number) => Promise<void>;
  /** The renderer build; the application's own dist/renderer when left out. */
  readonly rendererFolder?: string;
  /** ms between heartbeats on quiet event streams. */
  readonly heartbeatMs?: number;
}

export interface RunningServer {
  /** Its address for a browser on this machine, with a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Ends event streams, waits up to 2 s for answers in progress, then closes all connections. */
  close(): Promise<void>;
}

const closeGraceMs = 2000;
/** ms that a connection has for the head of its request. */
const headersTimeoutMs = 30_000;
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

interface AppParts {
  readonly host: Host;
  readonly events: EventStreams;
  readonly checkLoad: MiddlewareHandler<ServerEnv>;
  readonly bodies: ByteBudget;
  readonly gateOptions: GateOptions;
  readonly rendererFolder: string;
}

/** The addresses that there are besides the page's files, with the method that each takes. */
export const addresses: readonly (readonly [path: string, method: "GET" | "POST"])[] = [
  ["/", "GET"],
  ["/parse", "POST"],
  ["/parse/upload", "POST"],
  ["/navigate", "POST"],
  ["/detect_dialog", "POST"],
  ["/health", "GET"],
  ["/gpu-info", "GET"],
  ["/openapi.json", "GET"],
  ["/models/status", "GET"],
  ["/api/events", "GET"],
  ["/api/images", "POST"],
  ["/api/images/:id", "GET"],
  ["/api/call/:method", "POST"],
  ["/api/parse", "POST"],
  ["/api/parse/upload", "POST"],
];

function buildApp({ host, events, checkLoad, bodies, gateOptions, rendererFolder }: AppParts) {
  const app = new Hono<ServerEnv>();
  app.use(securityHeaders());
  app.use(crossOrigin(gateOptions.allowed));
  app.use(checkLoad);
  app.use(gate(gateOptions));
  app.route("/", parseRoutes(host, bodies, { original: true }));
  app.route("/", navigateRoutes(host, bodies));
  app.route("/", statusRoutes(host));
  app.route("/", openApiRoutes(host, gateOptions.token !== undefined));
  app.route("/api", apiRoutes(host, events, bodies));
  app.get("/", () => rendererFile(rendererFolder, "/"));
  for (const [path, method] of addresses) app.all(path, (context) => wrongMethod(context.req.method, method));
  app.all("/api/*", nothingHere);
  app.get("*", (context) => rendererFile(rendererFolder, new URL(context.req.url).pathname));
  app.all("*", nothingHere);
  app.onError((error) => errorResponse(error));
  return app;
}

function nothingHere(): never {
  throw new HoloscopeError("NOT_FOUND", "There is nothing at this address.");
}

function wrongMethod(method: string, right: "GET" | "POST"): Response {
  const message = `${method} is not possible at this address.`;
  const response = errorResponse(new HoloscopeError("BAD_REQUEST", message, `Send it as ${right}.`), 405);
  response.headers.set("Allow", right === "GET" ? "GET, HEAD" : right);
  return response;
}

/** Resolves once the server listens. Throws BAD_REQUEST with a hint if it cannot. */
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

/** Malformed HTTP never reaches the app, but gets an answer of the same shape. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const body = JSON.stringify({ ok: false, error: { code: "BAD_REQUEST", message: "This is not a valid request." } });
  const length = Buffer.byteLength(body);
  socket.end(
    "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n" +
      `Content-Length: ${length}\r\n\r\n${body}`,
  );
}

/** Starts the browser door: the original service's routes, the contract under /api, and the page. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port = defaultPort, bind = "127.0.0.1", token, rendererFolder } = options;
  checkOptions(bind, token);
  const limits = { ...defaultLoadLimits, ...options.limits };
  let actualPort = port;
  const events = new EventStreams(host, options.heartbeatMs, limits);
  const connections = new Connections(limits.connections);
  const app = buildApp({
    host,
    events,
    checkLoad: admission(connections, limits.answerBytes),
    bodies: new ByteBudget(limits),
    gateOptions: {
      bind,
      loopback: isLoopbackBind(bind),
      port: () => actualPort,
      allowed: allowedOf(options.allowOrigins, options.allowHosts),
      token: token === undefined ? undefined : new TokenCheck(token),
      wrongTokens: new WrongTokens({ log: (text) => host.log("warn", text), pause: options.pause }),
    },
    rendererFolder: rendererFolder ?? path.join(applicationFolder(), "dist", "renderer"),
  });
  const server = createServer(
    { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: 5_000 },
    getRequestListener(app.fetch, {
      overrideGlobalObjects: false,
      errorHandler: () => errorResponse(new HoloscopeError("BAD_REQUEST", "The request's address is not valid.")),
    }),
  );
  connections.watch(server);
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
