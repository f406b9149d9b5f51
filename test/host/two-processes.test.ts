import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeHost, startFakeHost, writeFakeGguf } from "../support/fake-engine.ts";
import { type OtherProcess, startOtherProcess } from "../support/other-process.ts";
import { until } from "../support/patience.ts";

/** Two Holoscopes on one data folder, such as a window and a server: neither loses what the other has stored. */
let fake: FakeHost;
let other: OtherProcess;
let folder: string;
beforeEach(async () => {
  fake = await startFakeHost();
  other = await startOtherProcess(fake);
  folder = path.join(fake.dataFolder, "..", "user models");
  await mkdir(folder);
});
afterEach(async () => {
  await other.kill();
  await fake.dispose();
});

const stored = async (name: string) => JSON.parse(await readFile(path.join(fake.dataFolder, name), "utf8"));
const model = async (name: string) => {
  const modelPath = await writeFakeGguf(path.join(folder, name, `${name}.gguf`), 8);
  const mmprojPath = await writeFakeGguf(path.join(folder, name, "mmproj.gguf"), 8);
  return { modelPath, mmprojPath };
};
const ids = async () => (await fake.host.call("models.list", {})).map(({ id }) => id).sort();

describe("models", () => {
  it("that both add at once are all in the list of both", async () => {
    const names = Array.from({ length: 6 }, (_, index) => [`mine-${index}`, `theirs-${index}`]).flat();
    const pairs = await Promise.all(names.map(model));
    await Promise.all(
      pairs.map((pair, index) =>
        index % 2 === 0 ? fake.host.call("models.add", pair) : other.call("models.add", pair),
      ),
    );
    expect(await ids()).toEqual(["nano", ...names].sort());
    expect((await stored("models.json")).models).toHaveLength(names.length);
    expect(await other.call("models.list", {})).toHaveLength(names.length + 1);
  });

  it("with the same file name get ids of their own", async () => {
    const [first, second] = [await model("a/same"), await model("b/same")];
    await Promise.all([fake.host.call("models.add", first), other.call("models.add", second)]);
    expect(await ids()).toEqual(["nano", "same", "same-2"]);
  });

  it("that the other adds or removes are told to the window, and can be used at once", async () => {
    await other.call("models.add", await model("theirs"));
    expect((await fake.host.call("models.info", { id: "theirs" })).entry.id).toBe("theirs");
    await until(
      () =>
        fake
          .seen("models.changed")
          .at(-1)
          ?.some(({ id }) => id === "theirs") === true,
    );
    await other.call("models.remove", { id: "theirs" });
    expect(await ids()).toEqual(["nano"]);
    await until(
      () =>
        fake
          .seen("models.changed")
          .at(-1)
          ?.some(({ id }) => id === "theirs") === false,
    );
  });
});

describe("settings", () => {
  it("that both change at once all stay", async () => {
    await Promise.all([
      fake.host.call("settings.update", { theme: "dark" }),
      other.call("settings.update", { profile: "speed" }),
      fake.host.call("settings.update", { machineName: "Desk" }),
      other.call("settings.update", { mode: "locate" }),
    ]);
    const expected = { theme: "dark", profile: "speed", machineName: "Desk", mode: "locate" };
    expect(await stored("settings.json")).toMatchObject(expected);
    expect(await fake.host.call("settings.get", {})).toMatchObject(expected);
    expect(await other.call("settings.get", {})).toMatchObject(expected);
  });

  it("that the other changes are told to the window", async () => {
    await other.call("settings.update", { theme: "dark" });
    await until(() => fake.seen("settings.changed").at(-1)?.theme === "dark");
  });
});

describe("a lock", () => {
  it("that a killed process has left does not last", async () => {
    await other.call("hold", "settings.json");
    await other.kill();
    expect(await fake.host.call("settings.update", { theme: "dark" })).toMatchObject({ theme: "dark" });
  });

  it("that is old counts no longer", async () => {
    const lock = path.join(fake.dataFolder, "models.json.lock");
    await mkdir(lock);
    await utimes(lock, new Date(0), new Date(0));
    await fake.host.call("models.add", await model("after"));
    expect(await ids()).toEqual(["after", "nano"]);
  });
});

describe("a file that another process has damaged meanwhile", () => {
  it("is kept aside before the next change, which builds on what was known", async () => {
    await fake.host.call("models.add", await model("known"));
    const text = '{"version":9,"models":{}}';
    await writeFile(path.join(fake.dataFolder, "models.json"), text);
    expect(await ids()).toEqual(["known", "nano"]);
    await fake.host.call("models.add", await model("next"));
    expect(await ids()).toEqual(["known", "next", "nano"].sort());
    const [problem] = (await fake.host.call("app.info", {})).problems;
    const [, copy = ""] = /kept as (\S+\.json)\./.exec(problem?.hint ?? "") ?? [];
    expect(await readFile(path.join(fake.dataFolder, copy), "utf8")).toBe(text);
  });
});
