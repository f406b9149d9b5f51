import type { PresetBase } from "../../contract/index.ts";
import type { CoordinateSpace } from "../geometry.ts";
import type { ChatFormat } from "./prompts.ts";

/** What the models that were made from one base have in common. */
export interface Base {
  /** Family id, as in the contract. */
  readonly family: string;
  /** Side of the vision encoder's patches, px, and how many are merged to a token along each side. */
  readonly patch: number;
  readonly merge: number;
  readonly space: CoordinateSpace;
  readonly chat: ChatFormat;
}

/**
 * An empty block of thoughts before the answer. Source: the chat template of Qwen3.5 with `enable_thinking` false.
 */
const noThoughts = "<think>\n\n</think>\n\n";

/** Sources: the preprocessor_config.json, the chat template and the grounding notebooks that Qwen publishes for each. */
export const bases: Readonly<Record<PresetBase, Base>> = {
  "qwen2.5-vl": {
    family: "qwen25vl",
    patch: 14,
    merge: 2,
    space: "model-pixels",
    chat: { system: "You are a helpful assistant." },
  },
  "qwen3-vl": { family: "qwen3vl", patch: 16, merge: 2, space: "normalised-1000", chat: {} },
  "qwen3.5": { family: "qwen35", patch: 16, merge: 2, space: "normalised-1000", chat: { begun: noThoughts } },
};
