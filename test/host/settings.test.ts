import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Settings, settingsPatchSchema, settingsSchema } from "../../app/contract/index.ts";
import { writeFileAtomic } from "../../app/host/atomic-file.ts";
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

  it("that cannot be saved do not change", async () => {
    const full = await startFakeHost({
      writeFile: async (target, data, what) => {
        if (path.basename(target) !== "settings.json") return writeFileAtomic(target, data, what);
        const { storageError } = await import("../../app/host/storage-error.ts");
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
