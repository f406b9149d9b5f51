import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import { callResultSchema } from "../../app/contract/index.ts";
import {
  app,
  BrowserWindow,
  FakeEvent,
  FakeWebContents,
  ipcMain,
  Menu,
  protocol,
  resetElectron,
  session,
  utilityProcess,
} from "../mocks/electron.ts";
import { eventually } from "../support/patience.ts";

/** The real entry with the real host; only Electron is a stand-in. */
describe("the main process", () => {
  let dataFolder: string;
  const inPlaceBeforeThePage: Record<string, boolean> = {};

  beforeAll(async () => {
    resetElectron();
    dataFolder = mkdtempSync(path.join(tmpdir(), "holoscope-main-"));
    vi.stubEnv("HOLOSCOPE_DATA", dataFolder);
    vi.spyOn(BrowserWindow.made, "push").mockImplementationOnce((window) => {
      Object.assign(inPlaceBeforeThePage, {
        scheme: protocol.registerSchemesAsPrivileged.mock.calls.length === 1,
        protocol: session.defaultSession.protocol.handle.mock.calls.length === 1,
        permissions: session.defaultSession.setPermissionRequestHandler.mock.calls.length === 1,
        calls: ipcMain.handlers.has("holoscope:call"),
        navigation: app.listenerCount("web-contents-created") === 1,
        menu: Menu.setApplicationMenu.mock.calls.length === 1,
        sandbox: app.enableSandbox.mock.calls.length === 1,
      });
      BrowserWindow.made[0] = window;
      return 1;
    });
    await import("../../app/main.ts");
    await eventually(() => expect(BrowserWindow.made).toHaveLength(1));
  });

  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(dataFolder, { recursive: true, force: true });
  });

  const call = async (method: string, params: unknown) => {
    const page = BrowserWindow.made[0]?.webContents ?? new FakeWebContents();
    const event = { sender: page, senderFrame: page.mainFrame };
    return callResultSchema.parse(await ipcMain.handlers.get("holoscope:call")?.(event, method, params));
  };

  it("has everything that guards and answers the page in place before the page exists", () => {
    expect(Object.keys(inPlaceBeforeThePage)).toHaveLength(7);
    expect(Object.entries(inPlaceBeforeThePage).filter(([, inPlace]) => !inPlace)).toEqual([]);
  });

  it("gives the window the bundled preload", () => {
    expect(BrowserWindow.made[0]?.options.webPreferences?.preload).toMatch(/dist[\\/]preload[\\/]preload\.cjs$/);
  });

  it("answers the page as the desktop door", async () => {
    expect(await call("app.info", {})).toMatchObject({
      ok: true,
      value: { door: "desktop", version: "0.0.0-test", dataFolder },
    });
  });

  it("starts the engine as a utility process", async () => {
    void call("models.load", {});
    await eventually(() => expect(utilityProcess.forked).not.toHaveLength(0));
    expect(utilityProcess.forked[0]?.program).toMatch(/dist[\\/]engine[\\/]engine\.js$/);
  });

  it("closes the host before it goes", async () => {
    const [engine] = utilityProcess.forked;
    engine?.kill.mockImplementation(() => engine.emit("exit", 0));
    engine?.spawned(4711);
    app.emit("will-quit", new FakeEvent());
    await eventually(() => expect(app.exit.mock.calls).toEqual([[0]]));
  });
});
