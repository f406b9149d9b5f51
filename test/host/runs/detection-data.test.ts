import { access, mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HoloscopeError, type Truth } from "../../../app/contract/index.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";
import { eventually } from "../../support/patience.ts";
import { makeRun } from "../../support/run-fixtures.ts";

let fake: FakeHost;
beforeEach(async () => {
  fake = await startFakeHost();
});
afterEach(() => fake.dispose());

const picture = (text: string) => new TextEncoder().encode(text);
const detect = async (imageId: string, target = "fine") =>
  (await fake.host.detect({ imageId, mode: "locate", target, useCache: true })).done;
const truth: Truth = { format: "boxes", source: "a.json", elements: [{ id: "t1", bbox: [1, 2, 30, 40] }] };

/** Every file below the data folder whose name or text has one of these words. */
async function filesWith(...words: string[]): Promise<string[]> {
  const names = await readdir(fake.dataFolder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile() && !entry.parentPath.endsWith("logs"));
  const found = files.map(async ({ parentPath, name }) => {
    const text = await readFile(path.join(parentPath, name), "utf8");
    return words.some((word) => name.includes(word) || text.includes(word)) ? [name] : [];
  });
  return (await Promise.all(found)).flat();
}

/** As if a file had been written so many ms ago. */
async function age(ms: number, ...parts: string[]): Promise<void> {
  const then = new Date(Date.now() - ms);
  await utimes(path.join(fake.dataFolder, ...parts), then, then);
}
const day = 24 * 60 * 60 * 1000;

describe("deleting an image", () => {
  it("leaves no file that names or holds it: bytes, upright copy, runs, notes, truth, trash, index, cache, recents", async () => {
    const { id } = await fake.host.call("images.add", { bytes: picture("640x480 turned secret"), name: "secret.png" });
    const other = await fake.addImage("320x200 other");
    await fake.host.displayFile(id);
    const run = await detect(id);
    await fake.host.call("runs.annotate", { runId: run.id, name: "annotated" });
    const trashed = await detect(id, "fine too");
    await fake.host.call("runs.delete", { runId: trashed.id });
    await fake.host.call("truth.set", { imageId: id, truth });
    const stays = await detect(other);
    await fake.host.call("runs.list", {});
    expect((await filesWith(id, run.id, trashed.id)).length).toBeGreaterThan(6);

    const removed = await fake.host.call("images.delete", { ids: [id] });
    expect(removed).toMatchObject({ images: 1, runs: 2 });
    expect(removed.bytes).toBeGreaterThan(0);
    expect(await filesWith(id, run.id, trashed.id, "secret", "annotated")).toEqual([]);
    expect((await fake.host.call("runs.list", {})).map((each) => each.id)).toEqual([stays.id]);
    expect((await detect(other)).cached?.runId).toBe(stays.id);
    await expect(fake.host.call("images.get", { id })).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
    expect(await fake.host.call("runs.restore", { runIds: [trashed.id] })).toEqual([]);
  });

  it("tells the windows: the image, its runs, its truth", async () => {
    const { id } = await fake.host.call("images.add", { bytes: picture("640x480 a") });
    const run = await detect(id);
    await fake.host.call("truth.set", { imageId: id, truth });
    await fake.host.call("images.delete", { ids: [id] });
    expect(fake.seen("images.removed")).toEqual([{ ids: [id] }]);
    expect(fake.seen("runs.changed").at(-1)?.removed).toEqual([run.id]);
    expect(fake.seen("truth.changed").at(-1)).toEqual({ imageId: id, truth: null });
    expect(fake.seen("settings.changed").at(-1)?.recentImages).not.toContain(id);
  });

  it("cancels what runs on it and leaves no record of that", async () => {
    const { id } = await fake.host.call("images.add", { bytes: picture("640x480 a") });
    const { done, runId } = await fake.host.detect({ imageId: id, mode: "locate", target: "slow" });
    await fake.host.call("images.delete", { ids: [id] });
    expect((await done).status).toBe("cancelled");
    expect(await filesWith(id, runId)).toEqual([]);
  });

  it("of which nothing is kept says so; added again it is as new", async () => {
    const bytes = picture("640x480 a");
    const { id } = await fake.host.call("images.add", { bytes });
    await fake.host.call("images.delete", { ids: [id] });
    expect(await fake.host.call("images.delete", { ids: [id] })).toEqual({ images: 0, runs: 0, bytes: 0 });
    await fake.host.call("images.add", { bytes });
    expect((await detect(id)).cached).toBeUndefined();
  });
});

