import { z } from "zod";

export const profileNames = ["speed", "balanced", "quality"] as const;
export const profileNameSchema = z.enum(profileNames);
export type ProfileName = z.infer<typeof profileNameSchema>;
export type ByProfile<T> = Readonly<Record<ProfileName, T>>;

/** Headings of the settings wherever they are listed, in their order. */
export const settingGroups = [
  "Detection",
  "Answer",
  "Memory and threads",
  "Speed-ups",
  "What is kept",
  "Window and machine",
] as const;

export interface SettingTexts {
  readonly title: string;
  readonly group: (typeof settingGroups)[number];
  /** One or two sentences. Help writes the first in lower case, and "do not" before that of an option "--no-...". */
  readonly about: string;
  readonly unit?: string;
  /** What single values are called, such as "automatic" for 0; of a choice all of them. */
  readonly words?: Readonly<Record<string, string>>;
  /** Option of `holoscope detect` that sets it, "--vit <path>", or turns it off, "--no-reuse". */
  readonly flag?: string;
}

/**
 * A setting, declared once (in setting-fields.ts): the schemas, the command line's help, README's table and the window's
 * Settings view are made of it.
 */
export interface Setting<S extends z.ZodType = z.ZodType> extends SettingTexts {
  /** The values that it takes, limits included; without a default. */
  readonly schema: S;
  /** The same for each profile, unless that is what the profiles differ in. */
  readonly defaults: ByProfile<z.output<S>>;
}

/** Settings by the name they have in settings.json. */
export type SettingTable = Readonly<Record<string, Setting>>;

/** @param initial one default, or one for each profile */
export function setting<S extends z.ZodType<string | number | boolean>>(
  schema: S,
  initial: z.output<S> | ByProfile<z.output<S>>,
  texts: SettingTexts,
): Setting<S> {
  const defaults = typeof initial === "object" ? initial : { speed: initial, balanced: initial, quality: initial };
  return { schema, defaults, ...texts };
}

/** The fields of an object schema without defaults: zod 4 fills defaults in for absent optional fields too. */
export function shapeOf<T extends SettingTable>(table: T): { [K in keyof T]: T[K]["schema"] } {
  return mapValues(table, ({ schema }) => schema) as ReturnType<typeof shapeOf<T>>;
}

/** As `shapeOf`, with the defaults that all profiles share. */
export function shapeWithDefaultsOf<T extends SettingTable>(
  table: T,
): { [K in keyof T]: z.ZodDefault<T[K]["schema"]> } {
  const shape = mapValues(table, ({ schema, defaults }) => schema.default(defaults.balanced));
  return shape as ReturnType<typeof shapeWithDefaultsOf<T>>;
}

/** How a value is entered. Throws for a schema that there is no way for. */
export function kindOf({ title, schema }: Setting): "flag" | "choice" | "number" | "text" {
  if (schema instanceof z.ZodBoolean) return "flag";
  if (schema instanceof z.ZodEnum) return "choice";
  if (schema instanceof z.ZodNumber) return "number";
  if (schema instanceof z.ZodString) return "text";
  throw new Error(`The setting ${title} needs a schema of a boolean, a choice, a number or a text.`);
}

/** The value that a text stands for, as it is written after `--set` or into a field; undefined if it is none. */
export function valueOfText<S extends z.ZodType>({ schema }: Setting<S>, text: string): z.output<S> | undefined {
  const typed = text === "true" || text === "false" ? text === "true" : Number(text.trim() || Number.NaN);
  return schema.safeParse(text).data ?? schema.safeParse(typed).data;
}

function mapValues<R>(table: SettingTable, change: (setting: Setting) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(table).map(([name, each]) => [name, change(each)]));
}
