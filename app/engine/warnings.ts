import type { DetectSettings, Mode, Warning } from "../contract/index.ts";
import type { ModelTraits } from "./families/index.ts";

/** What happened in a detection, as far as a warning can come of it. */
export interface DetectionFacts {
  readonly traits: ModelTraits;
  readonly mode: Mode;
  readonly settings: DetectSettings;
  readonly frames: number;
  readonly imageTokens: number;
  readonly raisedContext: number | undefined;
  readonly truncated: boolean;
  readonly limitReached: boolean;
  readonly dropped: number;
  readonly belowThreshold: number;
  readonly stall: { readonly start: number; readonly slowest: number } | undefined;
}

/** Everything a user should know about a result, in the order of its importance. */
export function warningsFor(facts: DetectionFacts): Warning[] {
  const { traits, mode, settings } = facts;
  const warnings: Warning[] = [];
  const warn = (when: boolean, code: Warning["code"], message: () => string): void => {
    if (when) warnings.push({ code, message: message() });
  };
  warn(
    traits.modes[mode] === "off-training",
    "OFF_TRAINING",
    () => traits.modeNotes[mode] ?? "The model was not trained for this mode; check its results.",
  );
  warn(
    facts.truncated,
    "ANSWER_TRUNCATED",
    () => `The answer was cut off after ${settings.maxNewTokens} tokens. Raise maxNewTokens to see the rest.`,
  );
  warn(
    facts.limitReached && mode === "detect",
    "MAX_DETECTIONS",
    () => `The list was ended at ${settings.maxDetections} elements. Raise maxDetections to see more.`,
  );
  warn(
    facts.belowThreshold > 0,
    "BELOW_MIN_CONFIDENCE",
    () =>
      `${count(facts.belowThreshold, "element")} below the minimum confidence of ${settings.minConfidence} kept apart.`,
  );
  warn(
    facts.dropped > 0,
    "BOX_DROPPED",
    () => `${count(facts.dropped, "box", "boxes")} without an area inside the image left out.`,
  );
  warn(
    facts.imageTokens < (traits.wantedImageTokens ?? 0),
    "FEW_IMAGE_TOKENS",
    () =>
      `The image was given as ${facts.imageTokens} tokens; this model places boxes well from about ` +
      `${traits.wantedImageTokens} on. Raise maxImageTokens, or use a larger screenshot.`,
  );
  warn(
    facts.raisedContext !== undefined,
    "CONTEXT_RAISED",
    () =>
      `The context was raised from ${settings.contextTokens} to ${facts.raisedContext} tokens to hold the whole answer.`,
  );
  warn(
    facts.frames > 1,
    "ANIMATED_FIRST_FRAME",
    () => `The image is an animation of ${facts.frames} frames; only the first was used.`,
  );
  const { stall } = facts;
  if (stall !== undefined) {
    warnings.push({
      code: "GENERATION_STALLED",
      message:
        `Generation fell from ${stall.start.toFixed(0)} to ${stall.slowest.toFixed(1)} tokens/s: ` +
        "other programs used the processor. Timings of this run are not comparable.",
    });
  }
  return warnings;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
