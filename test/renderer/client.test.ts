import { afterEach, describe, expect, it, vi } from "vitest";
import { type HoloscopeBridge, HoloscopeError } from "../../app/contract/index.ts";
import { BridgeClient } from "../../renderer/client/bridge-client.ts";
import { HttpClient } from "../../renderer/client/http-client.ts";
import { parseEvent, parseResult, unwrapHttp } from "../../renderer/client/payload.ts";
import type { Connection } from "../../renderer/logic/engine-summary.ts";
import { imageRef, settings } from "./records.ts";

class FakeEventSource extends EventTarget {
  static readonly all: FakeEventSource[] = [];
  readyState = 1;
  constructor() {
    super();
    FakeEventSource.all.push(this);
  }
  close() {
    this.readyState = 2;
  }
  send(event: string, data: string) {
    this.dispatchEvent(new MessageEvent(event, { data }));
  }
}

function httpClient(respond: (url: string, init?: RequestInit) => Response | Promise<Response>) {
  FakeEventSource.all.length = 0;
  return new HttpClient({
    fetch: async (url, init) => respond(String(url), init),
    openEvents: () => new FakeEventSource(),
  });
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable("should have failed"),
    (error: unknown) => HoloscopeError.from(error),
  );

afterEach(() => {
  vi.useRealTimers();
});

describe("payloads", () => {
  it("are named with their first wrong field when they do not fit", () => {
    expect(() => parseResult("runs.start", { runId: 7 })).toThrow(/runs\.start.*"runId"/);
    expect(() => parseEvent("run.stage", { runId: "run-00000001", stage: { stage: "lunch", ms: 1 } })).toThrow(
      /run\.stage.*"stage\.stage"/,
    );
  });

  it("may be a CallResult or the server's own error", () => {
    expect(unwrapHttp({ ok: true, value: 3 }, "answer")).toBe(3);
    const own = { error: { code: "PAYLOAD_TOO_LARGE", message: "too large", hint: "smaller" } };
    expect(() => unwrapHttp(own, "answer")).toThrow(expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }));
    expect(() => unwrapHttp({ hello: 1 }, "The answer")).toThrow(/not valid/);
  });
});

describe("browser door", () => {
  it("posts JSON and parses the answer", async () => {
    let seen: [string, unknown] | undefined;
    const client = httpClient((url, init) => {
      seen = [url, JSON.parse(String(init?.body))];
      return json({ ok: true, value: settings });
    });
    expect(await client.call("settings.update", { profile: "speed" })).toEqual(settings);
    expect(seen).toEqual(["/api/call/settings.update", { profile: "speed" }]);
  });

  it("turns every kind of failure into an error that says what to do", async () => {
    const refused = httpClient(() => Promise.reject(new TypeError("Failed to fetch")));
    expect((await failure(refused.call("app.info", {}))).hint).toContain("still running");
    const proxy = httpClient(() => new Response("<html>bad gateway", { status: 502 }));
    expect((await failure(proxy.call("app.info", {}))).message).toContain("502");
    const told = httpClient(() => json({ ok: false, error: { code: "MODEL_NOT_FOUND", message: "no such model" } }));
    expect((await failure(told.call("models.info", { id: "x" }))).code).toBe("MODEL_NOT_FOUND");
  });

  it("uploads the file's own bytes under its name", async () => {
    const ref = imageRef("a");
    const client = httpClient((url, init) => {
      expect(url).toBe("/api/images?name=a%20b.png");
      expect(init?.body).toBeInstanceOf(Blob);
      return json({ ok: true, value: ref });
    });
    expect(await client.addFile(new Blob(["x"], { type: "image/png" }), "a b.png")).toEqual(ref);
  });

  it("delivers readable events and reports unreadable ones", () => {
    const client = httpClient(() => json({}));
    const received: unknown[] = [];
    const problems: HoloscopeError[] = [];
    client.on("settings.changed", (payload) => received.push(payload));
    client.onProblem((error) => problems.push(error));
    const [source] = FakeEventSource.all;
    source?.send("settings.changed", JSON.stringify(settings));
    source?.send("settings.changed", JSON.stringify({ profile: "warp" }));
    source?.send("settings.changed", "{ not json");
    expect(received).toEqual([settings]);
    expect(problems).toHaveLength(2);
    expect(problems[0]?.message).toContain("profile");
  });

  it("connects again after the server closed the stream, and says so", () => {
    vi.useFakeTimers();
    const client = httpClient(() => json({}));
    const states: Connection[] = [];
    client.onConnection((state) => states.push(state));
    const [first] = FakeEventSource.all;
    first?.dispatchEvent(new Event("open"));
    first?.close();
    first?.dispatchEvent(new Event("error"));
    vi.advanceTimersByTime(600);
    expect(FakeEventSource.all).toHaveLength(2);
    FakeEventSource.all[1]?.dispatchEvent(new Event("open"));
    expect(states).toEqual(["connecting", "open", "lost", "open"]);
    client.close();
  });
});

describe("desktop door", () => {
  const bridge = (changes: Partial<HoloscopeBridge>): HoloscopeBridge => ({
    call: async () => ({ ok: true, value: {} }),
    subscribe: () => () => undefined,
    pathForFile: () => "",
    ...changes,
  });

  it("hands over a file by path where it has one, else by bytes", async () => {
    const calls: [string, unknown][] = [];
    const call = async (method: string, params: unknown) => {
      calls.push([method, params]);
      return { ok: true as const, value: imageRef("b") };
    };
    const file = new File(["abc"], "b.png");
    await new BridgeClient(bridge({ call, pathForFile: () => "/pictures/b.png" })).addFile(file, "b.png");
    await new BridgeClient(bridge({ call })).addFile(file, "b.png");
    expect(calls).toEqual([
      ["images.addPath", { path: "/pictures/b.png" }],
      ["images.add", { bytes: new Uint8Array([97, 98, 99]), name: "b.png" }],
    ]);
  });

  it("drops unreadable events and reports them", () => {
    let send: (payload: unknown) => void = () => undefined;
    const client = new BridgeClient(
      bridge({
        subscribe: (_event, listener) => {
          send = listener;
          return () => undefined;
        },
      }),
    );
    const received: unknown[] = [];
    const problems: HoloscopeError[] = [];
    client.onProblem((error) => problems.push(error));
    client.on("settings.changed", (payload) => received.push(payload));
    send({ theme: "neon" });
    expect(received).toEqual([]);
    expect(problems[0]?.message).toContain("theme");
  });
});
