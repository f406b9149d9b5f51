import { describe, expect, it } from "vitest";
import type { ModelEntry } from "../../app/contract/index.ts";
import {
  filterRows,
  overridesInForce,
  profileText,
  settingOptions,
  settingRows,
  settingsChange,
  showsKept,
} from "../../renderer/logic/settings/settings.ts";
import { createAppStore, patch } from "../../renderer/store/app-store.ts";
import { Commands } from "../../renderer/store/commands/index.ts";
import { FakeClient } from "./fake-client.ts";
import { modelEntry, settings } from "./records.ts";

const model: ModelEntry = {
  ...modelEntry("nano", { detect: "trained", locate: "unsupported" }),
  minConfidence: { speed: 0.6, balanced: 0.5, quality: 0.4 },
};
const row = (name: string, given = settings) => {
  const found = settingRows(given, model).find((each) => each.name === name);
  if (found === undefined) throw new Error(`no setting ${name}`);
  return found;
};

describe("settings as they stand", () => {
  it("have the profile's defaults, and before those what the model's own file says", () => {
    expect(row("maxImageTokens")).toMatchObject({ value: 1280, initial: 1280, changed: false });
    expect(row("maxImageTokens", { ...settings, profile: "speed" })).toMatchObject({ value: 640, initial: 640 });
    expect(row("minConfidence")).toMatchObject({ value: 0.5, initial: 0.5, changed: false });
    expect(settingRows(settings, model).filter(({ changed }) => changed)).toEqual([]);
  });

  it("tell which overrides are in force: those that differ from the profile", () => {
    const given = { ...settings, overrides: { maxImageTokens: 1280, focus: false, threads: 3 } };
    expect(overridesInForce(given, model).map(({ name }) => name)).toEqual(["threads"]);
    const speed = { ...given, profile: "speed" } as const;
    expect(overridesInForce(speed, model).map(({ name }) => name)).toEqual(["maxImageTokens", "threads"]);
    expect(profileText(speed, model).split("\n")).toEqual([
      "Image tokens: 1,280, in place of 640",
      "New tokens: 1,024",
      "Elements: 100",
      "Minimum confidence: 0.6",
      "Threads: 3, in place of 0 (all physical cores)",
    ]);
  });

  it("are found by any words of title, name, group and description, and by whether they are changed", () => {
    const rows = settingRows({ ...settings, theme: "dark" }, model);
    const found = (text: string, changedOnly = false) =>
      filterRows(rows, { text, changedOnly }).map(({ name }) => name);
    expect(found("")).toHaveLength(rows.length);
    expect(found("threads generation")).toEqual(["generateThreads"]);
    expect(found("MAXIMAGE")).toEqual(["maxImageTokens"]);
    expect(found("", true)).toEqual(["theme"]);
    expect(found("threads", true)).toEqual([]);
  });

  it("have below them what they have kept, which is found by its own words too", () => {
    const rows = settingRows(settings, model);
    const shows = (text: string, changedOnly = false) =>
      showsKept(filterRows(rows, { text, changedOnly }), { text, changedOnly });
    for (const text of ["", "keep for days", "Delete", "STORAGE", "disk size"]) expect(shows(text), text).toBe(true);
    for (const text of ["threads", "delete threads", "teleport"]) expect(shows(text), text).toBe(false);
    expect(shows("", true)).toBe(false);
    expect(shows("delete", true)).toBe(false);
    const changed = filterRows(settingRows({ ...settings, keepDays: 7 }, model), { text: "", changedOnly: true });
    expect(showsKept(changed, { text: "", changedOnly: true })).toBe(true);
  });

  it("offer what can be chosen here", () => {
    const choices = {
      models: [],
      backends: [{ backend: "metal", available: false, reason: "No Mac." }],
      model,
    } as const;
    const backends = settingOptions(row("backend"), choices);
    expect(backends?.find(({ value }) => value === "metal")).toEqual({
      value: "metal",
      text: "Metal (not available)",
      disabled: true,
    });
    expect(settingOptions(row("mode"), choices)?.find(({ value }) => value === "locate")?.disabled).toBe(true);
    const missing = { value: "nano", text: "nano (missing)", disabled: true };
    expect(settingOptions(row("modelId"), { ...choices, model: undefined })).toEqual([missing]);
    expect(settingOptions(row("threads"), choices)).toBeUndefined();
  });
});

describe("a change of settings", () => {
  it("keeps other overrides and drops those that say what the profile says", () => {
    const given = { ...settings, overrides: { focus: true, threads: 3 } };
    const change = (changes: Readonly<Record<string, unknown>>) => settingsChange(given, model, changes);
    expect(change({ prefetch: false })).toEqual({ overrides: { focus: true, threads: 3, prefetch: false } });
    expect(change({ focus: false })).toEqual({ overrides: { threads: 3 } });
    expect(change({ focus: undefined, theme: "dark" })).toEqual({ overrides: { threads: 3 }, theme: "dark" });
    expect(change({ theme: undefined })).toEqual({ theme: "system" });
    expect(() => change({ threads: -1 })).toThrow();
  });

  it("to the defaults can be taken back", async () => {
    const client = new FakeClient({ "settings.update": (change) => ({ ...now(), ...change }) as typeof settings });
    const store = createAppStore();
    const commands = new Commands(client, store);
    const now = () => store.getState().host.settings ?? settings;
    const before = { ...settings, theme: "dark", overrides: { threads: 3, focus: true } } as const;
    patch(store, "host", { settings: before, models: [model] });
    await commands.settings.reset(["theme", "threads"], "2 settings");
    expect(now()).toEqual({ ...settings, overrides: { focus: true } });
    expect(store.getState().toasts.list[0]?.text).toBe("Reset 2 settings");
    await commands.undo.undo();
    expect(now()).toEqual(before);
  });
});
