import { type PresetBase, type PresetId, presetForName } from "../../contract/index.ts";
import { type GgufHeader, metadataString } from "../../gguf/header.ts";

/** The preset of a model by what its file calls it; the base's own where no name is known. */
export function presetOfModel(header: GgufHeader, base: PresetBase): PresetId {
  const tags = header.metadata["general.tags"];
  const names = [
    ...["general.name", "general.basename", "general.finetune"].map((key) => metadataString(header, key)),
    ...(Array.isArray(tags) ? tags.map(String) : []),
  ];
  for (const name of names) {
    const preset = name === undefined ? undefined : presetForName(name, base);
    if (preset !== undefined && preset !== base) return preset;
  }
  return base;
}
