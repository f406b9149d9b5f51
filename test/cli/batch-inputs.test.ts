import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchImages, nameMatches, shardOf } from "../../app/cli/batch-inputs.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-inputs-"));
  for (const file of ["b.png", "a.JPG", "notes.md", "deep/c.webp", "deep/er/d.png"]) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), file);
  }
  await writeFile(path.join(folder, "list.txt"), `deep/c.webp\r\n\n  b.png\n${path.join(folder, "missing.png")}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const found = async (...inputs: readonly string[]): Promise<string[]> =>
  (await batchImages(inputs.map((input) => path.join(folder, input)))).map((file) => path.relative(folder, file));
const native = (...files: readonly string[]) => files.map((file) => path.join(...file.split("/")));

describe("the images of a batch", () => {
  it.each([
    ["a folder's, with those below, sorted", [""], ["a.JPG", "b.png", "deep/c.webp", "deep/er/d.png"]],
    ["a pattern's", ["*.png"], ["b.png"]],
    ["a pattern's in folders", ["**/*.png"], ["b.png", "deep/er/d.png"]],
    ["a pattern's in a folder of a pattern", ["d??p/*"], ["deep/c.webp"]],
    ["a list's, in its order, with paths from where it lies", ["list.txt"], ["deep/c.webp", "b.png", "missing.png"]],
    ["several arguments', each once", ["b.png", "list.txt"], ["b.png", "deep/c.webp", "missing.png"]],
  ])("are %s", async (_, inputs, expected) => {
    expect(await found(...inputs)).toEqual(native(...expected));
  });

  it("are not guessed where nothing is", async () => {
    await expect(found("nowhere")).rejects.toThrow("is not there");
    await expect(found("*.tiff")).rejects.toThrow("No image was found.");
  });
});

describe("a name's pattern", () => {
  it.each([
    ["*", "anything", true],
    ["a*c", "abc", true],
    ["a*c", "ab", false],
    ["*b*d*", "abcd", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["a.png", "aXpng", false],
    ["", "a", false],
    [`${"*a".repeat(30)}b`, "a".repeat(4000), false],
  ])("%s and %s", (pattern, name, expected) => {
    expect(nameMatches(pattern, name)).toBe(expected);
  });
});

describe("shards", () => {
  it("are all of it together, none twice", () => {
    const items = Array.from({ length: 23 }, (_, index) => index);
    const parts = Array.from({ length: 5 }, (_, index) => shardOf(items, `${index}/5`));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(items);
    expect(shardOf(items, undefined)).toEqual(items);
  });

  it.each(["5/5", "1", "-1/3", "a/b", "1/0"])("are not %s", (shard) => {
    expect(() => shardOf([1], shard)).toThrow("--shard takes I/N");
  });
});
