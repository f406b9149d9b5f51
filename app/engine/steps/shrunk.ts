import type { Size, Warning } from "../../contract/index.ts";
import { formatCount, formatSize } from "../../presentation/numbers.ts";
import { shrinkOf } from "../../presentation/shrink.ts";
import type { ModelTraits } from "../families/index.ts";
import { inputSize } from "../geometry.ts";

/** Below this, a control that is usual on a screen stays large enough: a checkbox of 16 px still has 13. */
const harmless = 1.25;

/**
 * Says by how much an image was shrunk to the model's input and what is likely lost by it; undefined if that is little.
 * @param shown the image or the part of it that the model was given, px
 * @param maxImageTokens the user's limit, which may be lower than the model's
 */
export function shrunkWarning(
  { sizing, leastSide }: Pick<ModelTraits, "sizing" | "leastSide">,
  shown: Size,
  input: Size,
  maxImageTokens: number,
): Warning | undefined {
  const times = shrinkOf(shown, input);
  if (times < harmless) return undefined;
  const largest = inputSize(shown, sizing, sizing.maxTokens);
  const more = maxImageTokens < sizing.maxTokens && largest.width * largest.height > input.width * input.height;
  const lost = Math.round(leastSide.px * times);
  return {
    code: "SHRUNK",
    message:
      `Shrunk ${times.toFixed(1)} times: controls under ${lost} px are likely missed. ` +
      `The model saw ${formatSize(shown)} as ${formatSize(input)}. ${leastSide.source} ` +
      (more
        ? `Raise maxImageTokens (this model takes up to ${formatCount(sizing.maxTokens)}), or crop the screenshot.`
        : "Crop the screenshot to the part that matters."),
  };
}
