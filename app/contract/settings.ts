import { z } from "zod";
import { backendChoiceSchema, modeSchema } from "./model.ts";
import { detectOverridesSchema, profileNameSchema } from "./profile.ts";

export const bundledModelId = "nano";

/** The user's settings, with a default and one line for every field. */
export const settingsSchema = z.object({
  version: z.literal(1).default(1),
  modelId: z.string().default(bundledModelId).describe("Model used when a request names none"),
  backend: backendChoiceSchema.default("auto").describe("Where the model runs; auto takes the best that works"),
  profile: profileNameSchema.default("balanced").describe("Speed against quality"),
  mode: modeSchema.default("detect").describe("Find every element, or locate one target"),
  overrides: detectOverridesSchema.default({}).describe("Single profile fields that the user changed"),
  resultCache: z
    .boolean()
    .default(true)
    .describe("Answer requests that allow it with the stored run of the very same detection"),
  theme: z.enum(["system", "light", "dark"]).default("system").describe("Appearance of the window"),
  machineName: z
    .string()
    .max(80)
    .default("")
    .describe("Name of this machine in run records; empty = made from the CPU"),
  recentImages: z.array(z.string()).max(20).default([]).describe("Ids of images opened last, newest first"),
});
export type Settings = z.infer<typeof settingsSchema>;

const fields = settingsSchema.shape;
/**
 * Only the fields to change. Made of the schemas below the defaults: zod 4 fills in the defaults of optional fields
 * too, so that a patch of one field would reset all others.
 */
export const settingsPatchSchema = z
  .object({
    modelId: fields.modelId.unwrap(),
    backend: fields.backend.unwrap(),
    profile: fields.profile.unwrap(),
    mode: fields.mode.unwrap(),
    overrides: fields.overrides.unwrap(),
    resultCache: fields.resultCache.unwrap(),
    theme: fields.theme.unwrap(),
    machineName: fields.machineName.unwrap(),
    recentImages: fields.recentImages.unwrap(),
  } satisfies Record<Exclude<keyof Settings, "version">, z.ZodType>)
  .partial();
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;
