import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageLimits } from "../../../app/contract/index.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";

let fake: FakeHost;
beforeEach(async () => {
  fake = await startFakeHost();
});
afterEach(() => fake.dispose());

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const stored = () => readdir(path.join(fake.dataFolder, "images"));
const add = (text: string, name?: string) =>
  fake.host.call("images.add", { bytes: bytesOf(text), ...(name === undefined ? {} : { name }) });

describe("the image store", () => {
  it("names an image by the SHA-256 of its bytes and describes it", async () => {
    const id = createHash("sha256").update("800x600 a").digest("hex");
    const ref = await add("800x600 a", "a.png");
    expect(ref).toEqual({ id, name: "a.png", width: 800, height: 600, bytes: 9, format: "png", frames: 1 });
    expect(await fake.host.call("images.get", { id })).toEqual(ref);
    const file = await fake.host.displayFile(id);
    expect((await stat(file.path)).size).toBe(9);
    expect((await stored()).sort()).toEqual([id, `${id}.json`]);
  });

  it("stores the same bytes once, also when they come at the same time; the last name counts", async () => {
    const refs = await Promise.all([add("10x10 same", "one.png"), add("10x10 same", "two.png"), add("10x10 same")]);
    expect(new Set(refs.map(({ id }) => id)).size).toBe(1);
    expect(await stored()).toHaveLength(2);
    expect(await add("10x10 same", "later.png")).toMatchObject({ name: "later.png" });
    expect(await add("10x10 same")).toMatchObject({ name: "later.png" });
    expect(await stored()).toHaveLength(2);
  });

  it("keeps nothing of an image that the engine refuses or dies of", async () => {
    await expect(add("refuse")).rejects.toMatchObject({ code: "IMAGE_FORMAT" });
    await expect(add("abort")).rejects.toMatchObject({ code: "ENGINE_CRASHED" });
    expect(await stored()).toEqual([]);
    expect((await add("5x5 good")).width).toBe(5);
  });

  it("refuses empty and oversized bytes before the engine sees them", async () => {
    await expect(add("")).rejects.toMatchObject({ code: "IMAGE_EMPTY" });
    const bytes = new Uint8Array(imageLimits.maxBytes + 1);
    await expect(fake.host.call("images.add", { bytes })).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
    expect(fake.engines).toHaveLength(0);
  });

  it("cannot be led out of its folder", async () => {
    await writeFile(path.join(fake.dataFolder, "secret.json"), "{}");
    for (const id of ["../secret", "..\\secret", "../../etc/passwd", "a".repeat(63), `${"a".repeat(64)}/x`, ""]) {
      await expect(fake.host.displayFile(id)).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
      await expect(fake.host.call("images.get", { id })).rejects.toMatchObject({ code: "BAD_REQUEST" });
      await expect(fake.host.detect({ imageId: id })).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
    }
  });

  it("does not offer an image whose bytes are gone or cut", async () => {
    const { id } = await add("7x7 whole");
    await writeFile(path.join(fake.dataFolder, "images", id), "7x7");
    await expect(fake.host.displayFile(id)).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
    expect((await add("7x7 whole")).id).toBe(id);
    expect((await stat((await fake.host.displayFile(id)).path)).size).toBe(9);
  });
});

describe("an image whose pixels lie turned", () => {
  const shown = async (id: string) => {
    const { path: file, type } = await fake.host.displayFile(id);
    return { text: await readFile(file, "utf8"), type, file };
  };

  it("is shown by an upright copy that is drawn once; any other by its own bytes", async () => {
    const { id } = await add("40x20 turned");
    // The engine's stand-in draws the number of elements.
    const [first, same] = await Promise.all([shown(id), shown(id)]);
    expect(first).toMatchObject({ text: "0", type: "image/png" });
    expect(same).toEqual(first);
    expect(await shown(id)).toEqual(first);
    expect(fake.posted.filter(({ type }) => type === "overlay")).toHaveLength(1);
    expect((await stored()).sort()).toEqual([id, `${id}.json`, `${id}.upright`]);
    const plain = await add("40x20 plain");
    expect(await shown(plain.id)).toMatchObject({ text: "40x20 plain", type: "image/png" });
  });

  it("is found out also where an earlier version stored it without a note", async () => {
    const { id } = await add("40x20 turned", "old.png");
    const description = path.join(fake.dataFolder, "images", `${id}.json`);
    const { turned: _turned, ...old } = JSON.parse(await readFile(description, "utf8"));
    await writeFile(description, JSON.stringify(old));
    expect(await shown(id)).toMatchObject({ text: "0", type: "image/png" });
    expect(await fake.host.call("images.get", { id })).toMatchObject({ name: "old.png", width: 40 });
  });
});

