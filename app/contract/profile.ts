import { z } from "zod";
import { defined } from "./defined.ts";
import type { MinConfidences } from "./model.ts";
import { type ByProfile, type ProfileName, shapeOf, shapeWithDefaultsOf } from "./setting.ts";
import { detectionSettings } from "./setting-fields.ts";

const fields = shapeOf(detectionSettings);
const { maxImageTokens, maxNewTokens, maxDetections, minConfidence } = fields;
const { contextTokens, batchTokens, gpuLayers, flashAttention, threads, generateThreads } = fields;

/** Every detection setting. Runs of earlier versions lack those that came later: their defaults then stand. */
export const detectSettingsSchema = z.object({
  ...shapeWithDefaultsOf(detectionSettings),
  ...{ maxImageTokens, maxNewTokens, maxDetections, minConfidence },
  ...{ contextTokens, batchTokens, gpuLayers, flashAttention, threads, generateThreads },
});
export type DetectSettings = z.infer<typeof detectSettingsSchema>;

export const detectOverridesSchema = z.object(fields).partial();
export type DetectOverrides = z.infer<typeof detectOverridesSchema>;

function defaultsOf(profile: ProfileName): DetectSettings {
  const values = Object.entries(detectionSettings).map(([name, { defaults }]) => [name, defaults[profile]]);
  return detectSettingsSchema.parse(Object.fromEntries(values));
}

/**
 * Limits of the answer are wide, so that a full screen is listed whole; speed comes from fewer image tokens.
 * The original service's narrower limits hold for its clients only (see parse-service.ts).
 */
export const profiles: ByProfile<DetectSettings> = {
  speed: defaultsOf("speed"),
  balanced: defaultsOf("balanced"),
  quality: defaultsOf("quality"),
};

/**
 * A profile with overrides laid over it; undefined fields keep the profile's value.
 * @param model what the model's own file says: goes before the profile, not before the overrides.
 */
export function resolveSettings(
  profile: ProfileName,
  overrides: DetectOverrides = {},
  model: { readonly minConfidence?: MinConfidences | undefined } = {},
): DetectSettings {
  const own = defined({ minConfidence: model.minConfidence?.[profile] });
  return detectSettingsSchema.parse({ ...profiles[profile], ...own, ...defined(overrides) });
}
