import type { NativeLibrary } from "../../../native/index.ts";
import type { DetectSettings, EngineResult } from "../../contract/index.ts";
import { smartResize } from "../geometry.ts";
import type { RgbImage } from "../image/decode.ts";
import type { LoadedPair } from "../models.ts";
import { planThreads } from "../plan.ts";
import { warningsFor } from "../warnings.ts";
import { byConfidence, type Focus } from "./focus.ts";

/** What a detection would have been given. */
interface Unasked {
  readonly image: RgbImage;
  readonly frames: number;
  readonly prompt: string;
}

/**
 * The result of a run in which nothing was detected, because no pixel differs from the earlier run's: its elements, no
 * tokens, no answer. `input` is the size that the image would have been given to the model in.
 */
export function unchangedResult(
  library: NativeLibrary,
  pair: LoadedPair,
  settings: DetectSettings,
  focus: Focus,
  { image, frames, prompt }: Unasked,
): Omit<EngineResult, "stages" | "totalMs" | "memory"> {
  const { sizing } = pair.traits;
  const maxTokens = Math.max(sizing.minTokens, Math.min(sizing.maxTokens, settings.maxImageTokens));
  const merged = byConfidence(focus.merge([]), settings);
  return {
    ...merged,
    tokens: { image: 0, text: 0, generated: 0 },
    input: smartResize(image, { ...sizing, maxTokens }),
    prompt,
    rawOutput: "",
    warnings: warningsFor({
      traits: pair.traits,
      mode: "detect",
      settings,
      frames,
      // No image was given to the model, so there is nothing to say about too few of its tokens.
      imageTokens: Number.POSITIVE_INFINITY,
      raisedContext: undefined,
      truncated: false,
      limitReached: false,
      dropped: 0,
      belowThreshold: merged.belowThreshold.length,
      stall: undefined,
    }),
    effective: {
      contextTokens: pair.context?.contextTokens ?? 0,
      batchTokens: pair.context?.batchTokens ?? 0,
      ...planThreads(settings, library.systemInfo().physicalCores, pair.info.parameters),
    },
    model: pair.info,
    ...(focus.report === undefined ? {} : { focus: focus.report }),
  };
}
