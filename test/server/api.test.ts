import { createHash } from "node:crypto";
import http from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callResultSchema, errorCodes, imageRefSchema, methodNames, methods } from "../../app/contract/index.ts";
import { bodyLimits } from "../../app/server/body.ts";
import { errorStatus } from "../../app/server/errors.ts";
import { eventually } from "../support/patience.ts";
import { sampleDetection } from "./sample-run.ts";
import { errorCode, rawRequest, type Served, serveFake } from "./served.ts";

let served: Served;
beforeEach(async () => {
  served = await serveFake({ heartbeatMs: 50 });
});
afterEach(() => served.close());

const call = (method: string, params: unknown) =>
  fetch(`${served.url}/api/call/${method}`, { method: "POST", body: JSON.stringify(params) });

describe("POST /api/call", () => {
  it("calls a method and answers with its value", async () => {
    const response = await call("settings.get", {});
    const result = callResultSchema.parse(await response.json());
    expect(result).toMatchObject({ ok: true, value: { modelId: "nano", profile: "balanced" } });
  });

  it("parses parameters and fills in defaults", async () => {
    served.host.overrides.set("runs.list", (params) => params);
    const parsed = vi.spyOn(methods["runs.list"].params, "safeParse");
    expect(await (await call("runs.list", {})).json()).toEqual({ ok: true, value: { limit: 200 } });
    expect(parsed, "once").toHaveBeenCalledTimes(1);
    const wrong = await call("runs.list", { limit: "all" });
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toContain("limit");
  });

  it.each(["images.addPath", "models.add"])("refuses %s, which takes a path", async (method) => {
    const response = await call(method, { path: "/etc/passwd", modelPath: "/etc/passwd" });
    expect(response.status).toBe(403);
    expect(errorCode(await response.text())).toBe("FORBIDDEN");
    expect(served.host.calls).toEqual([]);
  });

  it.each(["nothing", "toString", "__proto__", "constructor", "images.add%00", "..%2Fapp.info"])(
    "does not know the method %s",
    async (method) => {
      const response = await call(method, {});
      expect(response.status).toBe(404);
      expect(errorCode(await response.text())).toBe("NOT_FOUND");
    },
  );

  it("sends image bytes to their own route", async () => {
    expect((await call("images.add", { bytes: [1] })).status).toBe(400);
  });

  it.each(["", "{", "7", '"text"', "[]"])("refuses the parameters %j", async (body) => {
    const response = await fetch(`${served.url}/api/call/settings.get`, { method: "POST", body });
    expect(response.status).toBe(400);
    expect(errorCode(await response.text())).toBe("BAD_REQUEST");
  });

  it("takes a run file as large as its image may make it, and nothing else of that size", async () => {
    served.host.overrides.set("runs.import", ({ json }) => ({ length: String(json).length }));
    const json = "A".repeat(bodyLimits.call);
    expect(await (await call("runs.import", { json })).json()).toEqual({ ok: true, value: { length: json.length } });
    const other = await call("runs.list", { json });
    expect(other.status).toBe(413);
    expect(errorCode(await other.text())).toBe("PAYLOAD_TOO_LARGE");
  });

  it("keeps stacks of internal errors to itself", async () => {
    served.host.overrides.set("settings.get", () => {
      throw new Error("something broke");
    });
    const response = await call("settings.get", {});
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(errorCode(text)).toBe("INTERNAL");
    expect(text).not.toContain(".ts:");
  });

  it("knows a status for every code and a door for every method", () => {
    for (const code of errorCodes) expect(errorStatus[code]).toBeGreaterThanOrEqual(400);
    expect(methodNames.length).toBeGreaterThan(15);
  });

  it.each(["/api", "/api/", "/api/nothing", "/api/call", "/api/call/"])("has nothing at %s", async (path) => {
    const response = await fetch(`${served.url}${path}`);
    expect(response.status).toBe(404);
    expect(errorCode(await response.text())).toBe("NOT_FOUND");
  });

  it.each([
    ["GET", "/api/call/settings.get"],
    ["PUT", "/api/images"],
    ["DELETE", `/api/images/${"a".repeat(64)}`],
    ["POST", "/api/events"],
    ["POST", "/"],
  ])("refuses %s %s", async (method, path) => {
    expect((await fetch(`${served.url}${path}`, { method })).status).toBe(405);
  });
});

