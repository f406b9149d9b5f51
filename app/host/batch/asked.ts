import { createHash } from "node:crypto";
import { type DetectRequestInput, detectSettingsSchema, resolveSettings, type Settings } from "../../contract/index.ts";

/**
 * SHA-256 of what is asked about every image of a batch: mode, target, model and settings in force. Where it is asked is no
 * part of it, so a batch goes on with other engines. The model is that of this machine; which one a server runs is the
 * user's affair.
 */
export function askedHash(request: Omit<DetectRequestInput, "imageId">, settings: Settings): string {
  const { mode = "detect", target, modelId = settings.modelId, profile = settings.profile, overrides } = request;
  const inForce = detectSettingsSchema.parse(resolveSettings(profile, { ...settings.overrides, ...overrides }));
  const parts = { mode, target: target ?? null, modelId, settings: inForce };
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