it("deleting everything leaves settings, models and logs, and counts what there was", async () => {
  const first = await fake.addImage("640x480 a");
  const run = await detect(first);
  await fake.host.call("runs.delete", { runId: (await detect(first, "fine too")).id });
  await fake.host.call("truth.set", { imageId: "e".repeat(64), truth });
  await writeFile(path.join(fake.dataFolder, "runs", "20260101-000000-deadbeef.json"), "broken");
  await fake.host.call("settings.update", { theme: "dark" });
  const slow = await fake.host.detect({ imageId: first, mode: "locate", target: "slow" });

  const before = await fake.host.call("storage.usage", {});
  expect(before).toMatchObject({ images: { count: 1 }, runs: { count: 2 }, truth: { count: 1 }, trash: { count: 1 } });
  const removed = await fake.host.call("storage.clear", {});
  expect((await slow.done).status).toBe("cancelled");
  // The cancelled run had its record by then.
  expect(removed).toMatchObject({ images: 1, runs: 4 });
  const nothing = { count: 0, bytes: 0 };
  expect(await fake.host.call("storage.usage", {})).toEqual({
    images: nothing,
    runs: nothing,
    truth: nothing,
    trash: nothing,
  });
  expect(await filesWith(first, run.id, "e".repeat(64), "broken")).toEqual([]);
  expect((await fake.host.call("settings.get", {})).theme).toBe("dark");
  await access(path.join(fake.dataFolder, "logs", "holoscope.log"));
});

it("samples are not counted, but what was made of them is, and they are there again when asked for", async () => {
  const [sample] = await fake.host.call("images.samples", {});
  if (sample === undefined) throw new Error("no sample");
  expect(await fake.host.call("storage.usage", {})).toMatchObject({ images: { count: 0, bytes: 0 } });
  await detect(sample.id);
  const mine = await fake.addImage("640x480 mine");
  expect(await fake.host.call("storage.usage", {})).toMatchObject({ images: { count: 1 }, runs: { count: 1 } });
  expect(await fake.host.call("storage.clear", {})).toMatchObject({ images: 1, runs: 1 });
  expect(fake.seen("images.removed").at(-1)?.ids).toEqual(expect.arrayContaining([sample.id, mine]));
  expect((await fake.host.call("images.samples", {})).map(({ id }) => id)).toContain(sample.id);
});

it("deleting everything tells windows of images that were never stored here, too", async () => {
  const run = makeRun();
  await fake.host.call("runs.import", { json: JSON.stringify(run) });
  await fake.host.call("storage.clear", {});
  expect(fake.seen("images.removed")).toEqual([{ ids: [run.image.id] }]);
});

