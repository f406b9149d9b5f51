import { z } from "zod";

/**
 * What this window remembers of itself between visits: layout and choices of viewing. What a detection does is the
 * host's (settings). Each field stands for itself: one that cannot be read takes its default, the others are kept.
 */
export const prefsSchema = z.object({
  /** Width of the results in CSS px; null lets it follow the window. */
  sideWidth: z.number().min(200).max(4000).nullable().catch(null).default(null),
  sideOpen: z.boolean().catch(true).default(true),
  /** Height of the timings in CSS px; null is as high as their content. */
  timingsHeight: z.number().min(60).max(4000).nullable().catch(null).default(null),
  timingsOpen: z.boolean().catch(true).default(true),
  /** The results' tab, by its value. */
  sideTab: z.string().max(40).catch("elements").default("elements"),
  boxesVisible: z.boolean().catch(true).default(true),
  /** What coordinates are shown and copied in; see app/presentation/units.ts. */
  unit: z.enum(["css", "image"]).catch("css").default("css"),
  /** "system" follows the system's wish for more contrast. */
  contrast: z.enum(["system", "more"]).catch("system").default("system"),
});
export type Prefs = z.infer<typeof prefsSchema>;

export const defaultPrefs: Prefs = prefsSchema.parse({});

export const prefsKey = "holoscope.prefs";

/** The part of `Storage` that is needed. */
export interface PrefsStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** Reads what was remembered; what is missing, broken or refused by the browser becomes the default. */
export function readPrefs(storage: PrefsStorage): Prefs {
  try {
    const parsed = prefsSchema.safeParse(JSON.parse(storage.getItem(prefsKey) ?? "{}"));
    return parsed.success ? parsed.data : defaultPrefs;
  } catch {
    return defaultPrefs;
  }
}

/** Remembers; where the storage is full or forbidden, the choices last as long as the window. */
export function writePrefs(storage: PrefsStorage, prefs: Prefs): void {
  try {
    storage.setItem(prefsKey, JSON.stringify(prefs));
  } catch {
    // Nothing that the user could do about it, and nothing else depends on it.
  }
}
