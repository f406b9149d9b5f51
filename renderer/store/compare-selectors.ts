import type { RunRecord } from "../../app/contract/index.ts";
import type { AppState } from "./app-store.ts";

/** The run on one side of the picture. */
export function comparedRun(state: AppState, side: "a" | "b"): RunRecord | undefined {
  const id = state.compare[side];
  return state.compare.records.find((record) => record.id === id);
}
