import { once } from "node:events";
import { createReadStream } from "node:fs";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { Hono } from "hono";
import {
  type CallResult,
  defined,
  HoloscopeError,
  imageIdSchema,
  type MethodName,
  methodNames,
  methods,
  parseOrThrow,
} from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { bodyLimits, jsonOf, withBody } from "./body.ts";
import type { EventStreams } from "./event-stream.ts";
import type { ServerEnv } from "./gate.ts";
import type { ByteBudget } from "./load.ts";
import { parseRoutes } from "./parse-routes.ts";

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

/** The method whose parameter is the body of an address of its own. */
const withOwnAddress: MethodName = "images.add";

/** The methods that can be called here. */
export const browserMethods: readonly MethodName[] = methodNames.filter(
  (name) => !("door" in methods[name]) && name !== withOwnAddress,
);

/** The method that a route names, if the browser door may call it. Throws NOT_FOUND, FORBIDDEN, BAD_REQUEST. */
function methodFor(name: string): MethodName {
  if (!isMethod(name)) throw new HoloscopeError("NOT_FOUND", `There is no method "${name.slice(0, 80)}".`);
  if ("door" in methods[name]) {
    throw new HoloscopeError(
      "FORBIDDEN",
      `"${name}" takes a path on this computer's disk; only the desktop app and the command line may do that.`,
      name === "models.add" ? "Run: holoscope models add MODEL.gguf" : undefined,
    );
  }
  if (name === withOwnAddress) {
    throw new HoloscopeError("BAD_REQUEST", "Send the image's bytes as the body of POST /api/images?name=...");
  }
  return name;
}

async function call(host: Host, name: MethodName, params: unknown): Promise<CallResult> {
  return { ok: true, value: await host.dispatch(name, params) };
}

/** The contract over HTTP, for the browser UI: calls, images and the event stream; and /parse with fuller answers. */
export function apiRoutes(host: Host, events: EventStreams, bodies: ByteBudget): Hono<ServerEnv> {
  const api = new Hono<ServerEnv>();

  api.post("/call/:method", async (context) => {
    const name = methodFor(context.req.param("method"));
    const limit = name === "runs.import" ? bodyLimits.runFile : bodyLimits.call;
    const result = await withBody(context, limit, bodies, (body) => call(host, name, jsonOf(body)));
    return context.json(result, 200, { "Cache-Control": "no-store" });
  });

  api.post("/images", async (context) => {
    const name = context.req.query("name");
    const result = await withBody(context, bodyLimits.image, bodies, (bytes) =>
      call(host, "images.add", { bytes, ...defined({ name }) }),
    );
    return context.json(result, 200, { "Cache-Control": "no-store" });
  });

  api.get("/images/:id", async (context) => {
    const id = parseOrThrow(imageIdSchema, context.req.param("id"), "BAD_REQUEST", "The image id");
    const { path, type } = await host.displayFile(id);
    return new Response(context.req.method === "HEAD" ? null : await fileStream(path), {
      headers: {
        "Content-Type": type,
        // The bytes never change, but a copy on a browser's disk would outlive an image that is deleted here.
        "Cache-Control": "no-store",
      },
    });
  });

  api.get("/events", (context) =>
    context.req.method === "HEAD" ? events.head() : events.open(context.env.outgoing as ServerResponse),
  );

  api.route("/", parseRoutes(host, bodies, { original: false }));
  return api;
}

/** A file in pieces, as fast as the client takes them: slow ones must not each hold a whole image in memory. */
async function fileStream(path: string): Promise<ReadableStream> {
  const file = createReadStream(path);
  await once(file, "open");
  return Readable.toWeb(file) as ReadableStream;
}