describe("what can go wrong", () => {
  const file = (...parts: string[]) => path.join(fake.dataFolder, ...parts);
  /** Old enough to be removed, were it an orphan. */
  const oldImage = async (text: string): Promise<string> => {
    const { id } = await fake.host.call("images.add", { bytes: picture(text) });
    await fake.host.call("settings.update", { recentImages: [] });
    await ageImage(id);
    return id;
  };
  const ageImage = async (id: string): Promise<void> => {
    await age(2 * day, "images", id);
    await age(2 * day, "images", `${id}.json`);
  };

  it.skipIf(process.platform === "win32")("runs that cannot be read are not taken for none", async () => {
    const id = await oldImage("640x480 a");
    const run = await detect(id);
    await fake.host.call("runs.annotate", { runId: run.id, name: "noted" });
    await ageImage(id);
    await age(2 * day, "annotations", `${run.id}.json`);
    await rename(file("runs"), file("elsewhere"));
    await symlink(file("not", "mounted"), file("runs"));
    await expect(fake.host.call("storage.tidy", {})).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    await rm(file("runs"));
    await rename(file("elsewhere"), file("runs"));
    expect((await fake.host.call("images.get", { id })).id).toBe(id);
    expect((await fake.host.call("runs.annotations", { runId: run.id })).name).toBe("noted");
  });

  it("what a newer version wrote is left", async () => {
    const id = await oldImage("640x480 a");
    const described = JSON.parse(await readFile(file("images", `${id}.json`), "utf8"));
    await writeFile(file("images", `${id}.json`), JSON.stringify({ ...described, format: "jxl" }));
    const other = await oldImage("640x480 b");
    await mkdir(file("runs"), { recursive: true });
    await writeFile(file("runs", "20270101-000000-deadbeef.json"), JSON.stringify({ schema: "holoscope-run", v: 99 }));
    await ageImage(id);
    expect(await fake.host.call("storage.tidy", {})).toEqual({ images: 0, runs: 0, bytes: 0 });
    expect(await filesWith(id, other)).toHaveLength(4);
  });

  it("an image that came into use while others are tidied away stays", async () => {
    await fake.host.call("settings.update", { keepDays: 1 });
    const id = await oldImage("640x480 a");
    const tidying = fake.host.call("storage.tidy", {});
    const taken = await fake.host.takeIn(picture("640x480 a"));
    await tidying;
    expect((await fake.host.displayFile(taken.image.id)).path).toContain(id);
    await taken.giveBack();
  });

  it("closing waits for what is being deleted", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 20; index++) ids.push(await fake.addImage(`640x480 ${index}`));
    const clearing = fake.host.call("storage.clear", {});
    await fake.host.close();
    expect(await readdir(file("images"))).toEqual([]);
    expect((await clearing).images).toBe(20);
  });

  it("a detection that is only being planned is cancelled too, and not stored afterwards", async () => {
    const { id } = await fake.host.call("images.add", { bytes: picture("640x480 a") });
    const starting = fake.host.call("runs.start", { imageId: id, mode: "locate", target: "fine" });
    await fake.host.call("images.delete", { ids: [id] });
    const { runId } = await starting;
    await eventually(() => expect(fake.seen("run.finished").map(({ run }) => run.id)).toContain(runId));
    expect(await filesWith(id, runId)).toEqual([]);
  });

  it("remains of crashes go with their image, and all of them with everything", async () => {
    const { id } = await fake.host.call("images.add", { bytes: picture("640x480 a") });
    await writeFile(file("images", `${id}.0123456789ab.tmp`), "pixels");
    await fake.host.call("images.delete", { ids: [id] });
    expect(await filesWith(id, "pixels")).toEqual([]);
    await fake.run("fine");
    await mkdir(file("trash"), { recursive: true });
    for (const [folder, name] of [
      ["images", `${"f".repeat(64)}.0123456789ab.tmp`],
      ["runs", "20260101-000000-deadbeef.json.0123456789ab.tmp"],
      ["annotations", "20260101-000000-deadbeef.json"],
      ["trash", "20260101-000000-deadbeef.annotations.json"],
    ] as const) {
      await mkdir(file(folder), { recursive: true });
      await writeFile(file(folder, name), '{"name":"pixels"}');
    }
    await fake.host.call("storage.clear", {});
    expect(await filesWith("pixels", "deadbeef")).toEqual([]);
  });

  it("another process's index forgets what this one has deleted", async () => {
    const other = await fake.again();
    const run = await fake.run("fine");
    await other.call("runs.list", {});
    await fake.host.call("images.delete", { ids: [run.image.id] });
    await other.call("runs.import", { json: JSON.stringify({ ...run, id: "20260101-000000-0badcafe" }) });
    await other.close();
    expect(await filesWith(run.id)).toEqual([]);
  });

  it("an index that still names what is gone is no success, and the images are gone all the same", async () => {
    const run = await fake.run("fine");
    await fake.host.call("runs.delete", { runId: run.id });
    await rm(file("index"), { recursive: true, force: true });
    await writeFile(file("index"), "in the way");
    await expect(fake.host.call("images.delete", { ids: [run.image.id] })).rejects.toMatchObject({
      code: "STORAGE_FAILED",
    });
    expect(fake.seen("images.removed")).toEqual([{ ids: [run.image.id] }]);
    expect(await filesWith(run.image.id)).toEqual([]);
  });

  it("runs that could not be saved are deleted too", async () => {
    let full = false;
    const { writeFileAtomic } = await import("../../../app/host/disk/atomic.ts");
    const filling = await startFakeHost({
      writeFile: async (name, data, what) => {
        if (full && what === "the run") throw new HoloscopeError("DISK_FULL", "The disk is full.");
        await writeFileAtomic(name, data, what);
      },
    });
    const id = await filling.addImage();
    full = true;
    await filling.run("fine");
    expect(await filling.host.call("runs.list", {})).toHaveLength(1);
    await filling.host.call("images.delete", { ids: [id] });
    expect(await filling.host.call("runs.list", {})).toEqual([]);
    await filling.dispose();
  });
});

