import { beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import { callResultSchema, eventNames, methodNames, methods, profiles } from "../../app/contract/index.ts";
import { eventChannel } from "../../app/shell/channels.ts";
import { openIpcGate, type PushEvent } from "../../app/shell/ipc-gate.ts";
import { type FakeFrame, FakeWebContents, ipcMain, resetElectron } from "../mocks/electron.ts";
import { FakeHost, imageRef } from "./fake-host.ts";

const runId = "0190a000-run";
let host: FakeHost;
let page: FakeWebContents;
let subscribed: string[];
let push: PushEvent;

beforeEach(() => {
  resetElectron();
  host = new FakeHost();
  page = new FakeWebContents();
  subscribed = [];
  push = openIpcGate({
    host: host.host,
    // Electron's WebContents has far more than the gate uses.
    page: () => page as unknown as Electron.WebContents,
    onSubscribed: (event) => subscribed.push(event),
  });
});

const call = async (method: unknown, params: unknown, frame: FakeFrame | null = page.mainFrame, sender = page) => {
  const answer = await ipcMain.handlers.get("holoscope:call")?.({ sender, senderFrame: frame }, method, params);
  return callResultSchema.parse(answer);
};

describe("the IPC gate", () => {
  it("hands a well-formed call to the host, with defaults filled in", async () => {
    host.answers.set("runs.list", () => []);
    const parsed = vi.spyOn(methods["runs.list"].params, "safeParse");
    expect(await call("runs.list", {})).toEqual({ ok: true, value: [] });
    expect(host.calls).toEqual([{ method: "runs.list", params: { limit: 200 } }]);
    expect(parsed, "once").toHaveBeenCalledTimes(1);
  });

  it("lets the desktop add an image by path", async () => {
    host.answers.set("images.addPath", () => imageRef("shot.png"));
    expect(await call("images.addPath", { path: "/shots/shot.png" })).toMatchObject({ ok: true });
  });

  it("takes bytes as structured clone hands them over", async () => {
    host.answers.set("images.add", () => imageRef("pasted.png"));
    expect(await call("images.add", { bytes: new Uint8Array([1, 2, 3]) })).toMatchObject({ ok: true });
  });

  it.each<[string, (own: FakeFrame) => FakeFrame | null]>([
    ["a frame inside our page", (own) => ({ url: own.url, parent: own })],
    ["another origin", () => ({ url: "https://example.org/index.html", parent: null })],
    ["another host of our scheme", () => ({ url: "holoscope://other/index.html", parent: null })],
    ["a file", () => ({ url: "file:///index.html", parent: null })],
    ["an empty page", () => ({ url: "about:blank", parent: null })],
    ["a frame that is gone", () => null],
  ])("refuses %s", async (_name, frame) => {
    const result = await call("app.info", {}, frame(page.mainFrame));
    expect(result).toMatchObject({ ok: false, error: { code: "FORBIDDEN" } });
    expect(host.calls).toEqual([]);
  });

  it("refuses another window, even with our address", async () => {
    const other = new FakeWebContents();
    expect(await call("app.info", {}, other.mainFrame, other)).toMatchObject({
      ok: false,
      error: { code: "FORBIDDEN" },
    });
  });

  it.each([
    ["an unknown method", "app.quit", {}],
    ["a method of every object", "toString", {}],
    ["a prototype", "__proto__", {}],
    ["a constructor", "constructor", {}],
    ["no method", undefined, {}],
    ["an object as method", { name: "app.info" }, {}],
    ["no parameters", "images.get", undefined],
    ["a wrong type", "images.get", { id: 5 }],
    ["a path as image id", "images.get", { id: "../../etc/passwd" }],
    ["an array as bytes", "images.add", { bytes: [1, 2, 3] }],
    ["an empty path", "images.addPath", { path: "" }],
    ["a mode that is none", "runs.start", { imageId: "a".repeat(64), mode: "guess" }],
    ["unexpected parameters", "app.info", { extra: true }],
    ["a settings field out of range", "settings.update", { overrides: { minConfidence: 7 } }],
  ])("refuses %s", async (_name, method, params) => {
    expect(await call(method, params)).toMatchObject({ ok: false, error: { code: "BAD_REQUEST" } });
    expect(host.calls).toEqual([]);
  });

  it("answers with the host's own error, code and hint", async () => {
    const result = await call("runs.get", { runId });
    expect(result).toMatchObject({ ok: false, error: { code: "NOT_FOUND", message: "no answer for runs.get" } });
  });

  it("turns an unexpected exception into an error the page can show", async () => {
    host.answers.set("settings.get", () => {
      throw new RangeError("boom");
    });
    expect(await call("settings.get", {})).toMatchObject({ ok: false, error: { code: "INTERNAL", message: "boom" } });
  });

  it("knows every method of the contract", async () => {
    for (const method of methodNames) {
      const result = await call(method, null);
      expect(result, method).toMatchObject({ ok: false, error: { message: expect.not.stringContaining("no method") } });
    }
  });

  it("pushes every event of the contract to the page, and none to a page that is gone", () => {
    for (const event of eventNames) host.emit(event, { event });
    expect(page.sent).toEqual(eventNames.map((event) => ({ channel: eventChannel(event), payload: { event } })));
    page.destroyed = true;
    host.emit("engine.state", {});
    expect(page.sent).toHaveLength(eventNames.length);
  });

  it("pushes the shell's own events", () => {
    push("menu.command", { command: "detect" });
    expect(page.sent).toEqual([{ channel: eventChannel("menu.command"), payload: { command: "detect" } }]);
  });

  it("hears what the page listens to, and only from the page", () => {
    const tell = (name: unknown, frame: FakeFrame): boolean =>
      ipcMain.emit("holoscope:subscribed", { sender: page, senderFrame: frame }, name);
    tell("images.opened", { url: "https://example.org/", parent: null });
    tell("no.such.event", page.mainFrame);
    tell(7, page.mainFrame);
    expect(subscribed).toEqual([]);
    tell("images.opened", page.mainFrame);
    expect(subscribed).toEqual(["images.opened"]);
  });

  it("accepts settings as the renderer sends them", async () => {
    host.answers.set("settings.update", () => ({}));
    expect(await call("settings.update", { overrides: { ...profiles.quality } })).toMatchObject({ ok: true });
  });
});
