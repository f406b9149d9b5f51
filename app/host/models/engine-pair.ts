import {
  defined,
  type EnginePair,
  HoloscopeError,
  isPresetId,
  type ModelEntry,
  type OwnPreset,
} from "../../contract/index.ts";

/** A model with the preset that was chosen for it, where that is one of the user's own and could be read. */
export interface KnownModel extends ModelEntry {
  readonly ownPreset?: OwnPreset;
}

/** What the engine is told of a model. Throws PRESET_NOT_FOUND if the preset that was chosen for it is gone. */
export function enginePair(model: KnownModel): EnginePair {
  const { modelPath, mmprojPath, preset, ownPreset, name } = model;
  if (preset === undefined) return { modelPath, mmprojPath };
  if (!isPresetId(preset) && ownPreset === undefined) {
    throw new HoloscopeError(
      "PRESET_NOT_FOUND",
      `The preset "${preset}", which was chosen for ${name}, is not there or cannot be read.`,
      `holoscope models presets tells why. Add it again, or choose another: holoscope models preset ${model.id} auto`,
    );
  }
  return { modelPath, mmprojPath, ...defined({ preset: ownPreset ?? preset }) };
}
