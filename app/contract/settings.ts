import { z } from "zod";
import { engineIdSchema, localEngineId, maxEngines } from "./endpoint.ts";
import { detectOverridesSchema } from "./profile.ts";
import { shapeOf, shapeWithDefaultsOf } from "./setting.ts";
import { generalSettings } from "./setting-fields.ts";
import { shortText } from "./text.ts";

/** Ids of images opened last, newest first. */
const recentImagesSchema = z.array(shortText).max(20);

const enginesSchema = z.array(engineIdSchema).min(1).max(maxEngines);

/** settings.json: the general settings, the profile's fields that the user changed, and what the window remembers. */
export const settingsSchema = z.object({
  version: z.literal(1).default(1),
  ...shapeWithDefaultsOf(generalSettings),
  overrides: detectOverridesSchema.default({}),
  recentImages: recentImagesSchema.default([]),
  /** Engines that may detect, whichever is free first. */
  engines: enginesSchema.default([localEngineId]),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Only the fields to change. */
export const settingsPatchSchema = z
  .object({
    ...shapeOf(generalSettings),
    overrides: detectOverridesSchema,
    recentImages: recentImagesSchema,
    engines: enginesSchema,
  })
  .partial();
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

type Fields = Readonly<Record<string, unknown>>;
const fieldsSchema = z.record(z.string(), z.unknown());

/**
 * What turns settings of each version, from 0, into those of the next; the last version is that of `settingsSchema`.
 * Files of version 0 say none and have the fields of version 1.
 */
export const settingsMigrations: readonly ((stored: Fields) => Fields)[] = [(stored) => stored];

export interface ReadSettings {
  readonly settings: Settings;
  /** What could not be read, each in a sentence that names the field; its default stands in for it. */
  readonly problems: readonly string[];
}

/** Reads settings of any version, whatever their state: a field that cannot be used costs that field only. */
export function readSettings(value: unknown, migrations = settingsMigrations): ReadSettings {
  const problems: string[] = [];
  const fieldsOf = (name: string, given: unknown): Fields => {
    const fields = fieldsSchema.safeParse(given);
    if (!fields.success) problems.push(`${name} is not an object of settings.`);
    return fields.data ?? {};
  };
  const readable = (schema: z.ZodObject, given: Fields, path: string): Fields =>
    Object.fromEntries(
      Object.entries(schema.shape).flatMap(([name, field]) => {
        if (given[name] === undefined) return [];
        const parsed = z.safeParse(field, given[name]);
        if (parsed.success) return [[name, parsed.data]];
        problems.push(`${path}${name} is not valid: ${parsed.error.issues[0]?.message}.`);
        return [];
      }),
    );

  const stored = fieldsOf("The file", value);
  const version = z
    .int()
    .min(0)
    .safeParse(stored.version ?? 0);
  const from = version.data ?? migrations.length;
  if (!version.success) problems.push("version is not a version.");
  if (from > migrations.length) problems.push(`The file is of version ${from}, which a newer Holoscope wrote.`);
  const { overrides = {}, ...general } = migrations.slice(from).reduce((fields, migrate) => migrate(fields), stored);
  const settings = settingsSchema.parse({
    ...readable(settingsPatchSchema.omit({ overrides: true }), general, ""),
    overrides: readable(detectOverridesSchema, fieldsOf("overrides", overrides), "overrides."),
  });
  return { settings, problems };
}
