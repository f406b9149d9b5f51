import type { DetectRequest } from "../../app/contract/index.ts";
import type { AppState } from "./app-store.ts";
import { requestBlocker } from "./selectors.ts";

/** What a detection of the image asks for with the present choices; undefined where they allow none. */
export function detectRequestNow(state: AppState, imageId: string): DetectRequest | undefined {
  const { settings } = state.host;
  if (settings === undefined || requestBlocker(state) !== undefined) return undefined;
  return {
    imageId,
    mode: settings.mode,
    ...(settings.mode === "locate" ? { target: state.view.target.trim() } : {}),
    modelId: settings.modelId,
    backend: settings.backend,
    profile: settings.profile,
  };
}
