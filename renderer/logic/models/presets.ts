import type { MethodResult } from "../../../app/contract/index.ts";

type Listed = MethodResult<"models.presets.list">["presets"][number];

/**
 * Presets to choose from for a model: those of its base, where that is known; the user's own marked.
 * @param used the one that it is asked with now
 * @param chosen the one that the user chose, if it was chosen
 */
export function presetOptions(presets: readonly Listed[], used: string, chosen: string | undefined) {
  const base = presets.find(({ id }) => id === used)?.base;
  const known = chosen === undefined ? presets.find(({ id }) => id === used)?.name : undefined;
  const options = presets
    .filter((preset) => base === undefined || preset.base === base)
    .map(({ id, name, own }) => ({ value: id, text: own ? `${name} (yours)` : name }));
  return [{ value: "auto", text: known === undefined ? "By its name" : `By its name: ${known}` }, ...options];
}
