import { copyFile, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readGguf } from "../../app/gguf/read.ts";
import { readGgufParts } from "../../app/gguf/read-parts.ts";
import { partPaths, splitNameOf } from "../../app/gguf/split-name.ts";
import { kv } from "../support/gguf/metadata.ts";
import { partName, type SplitPair, writeTinySplitPair } from "../support/gguf/split.ts";
import { writeTinyQwen3vlPair } from "../support/gguf/tiny-qwen3vl.ts";
import { writeGguf } from "../support/gguf/writer.ts";

let dir: string;
let pair: SplitPair;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "gguf-parts-"));
  pair = await writeTinySplitPair(dir, 3);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const part = (number: number): string => path.join(dir, partName("tiny", number, 3));
const joinedBytes = async (): Promise<Buffer> =>
  Buffer.concat(await Promise.all(pair.parts.map((file) => readFile(file))));

describe("names of parts", () => {
  it.each([
    ["m-00002-of-00003.gguf", { stem: "m", number: 2, count: 3 }],
    ["/models/a-00001-of-00001.GGUF", { stem: "a", number: 1, count: 1 }],
    ["m-00004-of-00003.gguf", undefined],
    ["m-00000-of-00003.gguf", undefined],
    ["m-00001-of-99999.gguf", undefined],
    ["m-1-of-3.gguf", undefined],
    ["m.gguf", undefined],
  ])("%s is %j", (name, expected) => {
    expect(splitNameOf(name)).toEqual(expected);
  });

  it("tell all of them, also the missing ones", () => {
    expect(partPaths(path.join("x", "m-00002-of-00003.gguf"))).toEqual(
      [1, 2, 3].map((number) => path.join("x", partName("m", number, 3))),
    );
    expect(partPaths("m.gguf")).toEqual(["m.gguf"]);
  });
});

describe("a model in several files", () => {
  it("is read as one: all tensors, all bytes", async () => {
    const header = await readGgufParts(pair.modelPath);
    const whole = await writeTinyQwen3vlPair(path.join(dir, "whole"));
    expect(header.tensors.map(({ name }) => name)).toEqual(
      (await readGguf(whole.modelPath)).tensors.map(({ name }) => name),
    );
    const sizes = await Promise.all(pair.parts.map(async (file) => (await stat(file)).size));
    expect(header.fileBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(header.metadata["general.architecture"]).toBe("qwen3vl");
  });

  it("names the first part when another is given, under its name or not", async () => {
    await expect(readGgufParts(part(2))).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("is part 2 of 3"),
      hint: expect.stringContaining("tiny-00001-of-00003.gguf"),
    });
    const other = path.join(dir, "other.gguf");
    await copyFile(part(3), other);
    await expect(readGgufParts(other)).rejects.toThrow('"other.gguf" is part 3 of 3');
  });

  it("names the parts that are missing", async () => {
    await rm(part(2));
    await expect(readGgufParts(pair.modelPath)).rejects.toMatchObject({
      code: "FILE_MISSING",
      message: expect.stringContaining("1 is missing: tiny-00002-of-00003.gguf"),
    });
    await rm(part(3));
    await expect(readGgufParts(pair.modelPath)).rejects.toThrow("tiny-00002-of-00003.gguf, tiny-00003-of-00003.gguf");
  });

  it.each([["tiny.gguf"], ["tiny-00001-of-00003.gguf"]])("joined by cat as %s is refused", async (name) => {
    const bytes = await joinedBytes();
    await writeFile(path.join(dir, name), bytes);
    await expect(readGgufParts(path.join(dir, name))).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining("several GGUF files in one"),
      hint: expect.stringContaining("llama-gguf-split --merge"),
    });
  });

  it("under another name says how to name it", async () => {
    const renamed = path.join(dir, "mine.gguf");
    await rename(pair.modelPath, renamed);
    await expect(readGgufParts(renamed)).rejects.toMatchObject({
      hint: expect.stringContaining("mine-00001-of-00003.gguf"),
    });
    const whole = await writeTinyQwen3vlPair(dir);
    for (const number of [1, 2]) await copyFile(whole.modelPath, path.join(dir, partName("whole", number, 2)));
    await expect(readGgufParts(path.join(dir, partName("whole", 1, 2)))).rejects.toMatchObject({
      hint: "Name it whole.gguf.",
    });
  });

  it("refuses a part of another model, and parts that lack tensors", async () => {
    await copyFile(part(3), part(2));
    await expect(readGgufParts(pair.modelPath)).rejects.toThrow('"tiny-00002-of-00003.gguf" does not belong');
    await writeGguf(part(2), {
      metadata: { "split.no": { type: "uint16", value: 1 }, "split.count": { type: "uint16", value: 3 } },
      tensors: [],
    });
    await expect(readGgufParts(pair.modelPath)).rejects.toThrow(/tensors instead of/);
  });

  it("names the part that ends too early", async () => {
    await writeFile(part(3), (await readFile(part(3))).subarray(0, -40));
    await expect(readGgufParts(pair.modelPath)).rejects.toThrow('"tiny-00003-of-00003.gguf" ends too early');
  });
});

it("a piece of a file that was cut says what to join", async () => {
  const file = path.join(dir, "big.Q8_0.gguf.part1of2");
  await writeFile(file, (await joinedBytes()).subarray(0, 1000));
  await expect(readGgufParts(file)).rejects.toMatchObject({
    message: expect.stringContaining("piece 1 of 2"),
    hint: expect.stringContaining("big.Q8_0.gguf"),
  });
});

describe("what a header claims of the network", () => {
  const claiming = async (key: string, value: number | bigint) => {
    const file = path.join(dir, "claims.gguf");
    const entry = typeof value === "bigint" ? ({ type: "uint64", value } as const) : kv.u32(value);
    const metadata = { "general.architecture": kv.string("qwen3vl"), [`qwen3vl.${key}`]: entry };
    await writeGguf(file, { metadata, tensors: [] });
    return readGguf(file);
  };

  it.each([
    ["block_count", 2 ** 31],
    ["block_count", 2n ** 62n],
    ["attention.head_count", 2 ** 31],
    ["context_length", 2 ** 31],
    ["expert_count", 1_000_000],
    // llama.cpp divides by it.
    ["full_attention_interval", 0],
    ["ssm.state_size", 2 ** 31],
  ])("is bounded: %s of %s", async (key, value) => {
    await expect(claiming(key, value)).rejects.toMatchObject({
      code: "NOT_A_GGUF",
      message: expect.stringContaining(`it claims a ${key} of`),
    });
  });

  it("leaves every published model alone", async () => {
    await claiming("block_count", 126);
    await claiming("context_length", 10_485_760);
    await claiming("feed_forward_length", 53_248);
  });
});
