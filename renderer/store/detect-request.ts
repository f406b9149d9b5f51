import { type DetectRequest, defined } from "../../app/contract/index.ts";
import type { AppState } from "./app-store.ts";
import { requestBlocker, shownRunOf } from "./selectors.ts";

/** What a detection of the image asks for with the present choices; undefined where they allow none. */
export function detectRequestNow(state: AppState, imageId: string): DetectRequest | undefined {
  const { settings } = state.host;
  if (settings === undefined || requestBlocker(state) !== undefined) return undefined;
  return {
    imageId,
    mode: settings.mode,
    ...defined({ target: settings.mode === "locate" ? state.view.target.trim() : undefined }),
    modelId: settings.modelId,
    backend: settings.backend,
    profile: settings.profile,
  };
}

/**
 * What profiles the run that is shown of an image: the same detection again, then a pass that times each operator. Where
 * no run is shown, or its model is not on this machine, the present choices are profiled instead; undefined where they
 * allow no detection.
 */
export function operatorsRequestNow(state: AppState, imageId: string): DetectRequest | undefined {
  const record = shownRunOf(state, imageId)?.record;
  const { models, settings, backends } = state.host;
  const known = record !== undefined && models.some(({ id }) => id === record.model.id);
  if (!known || settings === undefined) {
    const request = detectRequestNow(state, imageId);
    return request === undefined ? undefined : { ...request, profileOps: true };
  }
  const backend = backends.find((each) => each.available && each.backend === record.engine?.backend)?.backend;
  return {
    imageId,
    mode: record.mode,
    ...defined({ target: record.target }),
    modelId: record.model.id,
    backend: backend ?? settings.backend,
    profile: record.profile,
    overrides: record.settings,
    profileOps: true,
  };
}
