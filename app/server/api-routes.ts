import { readFile } from "node:fs/promises";
import { Hono } from "hono";
import {
  type CallResult,
  HoloscopeError,
  type ImageFormat,
  imageIdSchema,
  type MethodName,
  methods,
  parseOrThrow,
} from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { bodyLimits, readBody, readJson } from "./body.ts";
import type { EventStreams } from "./event-stream.ts";
import type { ServerEnv } from "./gate.ts";

const contentTypes: Readonly<Record<ImageFormat, string>> = {
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  avif: "image/avif",
};

function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

/** The method behind a route, if this door may open it. Throws NOT_FOUND, FORBIDDEN, BAD_REQUEST. */
function methodFor(name: string): MethodName {
  if (!isMethod(name)) throw new HoloscopeError("NOT_FOUND", `There is no method "${name.slice(0, 80)}".`);
  if (methods[name].door === "desktop") {
    throw new HoloscopeError(
      "FORBIDDEN",
      `"${name}" takes a path on this computer's disk; only the desktop app and the command line may do that.`,
      name === "models.add" ? "Run: holoscope models add MODEL.gguf" : undefined,
    );
  }
  if (name === "images.add") {
    throw new HoloscopeError("BAD_REQUEST", "Send the image's bytes as the body of POST /api/images?name=...");
  }
  return name;
}

async function call<M extends MethodName>(host: Host, name: M, params: unknown): Promise<CallResult> {
  // What parses with a method's schema is that method's params; TypeScript cannot tie the two through the table.
  const parsed = parseOrThrow<unknown>(methods[name].params, params, "BAD_REQUEST", `The call of ${name}`);
  return { ok: true, value: await host.call(name, parsed as Parameters<typeof host.call<M>>[1]) };
}

/** The contract over HTTP, for the browser UI: calls, images and the event stream. */
export function apiRoutes(host: Host, events: EventStreams): Hono<ServerEnv> {
  const api = new Hono<ServerEnv>();

  api.post("/call/:method", async (context) => {
    const name = methodFor(context.req.param("method"));
    const params = await readJson(context, name === "runs.import" ? bodyLimits.runFile : bodyLimits.call);
    return context.json(await call(host, name, params), 200, { "Cache-Control": "no-store" });
  });

  api.post("/images", async (context) => {
    const name = context.req.query("name");
    const bytes = await readBody(context, bodyLimits.image);
    const result = await call(host, "images.add", { bytes, ...(name === undefined ? {} : { name }) });
    return context.json(result, 200, { "Cache-Control": "no-store" });
  });

  api.get("/images/:id", async (context) => {
    const id = parseOrThrow(imageIdSchema, context.req.param("id"), "BAD_REQUEST", "The image id");
    const { path, ref } = await host.imageFile(id);
    return new Response(new Uint8Array(await readFile(path)), {
      headers: {
        "Content-Type": contentTypes[ref.format],
        // The id is the hash of the bytes: they can never change.
        "Cache-Control": "private, max-age=31536000, immutable",
      },
    });
  });

  api.get("/events", () => events.open());

  return api;
}
