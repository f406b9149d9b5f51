import { access, mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { annotationLimits } from "../../../app/contract/index.ts";
import { Trash } from "../../../app/host/disk/trash.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";
import { until } from "../../support/patience.ts";
import { makeRun, makeRuns, writeRuns } from "../../support/run-fixtures.ts";

let fake: FakeHost;
beforeEach(async () => {
  fake = await startFakeHost();
});
afterEach(() => fake.dispose());

const runs = makeRuns(3);
const [first, second, third] = runs.map(({ id }) => id) as [string, string, string];
const unknown = "20200101-000000-00000000";
const listed = async () => (await fake.host.call("runs.list", {})).map(({ id }) => id);
const annotate = (change: { name?: string; tags?: string[]; note?: string }, runId = first) =>
  fake.host.call("runs.annotate", { runId, ...change });
const changes = () => fake.seen("runs.changed");
const exists = (file: string): Promise<boolean> =>
  access(path.join(fake.dataFolder, file)).then(
    () => true,
    () => false,
  );

describe("a finished run", () => {
  it("is told to every window as one that came into the library", async () => {
    const run = await fake.run("fine");
    const [summary] = await fake.host.call("runs.list", {});
    expect(changes()).toEqual([{ added: [summary], changed: [], removed: [] }]);
    expect(summary).toMatchObject({ id: run.id, target: "fine", tokens: { image: 1, text: 2, generated: 3 } });
  });

  it("remembers that it was a warm-up", async () => {
    const repeat = { group: "g", index: 0, of: 4, warmup: true };
    const { done } = await fake.host.detect({ imageId: await fake.addImage(), repeat });
    expect((await done).repeat).toEqual(repeat);
    expect(await fake.host.call("runs.list", {})).toMatchObject([{ repeat }]);
  });
});

describe("annotations", () => {
  beforeEach(() => writeRuns(fake.dataFolder, runs));

  it("are laid beside the record, which stays as it is, and survive a restart", async () => {
    const before = await fake.host.call("runs.get", { runId: first });
    const summary = await annotate({ name: "  Baseline ", tags: ["slow", "cpu", "slow"], note: "Fan was loud." });
    expect(summary).toMatchObject({ id: first, name: "Baseline", tags: ["slow", "cpu"], note: "Fan was loud." });
    expect(await fake.host.call("runs.get", { runId: first })).toEqual(before);
    const after = await fake.again();
    expect((await after.call("runs.list", {})).find(({ id }) => id === first)).toEqual(summary);
    const kept = { name: "Baseline", tags: ["slow", "cpu"], note: "Fan was loud." };
    expect(await after.call("runs.annotations", { runId: first })).toEqual(kept);
    expect(await after.call("runs.annotations", { runId: second })).toEqual({ tags: [] });
  });

  it("change field by field; an empty name or note goes away, and the file with the last of them", async () => {
    await annotate({ name: "A", tags: ["x"], note: "B" });
    expect(await annotate({ note: "C" })).toMatchObject({ name: "A", tags: ["x"], note: "C" });
    const bare = await annotate({ name: "", note: " ", tags: [] });
    expect(bare).toMatchObject({ tags: [] });
    expect(bare).not.toHaveProperty("name");
    expect(bare).not.toHaveProperty("note");
    expect(await exists(`annotations/${first}.json`)).toBe(false);
  });

  it("are told to every window", async () => {
    const summary = await annotate({ tags: ["x"] });
    expect(changes()).toEqual([{ added: [], changed: [summary], removed: [] }]);
  });

  it("made at the same time do not undo each other", async () => {
    await Promise.all([annotate({ name: "A" }), annotate({ note: "B" }), annotate({ tags: ["c"] })]);
    expect(await fake.host.call("runs.annotations", { runId: first })).toEqual({ name: "A", tags: ["c"], note: "B" });
  });

  it("have limits, and need a run", async () => {
    const { nameLength, noteLength, tagLength, tags } = annotationLimits;
    for (const wrong of [
      { name: "n".repeat(nameLength + 1) },
      { note: "n".repeat(noteLength + 1) },
      { tags: ["t".repeat(tagLength + 1)] },
      { tags: [""] },
      { tags: Array.from({ length: tags + 1 }, String) },
    ]) {
      await expect(annotate(wrong)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    }
    await expect(annotate({ name: "x" }, unknown)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    await expect(fake.host.call("runs.annotations", { runId: unknown })).rejects.toMatchObject({
      code: "RUN_NOT_FOUND",
    });
    expect(await exists("annotations")).toBe(false);
  });

  it("that are broken count as none", async () => {
    await mkdir(path.join(fake.dataFolder, "annotations"));
    await writeFile(path.join(fake.dataFolder, "annotations", `${first}.json`), '{"tags":');
    expect(await fake.host.call("runs.annotations", { runId: first })).toEqual({ tags: [] });
    expect(await listed()).toHaveLength(3);
    expect(await annotate({ name: "Again" })).toMatchObject({ name: "Again", tags: [] });
  });
});

describe("deleting", () => {
  beforeEach(() => writeRuns(fake.dataFolder, runs));

  it("several runs at once can be undone, with what was written beside them", async () => {
    const summary = await annotate({ name: "Keep me" });
    const record = await fake.host.call("runs.get", { runId: first });
    const runIds = [first, second, unknown, first];
    const { deleted } = await fake.host.call("runs.deleteMany", { runIds });
    expect(deleted.sort()).toEqual([first, second].sort());
    expect(await listed()).toEqual([third]);
    await expect(fake.host.call("runs.get", { runId: first })).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });

    const restored = await fake.host.call("runs.restore", { runIds });
    expect(restored.find(({ id }) => id === first)).toEqual(summary);
    expect(restored).toHaveLength(2);
    expect(await listed()).toEqual([first, second, third]);
    expect(await fake.host.call("runs.get", { runId: first })).toEqual(record);
    expect(await fake.host.call("runs.restore", { runIds })).toEqual([]);
  });

  it("and restoring are told to every window", async () => {
    await fake.host.call("runs.delete", { runId: second });
    const added = await fake.host.call("runs.restore", { runIds: [second] });
    expect(changes()).toEqual([
      { added: [], changed: [], removed: [second] },
      { added, changed: [], removed: [] },
    ]);
    await fake.host.call("runs.deleteMany", { runIds: [unknown] });
    expect(changes()).toHaveLength(2);
  });

  it("is final when the host closes", async () => {
    await annotate({ name: "Gone" });
    await fake.host.call("runs.delete", { runId: first });
    expect(await readdir(path.join(fake.dataFolder, "trash"))).toHaveLength(2);
    await fake.host.close();
    expect(await readdir(path.join(fake.dataFolder, "trash"))).toEqual([]);
    const after = await fake.again();
    expect(await after.call("runs.restore", { runIds: [first] })).toEqual([]);
  });

  it("does not let a restored run replace one that took its id meanwhile", async () => {
    await fake.host.call("runs.delete", { runId: first });
    const other = makeRun({ id: first, machine: "Elsewhere" });
    await fake.host.call("runs.import", { json: JSON.stringify(other) });
    expect(await fake.host.call("runs.restore", { runIds: [first] })).toEqual([]);
    expect((await fake.host.call("runs.get", { runId: first })).machine.name).toBe("Elsewhere");
  });

  it("works for a run that could not be saved", async () => {
    await rm(path.join(fake.dataFolder, "runs"), { recursive: true, force: true });
    await writeFile(path.join(fake.dataFolder, "runs"), "a file where the folder should be");
    const run = await fake.run("fine");
    expect(run.warnings).toMatchObject([{ code: "NOT_SAVED" }]);
    await rm(path.join(fake.dataFolder, "runs"));
    expect(await fake.host.call("runs.delete", { runId: run.id })).toEqual({ deleted: true });
    expect(await listed()).toEqual([]);
    expect(await fake.host.call("runs.restore", { runIds: [run.id] })).toMatchObject([{ id: run.id }]);
    expect(await fake.host.call("runs.get", { runId: run.id })).toEqual(run);
  });
});

describe("the trash", () => {
  const trashFolder = () => path.join(fake.dataFolder, "bin");
  const content = () => readdir(trashFolder()).catch(() => []);
  const put = async (trash: Trash): Promise<string> => {
    const file = path.join(fake.dataFolder, "some.json");
    await writeFile(file, "{}");
    expect(await trash.put(file, "some")).toBe(true);
    return file;
  };

  it("gives a file up after its time, and not before", async () => {
    const patient = new Trash({ folder: trashFolder(), keepMs: 60_000 });
    const file = await put(patient);
    await patient.removeOld();
    expect(await content()).toEqual(["some"]);
    expect(await patient.takeBack("some", file)).toBe(true);
    const hasty = new Trash({ folder: trashFolder(), keepMs: 30 });
    await put(hasty);
    await until(async () => (await content()).length === 0);
    expect(await hasty.takeBack("some", file)).toBe(false);
  });

  it("is cleared of what a host that died left behind, counted from the deletion", async () => {
    const file = path.join(fake.dataFolder, "old.json");
    await writeFile(file, "{}");
    await utimes(file, new Date(0), new Date(0));
    const died = new Trash({ folder: trashFolder(), keepMs: 60_000 });
    await died.put(file, "just deleted");
    await writeFile(path.join(trashFolder(), "long ago"), "{}");
    await utimes(path.join(trashFolder(), "long ago"), new Date(0), new Date(0));
    await new Trash({ folder: trashFolder(), keepMs: 60_000 }).removeOld();
    expect(await content()).toEqual(["just deleted"]);
  });
});
