import type { EngineMessage } from "../contract/index.ts";

/** The engine's end of the wire to the host. */
export interface EnginePort {
  send(message: EngineMessage): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the host is gone. */
  onClose(listener: () => void): void;
}

/** `process.parentPort` of Electron's utility process, as far as it is used here. */
interface UtilityProcessPort {
  postMessage(message: unknown): void;
  on(event: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** The port of whatever started this process: Electron's utilityProcess, or fork() of a Node process. */
export function openPort(): EnginePort {
  const parentPort: unknown = Reflect.get(process, "parentPort");
  if (isUtilityPort(parentPort)) return utilityPort(parentPort);
  if (process.send === undefined) {
    throw new Error("The engine is started by Holoscope's host, with an IPC channel; it cannot be run by itself.");
  }
  return {
    // A failed send means that the host is gone; "disconnect" tells the same.
    send: (message) => void process.send?.(message, undefined, undefined, () => {}),
    onMessage: (listener) => void process.on("message", listener),
    onClose: (listener) => void process.once("disconnect", listener),
  };
}

function isUtilityPort(value: unknown): value is UtilityProcessPort {
  return typeof value === "object" && value !== null && "postMessage" in value && "on" in value;
}

function utilityPort(port: UtilityProcessPort): EnginePort {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => port.on("message", (event) => listener(event.data)),
    // Electron ends a utility process together with its main process.
    onClose: () => {},
  };
}
