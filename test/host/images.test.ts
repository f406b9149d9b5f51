import { createHash } from "node:crypto";
import { mkdir, open, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageLimits } from "../../app/contract/index.ts";
import { type FakeHost, startFakeHost } from "../support/fake-engine.ts";

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
    const file = await fake.host.imageFile(id);
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
      await expect(fake.host.imageFile(id)).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
      await expect(fake.host.call("images.get", { id })).rejects.toMatchObject({ code: "BAD_REQUEST" });
      await expect(fake.host.detect({ imageId: id })).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
    }
  });

  it("does not offer an image whose bytes are gone or cut", async () => {
    const { id } = await add("7x7 whole");
    await writeFile(path.join(fake.dataFolder, "images", id), "7x7");
    await expect(fake.host.imageFile(id)).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
    expect((await add("7x7 whole")).id).toBe(id);
    expect((await fake.host.imageFile(id)).ref.bytes).toBe(9);
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
    await expect(addPath(huge)).rejects.toThrow(/"huge.png" has 64.0 MiB; the limit is 64 MiB/);
    await expect(addPath(text)).rejects.toMatchObject({ code: "IMAGE_FORMAT" });
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
