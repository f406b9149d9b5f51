import { metadataNumber } from "../../gguf/header.ts";
import { imageTokenLimits, type ModelFamily } from "./family.ts";
import { presetTraits } from "./preset-traits.ts";
import { presetOfModel } from "./recognise-preset.ts";

/**
 * Qwen2.5-VL and what was made from it (Holo1.5). Coordinates are px of the resized image.
 * Patches of 14 px are merged 2x2, so sides are multiples of 28 px.
 */
export const qwen25vl: ModelFamily = {
  id: "qwen25vl",
  architectures: ["qwen2vl"],
  projectors: ["qwen2.5vl_merger"],
  traits(model, mmproj) {
    const patch = metadataNumber(mmproj, "clip.vision.patch_size") ?? 14;
    const merge = metadataNumber(mmproj, "clip.vision.spatial_merge_size") ?? 2;
    const limits = imageTokenLimits(mmproj, patch * merge);
    return presetTraits(presetOfModel(model, "qwen2.5-vl"), { patch, merge, ...limits });
  },
};
