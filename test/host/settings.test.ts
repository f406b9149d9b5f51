import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  readSettings,
  type Settings,
  settingsMigrations,
  settingsPatchSchema,
  settingsSchema,
} from "../../app/contract/index.ts";
import { writeFileAtomic } from "../../app/host/disk/atomic.ts";
import { type FakeHost, startFakeHost } from "../support/fake-engine.ts";

let fake: FakeHost;
beforeEach(async () => {
  fake = await startFakeHost();
});
afterEach(() => fake.dispose());

const file = () => path.join(fake.dataFolder, "settings.json");
const get = () => fake.host.call("settings.get", {});

it("a patch holds the given fields only, never the defaults of the others", () => {
  expect(settingsPatchSchema.parse({ theme: "dark" })).toEqual({ theme: "dark" });
  const patchable = Object.keys(settingsPatchSchema.shape).sort();
  expect([...patchable, "version"].sort()).toEqual(Object.keys(settingsSchema.shape).sort());
});

describe("settings", () => {
  it("begin with the defaults and keep what was changed", async () => {
    expect(await get()).toEqual(settingsSchema.parse({}));
    await fake.host.call("settings.update", { profile: "quality", machineName: "Desk" });
    const updated = await fake.host.call("settings.update", { theme: "dark" });
    expect(updated).toMatchObject({ profile: "quality", machineName: "Desk", theme: "dark", backend: "auto" });
    expect(fake.seen("settings.changed").at(-1)).toEqual(updated);
    expect(await (await fake.again()).call("settings.get", {})).toEqual(updated);
  });

  it("survive many updates at once", async () => {
    const patches = [{ theme: "dark" }, { profile: "speed" }, { machineName: "M" }, { mode: "locate" }] as const;
    await Promise.all(patches.map((patch) => fake.host.call("settings.update", patch)));
    const expected: Partial<Settings> = Object.assign({}, ...patches);
    expect(await get()).toMatchObject(expected);
    expect(JSON.parse(await readFile(file(), "utf8"))).toMatchObject(expected);
  });

  it("refuse what is not valid and stay as they are", async () => {
    const wrong = { profile: "ludicrous" } as unknown as { profile: "speed" };
    await expect(fake.host.call("settings.update", wrong)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    expect((await get()).profile).toBe("balanced");
  });

  it.each([
    ["cut", '{"version":1,"theme":'],
    ["not an object", "[]"],
    ["wrong", '{"theme":"purple"}'],
  ])("that are %s in the file are kept aside, and the defaults apply", async (_name, text) => {
    await mkdir(fake.dataFolder, { recursive: true });
    await writeFile(file(), text);
    const after = await fake.again();
    expect(await after.call("settings.get", {})).toEqual(settingsSchema.parse({}));
    const [aside] = (await readdir(fake.dataFolder)).filter((name) => /^settings\.broken-.*\.json$/.test(name));
    expect(await readFile(path.join(fake.dataFolder, aside ?? ""), "utf8")).toBe(text);
    await after.call("settings.update", { theme: "light" });
    expect(JSON.parse(await readFile(file(), "utf8"))).toMatchObject({ theme: "light" });
  });

  it("lose a field that is not valid, keep the others, and say so in log and window", async () => {
    const stored = {
      version: 1,
      profile: "speed",
      theme: "purple",
      overrides: { maxImageTokens: 400, threads: "many", gone: 1 },
      machineName: "Desk",
    };
    await writeFile(file(), JSON.stringify(stored));
    const after = await fake.again();
    expect(await after.call("settings.get", {})).toEqual(
      settingsSchema.parse({ profile: "speed", overrides: { maxImageTokens: 400 }, machineName: "Desk" }),
    );
    const [problem, ...others] = (await after.call("app.info", {})).problems;
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "SETTINGS_INVALID" });
    expect(problem?.message).toMatch(/theme is not valid: .* overrides\.threads is not valid: /);
    const [aside = ""] = (await readdir(fake.dataFolder)).filter((name) => /^settings\.broken-.*\.json$/.test(name));
    expect(problem?.hint).toContain(aside);
    expect(JSON.parse(await readFile(path.join(fake.dataFolder, aside), "utf8"))).toEqual(stored);
    expect((await after.call("app.diagnostics", {})).text).toMatch(/WARN settings\.json: theme is not valid/);
    // What is left is written, so that the next start has nothing to complain of.
    expect((await (await fake.again()).call("app.info", {})).problems).toEqual([]);
    expect(await readdir(fake.dataFolder)).toContain(aside);
  });

  it("that cannot be saved do not change", async () => {
    const full = await startFakeHost({
      writeFile: async (target, data, what) => {
        if (path.basename(target) !== "settings.json") return writeFileAtomic(target, data, what);
        const { storageError } = await import("../../app/host/disk/storage-error.ts");
        throw storageError(Object.assign(new Error("full"), { code: "ENOSPC" }), `save ${what}`);
      },
    });
    await expect(full.host.call("settings.update", { theme: "dark" })).rejects.toMatchObject({ code: "DISK_FULL" });
    expect((await full.host.call("settings.get", {})).theme).toBe("system");
    expect(full.seen("settings.changed")).toEqual([]);
    await full.addImage();
    await full.dispose();
  });
});