describe("an image's scale", () => {
  const setScale = (id: string, scale: number | null) => fake.host.call("images.setScale", { id, scale });
  const get = (id: string) => fake.host.call("images.get", { id });

  it("is guessed from name and density, and left out where nothing tells it", async () => {
    expect((await add("80x60 192dpi")).scale).toEqual({ value: 2, from: "density" });
    expect((await add("80x60 a", "shot@3x.png")).scale).toEqual({ value: 3, from: "name" });
    expect(await add("80x60 b", "shot.png")).not.toHaveProperty("scale");
  });

  it("is what the user sets, for good, until it is guessed again", async () => {
    const { id } = await add("80x60 192dpi");
    const set = await setScale(id, 1.5);
    expect(set.scale).toEqual({ value: 1.5, from: "user" });
    expect(await get(id)).toEqual(set);
    expect((await add("80x60 192dpi", "again@3x.png")).scale).toEqual({ value: 1.5, from: "user" });
    expect((await setScale(id, null)).scale).toEqual({ value: 3, from: "name" });
    expect((await get(id)).scale).toEqual({ value: 3, from: "name" });
    expect((await add("80x60 192dpi", "plain.png")).scale).toEqual({ value: 2, from: "density" });
  });

  it("is refused where it cannot be one, and for an image that is not there", async () => {
    const { id } = await add("80x60 a");
    for (const scale of [0, -1, 9, Number.NaN]) {
      await expect(setScale(id, scale)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    }
    await expect(setScale("0".repeat(64), 2)).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
    expect(await get(id)).not.toHaveProperty("scale");
  });

  it("goes with its run, as it was then", async () => {
    const { id } = await add("80x60 a");
    await setScale(id, 2);
    const run = await (await fake.host.detect({ imageId: id })).done;
    expect(run.image.scale).toEqual({ value: 2, from: "user" });
  });

  it("that is corrected later holds for earlier runs too, as long as the image is there", async () => {
    const { id } = await add("80x60 a");
    const { id: runId } = await (await fake.host.detect({ imageId: id })).done;
    await setScale(id, 3);
    const image = async () => (await fake.host.call("runs.get", { runId })).image;
    expect((await image()).scale).toEqual({ value: 3, from: "user" });
    await setScale(id, null);
    expect(await image()).not.toHaveProperty("scale");
  });
});

describe("a stored image whose bytes were changed", () => {
  it("is noticed by its hash, and replaced when it is opened again", async () => {
    const { id } = await add("7x7 whole");
    await fake.host.call("images.setScale", { id, scale: 2 });
    const file = path.join(fake.dataFolder, "images", id);
    await fake.host.displayFile(id);
    await writeFile(file, "7x7 other");
    await utimes(file, new Date(), new Date(Date.now() + 5000));
    await expect(fake.host.displayFile(id)).rejects.toMatchObject({ code: "IMAGE_UNREADABLE" });
    expect(await add("7x7 whole")).toMatchObject({ id, scale: { value: 2, from: "user" } });
    expect(await readFile((await fake.host.displayFile(id)).path, "utf8")).toBe("7x7 whole");
  });
});

describe("an image given by its path", () => {
  const addPath = (file: string) => fake.host.call("images.addPath", { path: file });

  it("is stored under its file name and becomes the most recent one", async () => {
    const file = path.join(fake.dataFolder, "my shot.png");
    await writeFile(file, "30x20 x");
    const first = await addPath(file);
    expect(first).toMatchObject({ name: "my shot.png", width: 30 });
    const second = await add("31x21 y");
    await addPath(file);
    const { recentImages } = await fake.host.call("settings.get", {});
    expect(recentImages).toEqual([first.id, second.id]);
  });

  it("is refused with a clear error when it is missing, a folder, empty, too large or no image", async () => {
    const folder = path.join(fake.dataFolder, "folder.png");
    await mkdir(folder);
    const empty = path.join(fake.dataFolder, "empty.png");
    await writeFile(empty, "");
    const huge = path.join(fake.dataFolder, "huge.png");
    const handle = await open(huge, "w");
    await handle.truncate(imageLimits.maxBytes + 1);
    await handle.close();
    const text = path.join(fake.dataFolder, "text.png");
    await writeFile(text, "refuse");
    await expect(addPath(path.join(fake.dataFolder, "no.png"))).rejects.toMatchObject({ code: "FILE_MISSING" });
    await expect(addPath(folder)).rejects.toThrow('"folder.png" is a folder.');
    await expect(addPath(empty)).rejects.toMatchObject({ code: "IMAGE_EMPTY" });
    await expect(addPath(huge)).rejects.toThrow(/"huge.png" has 67.1 MB; the limit is 67.1 MB/);
    await expect(addPath(text)).rejects.toMatchObject({ code: "IMAGE_FORMAT" });
  });
});

describe.skipIf(process.platform === "win32")("a path that no file can have", () => {
  it.each([
    ["a name of base64", `/${"A".repeat(3000)}`],
    ["a NUL character", "/tmp/a\0.png"],
  ])("is said to be one: %s", async (_what, file) => {
    const added = fake.host.call("images.addPath", { path: file });
    await expect(added).rejects.toMatchObject({ code: "BAD_REQUEST", hint: expect.stringContaining("not its bytes") });
    await expect(added).rejects.not.toThrow("AAAA");
  });
});

it("offers the samples, stored when first asked for", async () => {
  const samples = await fake.host.call("images.samples", {});
  expect(samples.map(({ name, width }) => [name, width])).toEqual([
    ["first.png", 320],
    ["second.png", 200],
  ]);
  expect((await fake.host.call("settings.get", {})).recentImages).toEqual([]);
});
