import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("electron", () => import("../mocks/electron.ts"));

import { bridgeKey, type HoloscopeBridge } from "../../app/contract/index.ts";
import { eventChannel } from "../../app/shell/channels.ts";
import { contextBridge, ipcRenderer, resetElectron, webUtils } from "../mocks/electron.ts";

let exposed: unknown[][];
let bridge: HoloscopeBridge;

beforeAll(async () => {
  await import("../../app/preload.ts");
  exposed = [...contextBridge.exposeInMainWorld.mock.calls];
  bridge = contextBridge.exposeInMainWorld.mock.calls[0]?.[1];
});
beforeEach(resetElectron);

describe("the preload", () => {
  it("exposes one object with exactly the bridge's functions", () => {
    expect(exposed.map(([name]) => name)).toEqual([bridgeKey]);
    expect(Object.keys(bridge).sort()).toEqual(["call", "pathForFile", "subscribe"]);
  });

  it("calls through the one channel", async () => {
    ipcRenderer.invoke.mockResolvedValueOnce({ ok: true, value: 1 });
    expect(await bridge.call("app.info", {})).toEqual({ ok: true, value: 1 });
    expect(ipcRenderer.invoke.mock.calls).toEqual([["holoscope:call", "app.info", {}]]);
  });

  it("hands over payloads without Electron's event, until unsubscribed", () => {
    const listener = vi.fn();
    const end = bridge.subscribe("run.stage", listener);
    expect(ipcRenderer.send.mock.calls).toEqual([["holoscope:subscribed", "run.stage"]]);
    ipcRenderer.emit(eventChannel("run.stage"), { sender: "secret" }, { ms: 1 });
    expect(listener.mock.calls).toEqual([[{ ms: 1 }]]);
    end();
    ipcRenderer.emit(eventChannel("run.stage"), {}, { ms: 2 });
    expect(listener).toHaveBeenCalledOnce();
  });

  it("subscribes to nothing but events of the contract", () => {
    expect(() => bridge.subscribe("holoscope:call", () => {})).toThrow('no event named "holoscope:call"');
    expect(ipcRenderer.eventNames()).toEqual([]);
  });

  it("asks Electron for the path of a file", () => {
    webUtils.getPathForFile.mockReturnValueOnce("/shots/shot.png");
    const file = new File([], "shot.png");
    expect(bridge.pathForFile(file)).toBe("/shots/shot.png");
    expect(webUtils.getPathForFile.mock.calls).toEqual([[file]]);
  });
});