describe("settings of other versions", () => {
  it("are read without one, as files of the first days are", () => {
    const { settings, problems } = readSettings({ theme: "dark", overrides: { focus: true } });
    expect(settings).toEqual(settingsSchema.parse({ theme: "dark", overrides: { focus: true } }));
    expect(problems).toEqual([]);
    expect(settings.version).toBe(settingsMigrations.length);
  });

  it("pass through every migration from their own to the present one", () => {
    const migrations = [
      ({ look, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, appearance: look }),
      ({ appearance, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, theme: appearance }),
    ];
    const read = (stored: object) => readSettings(stored, migrations);
    expect(read({ look: "dark" })).toMatchObject({ settings: { theme: "dark" }, problems: [] });
    expect(read({ version: 1, appearance: "dark" })).toMatchObject({ settings: { theme: "dark" }, problems: [] });
    expect(read({ version: 2, theme: "dark" })).toMatchObject({ settings: { theme: "dark" }, problems: [] });
    expect(read({ version: 2, look: "dark" }).settings.theme).toBe("system");
  });

  it("of the future give what is readable, with a warning; the file as it was is kept", async () => {
    const text = JSON.stringify({ version: 7, theme: "dark", overrides: [], hologram: true });
    await writeFile(file(), text);
    const after = await fake.again();
    expect(await after.call("settings.get", {})).toEqual(settingsSchema.parse({ theme: "dark" }));
    const [problem] = (await after.call("app.info", {})).problems;
    expect(problem?.message).toMatch(/version 7, which a newer Holoscope wrote.*overrides is not an object/);
    const [aside = ""] = (await readdir(fake.dataFolder)).filter((name) => name.startsWith("settings.broken-"));
    expect(await readFile(path.join(fake.dataFolder, aside), "utf8")).toBe(text);
  });

  it.each([["1"], [-1], [{}]])("that are no version (%j) cost nothing else", (version) => {
    const { settings, problems } = readSettings({ version, theme: "dark" });
    expect(settings).toEqual(settingsSchema.parse({ theme: "dark" }));
    expect(problems).toEqual(["version is not a version."]);
  });
});

it("a removed model is no longer the chosen one", async () => {
  const folder = path.join(fake.dataFolder, "m");
  await mkdir(folder);
  await writeFile(path.join(folder, "big.gguf"), '{"width":8}');
  await writeFile(path.join(folder, "big-mmproj.gguf"), '{"width":8}');
  const { id } = await fake.host.call("models.add", { modelPath: path.join(folder, "big.gguf") });
  await fake.host.call("settings.update", { modelId: id });
  await fake.host.call("models.remove", { id });
  expect((await get()).modelId).toBe("nano");
});
