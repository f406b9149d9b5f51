import { z } from "zod";
import {
  type BackendStatus,
  detectionSettings,
  generalSettings,
  type ModelEntry,
  resolveSettings,
  type Setting,
  type Settings,
  type SettingsPatch,
  type SettingTable,
  settingGroups,
  settingsPatchSchema,
  settingsSchema,
} from "../../../app/contract/index.ts";
import { shownValue } from "../../../app/presentation/settings.ts";
import { modeChoices } from "../modes.ts";

/** A setting as it stands. */
export interface SettingRow {
  /** As in settings.json. */
  readonly name: string;
  readonly setting: Setting;
  /** The value in force. */
  readonly value: unknown;
  /** The value without the user's change: the default, or what the profile or the model's own file says. */
  readonly initial: unknown;
  readonly changed: boolean;
  /** Whether it overrides the profile; others are settings of their own. */
  readonly ofProfile: boolean;
}

function rowsOf(table: SettingTable, values: object, initials: object, ofProfile: boolean): SettingRow[] {
  return Object.entries(table).map(([name, setting]) => {
    const value: unknown = Reflect.get(values, name);
    const initial: unknown = Reflect.get(initials, name);
    return { name, setting, value, initial, changed: value !== initial, ofProfile };
  });
}

/** Every setting, in the order of the groups. */
export function settingRows(settings: Settings, model: ModelEntry | undefined): readonly SettingRow[] {
  const { profile, overrides } = settings;
  const rows = [
    ...rowsOf(generalSettings, settings, settingsSchema.parse({}), false),
    ...rowsOf(detectionSettings, resolveSettings(profile, overrides, model), resolveSettings(profile, {}, model), true),
  ];
  return settingGroups.flatMap((group) => rows.filter((row) => row.setting.group === group));
}

/** The detection settings in which the user differs from the profile. */
export function overridesInForce(settings: Settings, model: ModelEntry | undefined): readonly SettingRow[] {
  return settingRows(settings, model).filter(({ ofProfile, changed }) => ofProfile && changed);
}

/**
 * The patch that gives settings new values, or their defaults where the value is undefined. A detection setting that
 * has the profile's value is no override, so that it follows a change of the profile.
 */
export function settingsChange(
  settings: Settings,
  model: ModelEntry | undefined,
  changes: Readonly<Record<string, unknown>>,
): SettingsPatch {
  const rows = settingRows(settings, model)
    .filter(({ name }) => name in changes)
    .map((row) => ({ ...row, next: changes[row.name] ?? row.initial }));
  const fieldsOf = (some: typeof rows) => Object.fromEntries(some.map(({ name, next }) => [name, next]));
  const ofProfile = rows.filter((row) => row.ofProfile);
  const kept = Object.entries(settings.overrides).filter(([name]) => !(name in changes));
  const overrides = {
    ...Object.fromEntries(kept),
    ...fieldsOf(ofProfile.filter(({ next, initial }) => next !== initial)),
  };
  return settingsPatchSchema.parse({
    ...fieldsOf(rows.filter((row) => !row.ofProfile)),
    ...(ofProfile.length > 0 && { overrides }),
  });
}

export interface SettingsFilter {
  /** Words that title, name, group or description must contain. */
  readonly text: string;
  readonly changedOnly: boolean;
}

export function filterRows(rows: readonly SettingRow[], { text, changedOnly }: SettingsFilter): readonly SettingRow[] {
  return rows.filter(
    ({ name, changed, setting: { title, group, about } }) =>
      (changed || !changedOnly) && hasWords(text, `${title} ${name} ${group} ${about}`),
  );
}

/** The group below whose settings stands what they have kept, and its other words that a search should find it by. */
export const keptGroup = "What is kept" satisfies Setting["group"];
const keptWords = `${keptGroup} on this computer: storage, disk space, size, screenshots, images, runs, truth, trash; tidy, delete, remove, erase, clear all, privacy`;

/** Whether the figures of what is kept stand below the settings that pass the filter. */
export function showsKept(shown: readonly SettingRow[], { text, changedOnly }: SettingsFilter): boolean {
  return shown.some(({ setting }) => setting.group === keptGroup) || (!changedOnly && hasWords(text, keptWords));
}

/** Whether every word of a query occurs in a text. */
function hasWords(query: string, text: string): boolean {
  const searched = text.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => searched.includes(word));
}

/** One line on a value in force: "Image tokens: 640, in place of 1,280". */
export function rowText({ setting, value, initial, changed }: SettingRow): string {
  const instead = changed ? `, in place of ${shownValue(setting, initial)}` : "";
  return `${setting.title}: ${shownValue(setting, value)}${instead}`;
}

/** What the profile means now: the limits of the answer, and whatever overrides it. */
export function profileText(settings: Settings, model: ModelEntry | undefined): string {
  return settingRows(settings, model)
    .filter(({ ofProfile, changed, setting }) => ofProfile && (changed || setting.group === "Answer"))
    .map(rowText)
    .join("\n");
}

/** What a choice depends on beside its declaration. */
export interface Choices {
  readonly models: readonly ModelEntry[];
  readonly backends: readonly BackendStatus[];
  /** The chosen one, if it is known. */
  readonly model: ModelEntry | undefined;
}

export interface SettingOption {
  readonly value: string;
  readonly text: string;
  readonly disabled?: boolean;
}

/** The values to choose from; undefined for a setting that is entered. */
export function settingOptions(
  { name, setting, value }: SettingRow,
  { models, backends, model }: Choices,
): readonly SettingOption[] | undefined {
  if (name === "modelId") {
    const known = models.map((each) => ({ value: each.id, text: each.name }));
    // A model that was removed stays visible as the present choice, or another one would seem to be chosen.
    const missing = { value: String(value), text: `${value} (missing)`, disabled: true };
    return model === undefined ? [missing, ...known] : known;
  }
  if (!(setting.schema instanceof z.ZodEnum)) return undefined;
  const unavailable = (word: string): boolean => {
    if (name === "mode") return modeChoices(model).some(({ mode, enabled }) => mode === word && !enabled);
    return name === "backend" && backends.some(({ backend, available }) => backend === word && !available);
  };
  return setting.schema.options.map(String).map((word) => {
    const text = shownValue(setting, word);
    return unavailable(word) ? { value: word, text: `${text} (not available)`, disabled: true } : { value: word, text };
  });
}
