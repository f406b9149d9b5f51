import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ModelEntry } from "../../../../app/contract/index.ts";
import { type FakeHost, startFakeHost, writeFakeGguf } from "../../../support/fake-engine.ts";
import { finishedJob } from "../../../support/finished-job.ts";
import { kv } from "../../../support/gguf/metadata.ts";
import { writeGguf } from "../../../support/gguf/writer.ts";
import { until } from "../../../support/patience.ts";

let fake: FakeHost;
let folder: string;
let modelsFolder: string;
beforeEach(async () => {
  fake = await startFakeHost();
  folder = path.join(fake.dataFolder, "..", "elsewhere");
  modelsFolder = path.join(fake.dataFolder, "models");
  await mkdir(folder);
});
afterEach(() => fake.dispose());

const gguf = (name: string, salt = name) => writeFakeGguf(path.join(folder, name), 8, salt);
const importPair = async (modelPath: string, more: { name?: string } = {}): Promise<ModelEntry> => {
  const job = (await finishedJob(fake.host, fake.host.call("models.import", { modelPath, ...more }))).at(-1);
  if (job?.entry === undefined) throw new Error(job?.error?.message ?? "no entry");
  return job.entry;
};
const ids = async () => (await fake.host.call("models.list", {})).map(({ id }) => id);
const storage = () => fake.host.call("models.storage", {});
const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

describe("importing", () => {
  it("copies both files and leaves the originals", async () => {
    await gguf("mmproj-m.gguf");
    const original = await gguf("m-q4.gguf");
    const entry = await importPair(original, { name: "Mine" });
    expect(entry).toMatchObject({ id: "m-q4", name: "Mine" });
    expect(entry.modelPath).toBe(path.join(modelsFolder, "imported--m-q4", "m-q4.gguf"));
    expect(await readFile(entry.modelPath, "utf8")).toBe(await readFile(original, "utf8"));
    expect((await storage()).models.find(({ id }) => id === "m-q4")).toMatchObject({ managed: true });
  });

  it("copies all parts of a split model", async () => {
    await gguf("mmproj-m.gguf");
    const first = await gguf("m-Q8_0-00001-of-00002.gguf");
    await gguf("m-Q8_0-00002-of-00002.gguf");
    await gguf("m-Q8_0-00001-of-00003.gguf");
    const { modelPath } = await importPair(first);
    expect((await readdir(path.dirname(modelPath))).sort()).toEqual([
      "m-Q8_0-00001-of-00002.gguf",
      "m-Q8_0-00002-of-00002.gguf",
      "mmproj-m.gguf",
    ]);
  });

  it("replaces nothing, and says what is wrong", async () => {
    await gguf("mmproj-m.gguf");
    const original = await gguf("m.gguf");
    const { modelPath } = await importPair(original);
    await writeFile(original, JSON.stringify({ width: 8, salt: "new" }));
    await expect(importPair(original)).rejects.toThrow("exists already");
    expect(await readFile(modelPath, "utf8")).not.toContain("new");
    await expect(importPair(path.join(folder, "none.gguf"))).rejects.toThrow('no file "none.gguf"');
  });
});

