import type { DetectRequest } from "../../app/contract/index.ts";
import type { AppState } from "./app-store.ts";
import { detectRequestNow } from "./detect-request.ts";
import { shownRunOf } from "./selectors.ts";

/**
 * What profiles the run that is shown of an image: the same detection again, with a profiled pass after it. A run whose
 * model is not on this machine, or none, gives way to the present choices; undefined where they allow no detection.
 */
export function profileRequestNow(state: AppState, imageId: string): DetectRequest | undefined {
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
    ...(record.target === undefined ? {} : { target: record.target }),
    modelId: record.model.id,
    backend: backend ?? settings.backend,
    profile: record.profile,
    overrides: record.settings,
    profileOps: true,
  };
}
