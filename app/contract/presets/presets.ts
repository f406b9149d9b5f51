import { z } from "zod";
import { modeSchema, modeSupportSchema } from "../model.ts";
import { builtInPresets, type PresetId } from "./built-in.ts";
import {
  type OwnPreset,
  type PresetBase,
  type PresetDeclaration,
  presetBaseSchema,
  presetIdSchema,
} from "./declaration.ts";

/** What lists show of a preset. */
export const presetInfoSchema = z.object({
  id: presetIdSchema,
  name: z.string(),
  base: presetBaseSchema,
  modes: z.record(modeSchema, modeSupportSchema),
  /** Where its facts come from. */
  source: z.string(),
  /** Whether the user wrote it. */
  own: z.boolean(),
});
export type PresetInfo = z.infer<typeof presetInfoSchema>;

/** A model that was trained to click gives boxes for a whole screen off its training; see the engine's traits. */
export function presetInfo(preset: PresetDeclaration | OwnPreset, own: boolean): PresetInfo {
  const { id, name, base, source, locate } = preset;
  return {
    id,
    name,
    base,
    modes: { detect: locate === undefined ? "trained" : "off-training", locate: "trained" },
    source,
    own,
  };
}

/** Holoscope's own presets, for lists. */
export const presets: readonly PresetInfo[] = builtInPresets.map((preset) => presetInfo(preset, false));

export function isPresetId(id: string): id is PresetId {
  return builtInPresets.some((preset) => preset.id === id);
}

/** Undefined if there is none of that id. */
export function builtInPreset(id: string): PresetDeclaration | undefined {
  return builtInPresets.find((preset) => preset.id === id);
}

/** Runs of letters and runs of digits, so that "Holo-3.1", "holo3_1" and "Holo 3.1 4B" begin alike. */
function wordsOf(name: string): string[] {
  return name.toLowerCase().match(/[a-z]+|\d+/g) ?? [];
}

function contains(words: readonly string[], wanted: readonly string[]): boolean {
  return words.some((_, at) => wanted.every((word, index) => words[at + index] === word));
}

/**
 * The preset of a model by a name that a file or a server gives it ("Hcompany/Holo1.5-7B", "Qwen2.5-VL-7B-Instruct"): the
 * one with the longest name in it. Undefined if there is none, or if several fit alike.
 * @param base only presets of it, where it is known otherwise
 */
export function presetForName(name: string, base?: PresetBase): PresetId | undefined {
  const words = wordsOf(name);
  let longest = 0;
  let found: PresetId[] = [];
  for (const preset of builtInPresets) {
    if (base !== undefined && preset.base !== base) continue;
    for (const wanted of preset.models.map(wordsOf)) {
      if (wanted.length < Math.max(1, longest) || !contains(words, wanted)) continue;
      if (wanted.length > longest) found = [];
      longest = wanted.length;
      found.push(preset.id);
    }
  }
  return found.length === 1 ? found[0] : undefined;
}
