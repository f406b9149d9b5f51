import { bridgeKey, type HoloscopeBridge } from "../../app/contract/index.ts";
import { BridgeClient } from "./bridge-client.ts";
import type { WindowClient } from "./client.ts";
import { HttpClient } from "./http-client.ts";

function isBridge(value: unknown): value is HoloscopeBridge {
  return (
    typeof value === "object" &&
    value !== null &&
    ["call", "subscribe", "pathForFile"].every((name) => typeof Reflect.get(value, name) === "function")
  );
}

/** The client of the door that this window was opened through. */
export function createClient(): WindowClient {
  const bridge: unknown = Reflect.get(window, bridgeKey);
  return isBridge(bridge) ? new BridgeClient(bridge) : new HttpClient();
}
