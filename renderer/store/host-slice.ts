import type { AppInfo, BackendStatus, EngineState, ModelEntry, Settings } from "../../app/contract/index.ts";
import type { Connection } from "../logic/engine-summary.ts";

/** What the host told last. Fields are undefined until it did. */
export interface HostState {
  readonly connection: Connection;
  readonly info: AppInfo | undefined;
  readonly engine: EngineState | undefined;
  readonly settings: Settings | undefined;
  readonly models: readonly ModelEntry[];
  readonly backends: readonly BackendStatus[];
}

export const initialHost: HostState = {
  connection: "connecting",
  info: undefined,
  engine: undefined,
  settings: undefined,
  models: [],
  backends: [],
};

export function chosenModel(state: HostState): ModelEntry | undefined {
  return state.models.find((model) => model.id === state.settings?.modelId);
}