describe("images", () => {
  const bytes = new Uint8Array([1, 2, 3, 250]);
  const add = (name: string) => fetch(`${served.url}/api/images?name=${name}`, { method: "POST", body: bytes });

  it("stores the body and serves the very same bytes", async () => {
    const result = callResultSchema.parse(await (await add("my%20shot.png")).json());
    const ref = imageRefSchema.parse(result.ok ? result.value : undefined);
    expect(ref).toMatchObject({ id: createHash("sha256").update(bytes).digest("hex"), name: "my shot.png" });
    const response = await fetch(`${served.url}/api/images/${ref.id}`);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.get("content-type")).toBe("image/png");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("refuses an empty body and a name beyond 255 characters", async () => {
    const empty = await fetch(`${served.url}/api/images`, { method: "POST" });
    expect(empty.status).toBe(422);
    expect(errorCode(await empty.text())).toBe("IMAGE_EMPTY");
    expect((await add("x".repeat(256))).status).toBe(400);
  });

  it("does not find an unknown id", async () => {
    const response = await fetch(`${served.url}/api/images/${"0".repeat(64)}`);
    expect(response.status).toBe(404);
    expect(errorCode(await response.text())).toBe("IMAGE_NOT_FOUND");
  });

  it.each([
    "/api/images/../../../../etc/passwd",
    "/api/images/..%2f..%2f..%2fetc%2fpasswd",
    "/api/images/%2e%2e/%2e%2e/settings.json",
    "/api/images/..%5c..%5csettings.json",
    "/api/images/%252e%252e%252fsettings.json",
    "/api/images/%00",
    "/api/images/%",
    "/api/images//etc/passwd",
    `/api/images/${"A".repeat(64)}`,
    `/api/images/${"a".repeat(64)}.png`,
  ])("does not leave its folder for %s", async (path) => {
    const answer = await rawRequest(served.server.port, { path });
    expect([400, 404]).toContain(answer.status);
    expect(["BAD_REQUEST", "NOT_FOUND"]).toContain(errorCode(answer.text));
  });
});

describe("GET /api/events", () => {
  interface Reader {
    text(): string;
    end(): void;
    /** At the end of the connection: whether the server ended the stream, and did not just cut it off. */
    readonly whole: Promise<boolean>;
  }
  /** Reads the stream until the test ends it. */
  function listen(): Promise<Reader> {
    return new Promise((resolve, reject) => {
      const request = http.get(`${served.url}/api/events`, { agent: false }, (response) => {
        expect(response.headers["content-type"]).toContain("text/event-stream");
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", () => {});
        const whole = new Promise<boolean>((closed) => response.on("close", () => closed(response.complete)));
        resolve({ text: () => text, end: () => request.destroy(), whole });
      });
      request.on("error", reject);
    });
  }

  it("sends every event as JSON, and signs of life between them", async () => {
    const reader = await listen();
    const detection = { ...sampleDetection(1), label: "two\nlines" };
    served.host.emit("run.detection", { runId: "run-00000001", detection });
    served.host.emit("run.stage", { runId: "run-00000001", stage: { stage: "encode", ms: 12 } });
    await eventually(() => expect(reader.text()).toContain("run.stage"));
    const block = reader
      .text()
      .split("\n\n")
      .find((text) => text.startsWith("event: run.detection"));
    expect(JSON.parse(block?.split("\ndata: ")[1] ?? "")).toEqual({ runId: "run-00000001", detection });
    await eventually(() => expect(reader.text()).toMatch(/^: /m));
    reader.end();
  });

  it("serves several readers and lets go of each when it leaves", async () => {
    const readers = [await listen(), await listen()];
    await eventually(() => expect(served.host.listenerCount).toBeGreaterThan(0));
    served.host.emit("run.progress", { runId: "run-00000001", phase: "encode" });
    for (const reader of readers) await eventually(() => expect(reader.text()).toContain("run.progress"));
    for (const reader of readers) reader.end();
    await eventually(() => expect(served.host.listenerCount).toBe(0));
  });

  it("cuts off a reader that does not read, instead of keeping everything for it", async () => {
    const request = http.get(`${served.url}/api/events`, { agent: false });
    request.on("error", () => {});
    const response = await new Promise<http.IncomingMessage>((resolve) => request.on("response", resolve));
    response.pause();
    const detection = { ...sampleDetection(1), label: "x".repeat(1024 * 1024) };
    for (let sent = 0; sent < 60 && served.host.listenerCount > 0; sent++) {
      served.host.emit("run.detection", { runId: "run-00000001", detection });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(served.host.listenerCount).toBe(0);
    request.destroy();
  });

  it("ends its streams when the server closes", async () => {
    const reader = await listen();
    await served.server.close();
    expect(await reader.whole).toBe(true);
    expect(served.host.listenerCount).toBe(0);
  });
});