describe("tidying", () => {
  it("removes what the settings no longer keep, by the files as they are", async () => {
    const { id: old } = await fake.host.call("images.add", { bytes: picture("640x480 old") });
    const run = await detect(old);
    const { id: young } = await fake.host.call("images.add", { bytes: picture("640x480 young") });
    const stays = await detect(young);
    for (const [folder, name] of [
      ["images", old],
      ["images", `${old}.json`],
      ["runs", `${run.id}.json`],
    ] as const) {
      await age(9 * day, folder, name);
    }
    expect(await fake.host.call("storage.tidy", {})).toMatchObject({ images: 0, runs: 0 });
    await fake.host.call("settings.update", { keepDays: 7 });
    expect(await fake.host.call("storage.tidy", {})).toMatchObject({ images: 1, runs: 1 });
    expect((await fake.host.call("runs.list", {})).map(({ id }) => id)).toEqual([stays.id]);
    expect(await filesWith(old, run.id)).toEqual([]);
  });

  it("collects orphans: an image whose runs were deleted, remains of images, notes and cache entries of no run", async () => {
    const { id } = await fake.host.call("images.add", { bytes: picture("640x480 orphan") });
    await fake.host.call("settings.update", { recentImages: [] });
    const run = await detect(id);
    await fake.host.call("runs.annotate", { runId: run.id, name: "noted" });
    await fake.host.call("runs.delete", { runId: run.id });
    await age(2 * day, "images", id);
    await age(2 * day, "images", `${id}.json`);
    // Its run can still be brought back.
    expect(await fake.host.call("storage.tidy", {})).toMatchObject({ images: 0 });
    const stray = "f".repeat(64);
    const notes = "20260101-000000-deadbeef.json";
    await writeFile(path.join(fake.dataFolder, "images", stray), "half an image");
    await age(day, "images", stray);
    await fake.host.close();

    const again = await fake.again();
    await writeFile(path.join(fake.dataFolder, "annotations", notes), "{}");
    await age(day, "annotations", notes);
    expect(await again.call("storage.tidy", {})).toMatchObject({ images: 2, runs: 0 });
    expect(await filesWith(id, run.id, stray, "deadbeef")).toEqual([]);
  });

  it("makes room while runs go on coming: the next one does not put it off", async () => {
    await fake.host.call("settings.update", { keepGb: 1e-9 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const tidied = fake.seen("images.removed").length;
      let rounds = 0;
      while (fake.seen("images.removed").length === tidied && rounds++ < 40) {
        const { id } = await fake.host.call("images.add", { bytes: picture(`640x480 ${rounds}`) });
        await detect(id);
        await vi.advanceTimersByTimeAsync(1000);
      }
      expect(rounds).toBeLessThan(40);
    } finally {
      vi.useRealTimers();
    }
  });

  it("happens by itself when a process ends, once an hour for all of them", async () => {
    await fake.addImage();
    await fake.host.close();
    const stray = "f".repeat(64);
    const leave = async (): Promise<void> => {
      await writeFile(path.join(fake.dataFolder, "images", stray), "half an image");
      await age(day, "images", stray);
    };
    const stamp = ["index", "tidied"] as const;
    await age(0, ...stamp);
    await leave();
    await (await fake.again()).close();
    expect(await filesWith(stray)).toEqual([stray]);
    await age(2 * 60 * 60 * 1000, ...stamp);
    await (await fake.again()).close();
    expect(await filesWith(stray)).toEqual([]);
  });

  it("leaves an image that a detection waits for", async () => {
    const { id } = await fake.host.call("images.add", { bytes: picture("640x480 a") });
    await fake.host.call("settings.update", { recentImages: [], keepDays: 1 });
    const { done, runId } = await fake.host.detect({ imageId: id, mode: "locate", target: "slow" });
    await age(9 * day, "images", id);
    await age(9 * day, "images", `${id}.json`);
    expect(await fake.host.call("storage.tidy", {})).toMatchObject({ images: 0 });
    await fake.host.call("runs.cancel", { runId });
    await done;
  });
});

describe("an image that a service was sent", () => {
  const bytes = picture("640x480 sent");
  const answer = async () => {
    const taken = await fake.host.takeIn(bytes, "sent.png");
    const { keep, image, giveBack } = taken;
    const { done } = await fake.host.detect({ imageId: image.id, mode: "locate", target: "fine" }, { keep });
    return { ...taken, run: await done, giveBack };
  };

  it("leaves nothing once it is answered, and no window hears of it", async () => {
    const { image, run, giveBack } = await answer();
    expect(run.status).toBe("done");
    await giveBack();
    expect(await filesWith(image.id, run.id, "sent.png")).toEqual([]);
    for (const event of ["run.queued", "run.progress", "run.finished", "runs.changed"] as const) {
      expect(fake.seen(event)).toEqual([]);
    }
  });

  it("is kept with its run where the user wants that", async () => {
    await fake.host.call("settings.update", { keepParsed: true });
    const { image, run, giveBack } = await answer();
    await giveBack();
    expect((await fake.host.call("runs.get", { runId: run.id })).image.id).toBe(image.id);
    expect((await fake.host.call("images.get", { id: image.id })).name).toBe("sent.png");
  });

  it("stays if the user has it, whether opened before or meanwhile", async () => {
    const { id } = await fake.host.call("images.add", { bytes, name: "mine.png" });
    await (await answer()).giveBack();
    expect((await fake.host.call("images.get", { id })).name).toBe("mine.png");

    await fake.host.call("images.delete", { ids: [id] });
    const { giveBack } = await answer();
    const opening = fake.host.call("images.add", { bytes });
    await giveBack();
    await opening;
    expect((await fake.host.call("images.get", { id })).id).toBe(id);
  });

  it("stays until the last of several requests is answered", async () => {
    const [first, second] = await Promise.all([fake.host.takeIn(bytes), fake.host.takeIn(bytes)]);
    await first.giveBack();
    expect((await fake.host.call("images.get", { id: second.image.id })).id).toBe(second.image.id);
    await second.giveBack();
    expect(await filesWith(second.image.id)).toEqual([]);
  });

  it("can be sent again while it is being removed", async () => {
    for (let turn = 0; turn < 20; turn++) {
      const { giveBack } = await fake.host.takeIn(bytes);
      const [, again] = await Promise.all([giveBack(), fake.host.takeIn(bytes)]);
      expect((await fake.host.displayFile(again.image.id)).path).toContain(again.image.id);
      await again.giveBack();
    }
    expect(await readdir(path.join(fake.dataFolder, "images"))).toEqual([]);
  });

  it("stays until another process that has it too is done", async () => {
    const other = await fake.again();
    const [mine, theirs] = [await fake.host.takeIn(bytes), await other.takeIn(bytes)];
    await mine.giveBack();
    expect((await other.displayFile(theirs.image.id)).path).toContain(mine.image.id);
    await theirs.giveBack();
    expect(await filesWith(mine.image.id)).toEqual([]);
  });

  it("stays once a run file with it is imported, and while everything else is cleared", async () => {
    const { id } = await fake.host.call("images.add", { bytes });
    const run = await detect(id);
    const { json } = await fake.host.call("runs.export", { runId: run.id });
    await fake.host.call("images.delete", { ids: [id] });
    const taken = await fake.host.takeIn(bytes);
    await fake.host.call("storage.clear", {});
    expect((await fake.host.displayFile(id)).path).toContain(id);
    await fake.host.call("runs.import", { json });
    await taken.giveBack();
    expect((await fake.host.call("images.get", { id })).id).toBe(id);
  });

  it("that is refused leaves nothing", async () => {
    await expect(fake.host.takeIn(picture("no image"))).rejects.toThrow();
    expect(await readdir(path.join(fake.dataFolder, "images"))).toEqual([]);
  });
});
