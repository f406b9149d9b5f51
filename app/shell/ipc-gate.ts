import { type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type WebContents } from "electron";
import { type CallResult, type EventName, type EventPayload, eventNames, HoloscopeError } from "../contract/index.ts";
import type { Host } from "../host/types.ts";
import { isAppAddress } from "./address.ts";
import { callChannel, eventChannel, isEventName, subscribedChannel } from "./channels.ts";

/** Sends one event of the contract to the page, if there is one. */
export type PushEvent = <E extends EventName>(event: E, payload: EventPayload<E>) => void;

export interface GateOptions {
  readonly host: Host;
  /** The page of the one window; undefined while there is none. */
  readonly page: () => WebContents | undefined;
  /** Called when the page begins to listen to an event. */
  readonly onSubscribed: (event: EventName) => void;
}

/** True only for the top frame of our own window while it shows our own page. */
function isOurPage(event: IpcMainEvent | IpcMainInvokeEvent, page: WebContents | undefined): boolean {
  const frame = event.senderFrame;
  return (
    page !== undefined &&
    event.sender.id === page.id &&
    frame !== null &&
    frame.parent === null &&
    isAppAddress(frame.url)
  );
}

async function callHost(host: Host, method: unknown, params: unknown): Promise<CallResult> {
  try {
    return { ok: true, value: await host.dispatch(method, params) };
  } catch (error) {
    return { ok: false, error: HoloscopeError.from(error).toInfo() };
  }
}

/**
 * The only way from the page to the host. Calls come in on one channel; who sends is checked here, what is sent by the host.
 * Every event of the contract goes out to the page. Must run before the window exists.
 * @returns the function that pushes the shell's own events (opened images, menu commands)
 */
export function openIpcGate({ host, page, onSubscribed }: GateOptions): PushEvent {
  ipcMain.handle(callChannel, (event, method: unknown, params: unknown): Promise<CallResult> | CallResult => {
    if (isOurPage(event, page())) return callHost(host, method, params);
    const refused = new HoloscopeError("FORBIDDEN", "This page may not use Holoscope.");
    return { ok: false, error: refused.toInfo() };
  });

  ipcMain.on(subscribedChannel, (event, name: unknown) => {
    if (isOurPage(event, page()) && typeof name === "string" && isEventName(name)) onSubscribed(name);
  });

  const push: PushEvent = (event, payload) => {
    const contents = page();
    if (contents !== undefined && !contents.isDestroyed()) contents.send(eventChannel(event), payload);
  };
  for (const event of eventNames) host.on(event, (payload) => push(event, payload));
  return push;
}
