import type { Warning } from "../../contract/index.ts";
import { formatRate, plural } from "../../presentation/numbers.ts";
import type { Loop } from "../answer/loop.ts";
import { wholeImageTokens } from "../focus/focus.ts";
import type { Asked } from "./answer.ts";
import type { Run } from "./plan.ts";
import { shrunkWarning } from "./shrunk.ts";
import type { View } from "./view.ts";

/** Everything a user should know about a result, in the order of its importance. */
export function warningsFor(
  { pair: { traits }, call: { mode, settings } }: Run,
  { seen, image, shown, input }: View,
  asked: Asked | undefined,
  belowThreshold: number,
): Warning[] {
  const warnings: Warning[] = [];
  const warn = (code: Warning["code"], message: string): void => void warnings.push({ code, message });
  const { answer, prepared } = asked ?? {};
  if (traits.modes[mode] === "off-training") {
    warn("OFF_TRAINING", traits.modeNotes[mode] ?? "The model was not trained for this mode; check its results.");
  }
  if (answer?.loop !== undefined) {
    const tokens = plural(answer.generated.tokens, "token");
    warn("ANSWER_LOOPED", `The answer was ended after ${tokens}: ${loopTexts[answer.loop]}. ${loopAdvice}`);
  }
  const shrunk = asked && shrunkWarning(traits, shown, input, settings.maxImageTokens);
  if (shrunk !== undefined) warnings.push(shrunk);
  if (answer?.generated.finish === "length") {
    const limit = `The answer was cut off after ${settings.maxNewTokens} tokens.`;
    warn("ANSWER_TRUNCATED", `${limit} Raise maxNewTokens to see the rest.`);
  }
  if (answer?.limitReached === true && mode === "detect") {
    const limit = `The list was ended at ${settings.maxDetections} elements.`;
    warn("MAX_DETECTIONS", `${limit} Raise maxDetections to see more.`);
  }
  if (belowThreshold > 0) {
    const count = plural(belowThreshold, "element");
    warn("BELOW_MIN_CONFIDENCE", `${count} below the minimum confidence of ${settings.minConfidence} kept apart.`);
  }
  if (answer !== undefined && answer.dropped > 0) {
    warn("BOX_DROPPED", `${plural(answer.dropped, "box", "boxes")} without an area inside the image left out.`);
  }
  if (answer !== undefined && answer.merged > 0) {
    warn("BOX_MERGED", `${plural(answer.merged, "repeat")} of a box with the same label merged with the first one.`);
  }
  const wanted = traits.wantedImageTokens ?? 0;
  const given = prepared === undefined ? wanted : wholeImageTokens(prepared.tokens.imageTokens, image, shown);
  if (given < wanted) {
    warn(
      "FEW_IMAGE_TOKENS",
      `The image was given as ${given} tokens; this model places boxes well from about ${wanted} on. ` +
        "Raise maxImageTokens, or use a larger screenshot.",
    );
  }
  if (prepared?.tokens.raisedContext !== undefined) {
    const sizes = `${settings.contextTokens} to ${prepared.tokens.raisedContext} tokens`;
    warn("CONTEXT_RAISED", `The context was raised from ${sizes} to hold the whole answer.`);
  }
  if (seen.frames > 1) {
    warn("ANIMATED_FIRST_FRAME", `The image is an animation of ${seen.frames} frames; only the first was used.`);
  }
  if (answer?.stall !== undefined) {
    const { start, slowest } = answer.stall;
    warn(
      "GENERATION_STALLED",
      `Generation fell from ${formatRate(start)} to ${formatRate(slowest)} tokens/s: other programs used the processor. ` +
        "Timings of this run are not comparable.",
    );
  }
  return warnings;
}

const loopTexts: Readonly<Record<Loop, string>> = {
  "empty-boxes": "the model wrote one box without area after the other",
  "repeated-boxes": "the model wrote boxes again that it had written before",
  "repeated-text": "the model wrote the same text again and again",
};

const loopAdvice =
  "What it would have listed afterwards is missing; a higher limit of tokens does not help. " +
  "Crop the screenshot to the part that matters, or choose another model.";
