import { contextBridge, ipcRenderer, webUtils } from "electron";
import { bridgeKey, type HoloscopeBridge } from "./contract/index.ts";
import { callChannel, eventChannel, isEventName, subscribedChannel } from "./shell/channels.ts";

/** All that the page can reach of Electron. The other side, shell/ipc-gate.ts, checks who calls; the host parses what crosses. */
const bridge: HoloscopeBridge = {
  call: (method, params) => ipcRenderer.invoke(callChannel, method, params),
  subscribe(event, listener) {
    if (!isEventName(event)) throw new TypeError(`There is no event named "${event}".`);
    // The Electron event object holds the sender and stays on this side.
    const forward = (_event: unknown, payload: unknown): void => listener(payload);
    ipcRenderer.on(eventChannel(event), forward);
    ipcRenderer.send(subscribedChannel, event);
    return () => ipcRenderer.removeListener(eventChannel(event), forward);
  },
  pathForFile: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld(bridgeKey, bridge);