describe("removing", () => {
  it("with its files frees the disk, and can be undone", async () => {
    await gguf("mmproj-m.gguf");
    const entry = await importPair(await gguf("m.gguf"));
    const { usedBytes } = await storage();
    expect(usedBytes).toBeGreaterThan(0);
    const removed = await fake.host.call("models.remove", { id: "m", deleteFiles: true });
    expect(removed).toEqual({ removed: true, freedBytes: usedBytes });
    expect(await ids()).toEqual(["nano"]);
    expect(await isThere(entry.modelPath)).toBe(false);
    expect((await storage()).usedBytes).toBe(0);
    expect(await fake.host.call("models.restore", { id: "m" })).toEqual(entry);
    expect(await ids()).toEqual(["nano", "m"]);
    expect(await isThere(entry.modelPath)).toBe(true);
    await expect(fake.host.call("models.restore", { id: "m" })).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
  });

  it("becomes final when the host closes", async () => {
    await gguf("mmproj-m.gguf");
    await importPair(await gguf("m.gguf"));
    await fake.host.call("models.remove", { id: "m", deleteFiles: true });
    expect(await readdir(path.join(modelsFolder, ".trash"))).toHaveLength(2);
    await fake.host.close();
    expect(await readdir(path.join(modelsFolder, ".trash"))).toEqual([]);
  });

  it("never deletes files outside the models folder, not even through a link in it", async () => {
    const mmprojPath = await gguf("mmproj-m.gguf");
    const modelPath = await gguf("m.gguf");
    await fake.host.call("models.add", { modelPath, mmprojPath });
    await mkdir(modelsFolder, { recursive: true });
    const link = path.join(modelsFolder, "linked.gguf");
    if (process.platform !== "win32") {
      await symlink(modelPath, link);
      await fake.host.call("models.add", { modelPath: link, mmprojPath });
      const removed = await fake.host.call("models.remove", { id: "linked", deleteFiles: true });
      expect(removed).toEqual({ removed: true, freedBytes: 0 });
    }
    expect(await fake.host.call("models.remove", { id: "m", deleteFiles: true })).toEqual({
      removed: true,
      freedBytes: 0,
    });
    expect([await isThere(modelPath), await isThere(mmprojPath)]).toEqual([true, true]);
    await fake.host.call("models.restore", { id: "m" });
    expect(await ids()).toContain("m");
  });

  it("keeps what another model uses too, and the files unless asked for", async () => {
    await gguf("mmproj-m.gguf");
    const { mmprojPath, modelPath } = await importPair(await gguf("m.gguf"));
    await fake.host.call("models.add", { modelPath: await gguf("other.gguf"), mmprojPath });
    expect(await fake.host.call("models.remove", { id: "m" })).toEqual({ removed: true, freedBytes: 0 });
    expect(await isThere(modelPath)).toBe(true);
    await fake.host.call("models.restore", { id: "m" });
    await fake.host.call("models.remove", { id: "m", deleteFiles: true });
    expect([await isThere(modelPath), await isThere(mmprojPath)]).toEqual([false, true]);
    expect(await fake.host.call("models.remove", { id: "none", deleteFiles: true })).toEqual({
      removed: false,
      freedBytes: 0,
    });
  });
});

describe("storage", () => {
  it("says which files are gone", async () => {
    await gguf("mmproj-m.gguf");
    const entry = await importPair(await gguf("m.gguf"));
    await rm(entry.modelPath);
    const { models, folder: shown, freeBytes } = await storage();
    expect(models.find(({ id }) => id === "m")).toMatchObject({ missing: true, managed: false });
    expect(models.find(({ id }) => id === "nano")).toMatchObject({ missing: false, managed: false });
    expect(shown).toBe(modelsFolder);
    expect(freeBytes).toBeGreaterThan(0);
  });

  it("removes what a killed process has left in the models folder", async () => {
    const home = path.join(modelsFolder, "converted--x");
    await mkdir(home, { recursive: true });
    // Beyond every system's highest process id.
    const stale = path.join(home, `x.gguf.holoscope-${2 ** 30}-0123456789ab.partial`);
    await writeFile(stale, "half");
    await fake.again();
    await until(async () => !(await isThere(stale)));
  });
});

describe("converting through the host", () => {
  const bf16 = { name: "a", type: "bf16" as const, shape: [3], values: () => Float32Array.from([1, 1e30, 1e-30]) };

  it("reports what did not fit f16, as a note and by tensor", async () => {
    const [input, output] = [path.join(folder, "x-bf16.gguf"), path.join(folder, "x-f16.gguf")];
    await writeGguf(input, { metadata: { "general.architecture": kv.string("clip") }, tensors: [bf16] });
    const seen = await finishedJob(fake.host, fake.host.call("models.convert", { input, output, to: "f16" }));
    expect(seen.at(-1)).toMatchObject({
      state: "done",
      kind: "convert",
      notes: [expect.stringContaining("1 values in 1 tensors")],
      conversion: { overflows: [{ tensor: "a", values: 1 }], vanishedValues: 1, convertedValues: 3, keptTensors: 0 },
    });
    expect(await isThere(output)).toBe(true);
    const again = await finishedJob(fake.host, fake.host.call("models.convert", { input, output, to: "f16" }));
    expect(again.at(-1)).toMatchObject({ state: "failed", error: { code: "FILE_EXISTS" } });
    expect((await fake.host.call("models.jobs", {})).map(({ state }) => state)).toEqual(["done", "failed"]);
  });

  it("of an unknown model is refused at once", async () => {
    const repair = fake.host.call("models.repair", { id: "none", file: "mmproj" });
    await expect(repair).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
  });
});
