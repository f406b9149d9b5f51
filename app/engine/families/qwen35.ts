import type { ModelFamily } from "./family.ts";
import { presetTraits } from "./preset-traits.ts";
import { cellsOf } from "./qwen3vl.ts";
import { presetOfModel } from "./recognise-preset.ts";

/**
 * Qwen3.5 and 3.6, and what was made from them (Holo3, Holo3.1, Holo4): a vision encoder as Qwen3-VL's, and a language
 * model most of whose layers keep a recurrent state. Coordinates are normalised to 0..1000. These models think before
 * they answer unless the prompt says that they have.
 */
export const qwen35: ModelFamily = {
  id: "qwen35",
  architectures: ["qwen35", "qwen35moe"],
  projectors: ["qwen3vl_merger"],
  traits: (model, mmproj) => presetTraits(presetOfModel(model, "qwen3.5"), cellsOf(mmproj)),
};
