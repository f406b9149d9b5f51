import { execFileSync } from "node:child_process";
import { chmod, copyFile, mkdtemp, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readGgufFileInfo } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { metadataArray, metadataLength, metadataNumber, metadataString } from "../../app/gguf/header.ts";
import { readGguf, readOpenGguf } from "../../app/gguf/read.ts";
import { type Damage, damage, HUGE, hostileSamples, writeDamaged, writeRandomBytes } from "../support/gguf/corrupt.ts";
import { EVERY_TYPE, encodeMetadataValue, encodeString, encodeU32, encodeU64, kv } from "../support/gguf/metadata.ts";
import { encodeGgufHeader, type GgufSource, type GgufTensorSource, writeGguf } from "../support/gguf/writer.ts";
import { NANO } from "../support/repository.ts";

let dir: string;
let target: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "gguf-read-"));
  target = path.join(dir, "target.gguf");
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const refusal = { code: expect.stringMatching(/^(NOT_A_GGUF|GGUF_TRUNCATED)$/) };

/** Reads a file of these bytes. */
async function read(bytes: Uint8Array) {
  await writeFile(target, bytes);
  return readGguf(target);
}

const tensor = (name: string, shape: readonly number[] = [32], type: "f32" | "q8_0" = "f32"): GgufTensorSource => ({
  name,
  type,
  shape,
  values: () => new Float32Array(shape.reduce((product, side) => product * side, 1)),
});

/** Bytes of a small good file. */
async function bytesOf(source: Partial<GgufSource>): Promise<Buffer> {
  await writeGguf(target, { metadata: {}, tensors: [], ...source });
  return readFile(target);
}

describe("a good header", () => {
  it("gives values, array lengths, tensors", async () => {
    const header = await readGguf(NANO.modelPath);
    expect(header.version).toBe(3);
    expect(header.fileBytes).toBe((await readFile(NANO.modelPath)).length);
    expect(header.metadata["general.architecture"]).toBe("qwen3vl");
    expect(header.metadata["qwen3vl.block_count"]).toBe(6);
    expect(header.metadata["tokenizer.ggml.tokens"]).toHaveLength(64);
    expect(header.arrayLengths["tokenizer.ggml.tokens"]).toBe(2304);
    const embedding = header.tensors.find((tensor) => tensor.name === "token_embd.weight");
    expect(embedding).toMatchObject({
      name: "token_embd.weight",
      type: "q8_0",
      shape: [384, 2304],
      bytes: (384 * 2304 * 34) / 32, // q8_0: 34 bytes for 32 values
    });
  });

  it.each(Object.values(NANO))("says what another reader says: %s", async (file) => {
    const { metadata, tensors } = await readGguf(file);
    const other = await readGgufFileInfo(file);
    const places = other.fullTensorInfo?.map(({ name, dimensions, fileOffset }) => ({
      name,
      shape: dimensions.map(Number),
      start: Number(fileOffset),
    }));
    expect(tensors.map(({ name, shape, start }) => ({ name, shape, start }))).toEqual(places);
    for (const [key, value] of Object.entries(metadata)) {
      const theirs = key
        .split(".")
        .reduce<unknown>((group, name) => (group as Record<string, unknown> | undefined)?.[name], other.metadata);
      expect(Array.isArray(theirs) ? theirs.slice(0, 64) : theirs, key).toEqual(value);
    }
  });

  it("holds values of every type, with numbers beyond 2^53 to the last digit", async () => {
    const { metadata, entries } = await read(
      await bytesOf({
        metadata: {
          ...EVERY_TYPE,
          "x.large": { type: "uint64", value: 2n ** 64n - 1n },
          "x.low": { type: "int64", value: -(2n ** 63n) },
        },
      }),
    );
    expect({ ...metadata }).toEqual({
      "general.architecture": "test",
      "x.uint8": 255,
      "x.int8": -128,
      "x.uint16": 65535,
      "x.int16": -32768,
      "x.uint32": 4_294_967_295,
      "x.int32": -2_147_483_648,
      "x.float32": 0.5,
      "x.float64": Math.PI,
      "x.uint64": 2 ** 40,
      "x.int64": -(2 ** 40),
      "x.large": 2n ** 64n - 1n,
      "x.low": -(2n ** 63n),
      "x.bool": true,
      "x.string": "Grüße 👋",
      "x.strings": ["", "Ġ", "a b"],
      "x.numbers": [-1, 0, 1],
      "x.flags": [true, false],
    });
    expect(Object.keys(metadata)).toEqual([...entries.keys()]);
  });

  it("is asked for values of one type; what has another is not there", async () => {
    const long = Array.from({ length: 65 }, (_, index) => index);
    const header = await read(
      await bytesOf({
        metadata: {
          text: kv.string("a"),
          number: kv.u32(7),
          large: { type: "uint64", value: HUGE },
          list: kv.i32s([1, 2]),
          long: kv.i32s(long),
        },
      }),
    );
    expect([metadataString(header, "text"), metadataString(header, "number")]).toEqual(["a", undefined]);
    expect(metadataNumber(header, "number")).toBe(7);
    expect([metadataNumber(header, "large"), metadataNumber(header, "text")]).toEqual([undefined, undefined]);
    expect(metadataArray(header, "list")).toEqual([1, 2]);
    expect([metadataArray(header, "long"), metadataArray(header, "text")]).toEqual([undefined, undefined]);
    expect([metadataLength(header, "long"), metadataLength(header, "none")]).toEqual([65, 0]);
  });

  it("may have keys that mean something to JavaScript", async () => {
    const { metadata } = await read(await bytesOf({ metadata: { ["__proto__"]: kv.u32(1), constructor: kv.u32(2) } }));
    expect(Object.entries(metadata)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
    expect(Object.getPrototypeOf(metadata)).toBeNull();
    expect((await read(await bytesOf({}))).metadata.toString).toBeUndefined();
  });

  it("may be longer than what is read first, and aligned to another number", async () => {
    const tokens = kv.strings(Array.from({ length: 150_000 }, (_, index) => `token ${index}`));
    const source = { metadata: { tokens, "general.alignment": kv.u32(256) }, tensors: [tensor("a")] };
    const header = encodeGgufHeader(source);
    expect(header.length).toBeGreaterThan(2 << 20);
    const start = Math.ceil(header.length / 256) * 256;
    const file = await read(Buffer.concat([header], start + 32 * 4));
    expect(file).toMatchObject({ alignment: 256, dataStart: start, infosEnd: header.length });
    expect(file.tensors[0]).toMatchObject({ name: "a", start, bytes: 128 });
    expect(file.arrayLengths.tokens).toBe(150_000);
    await expect(read(Buffer.concat([header], start + 32 * 4 - 1))).rejects.toMatchObject({ code: "GGUF_TRUNCATED" });
  });

  it("may be of version 2", async () => {
    const bytes = damage.version(2)(await bytesOf({ tensors: [tensor("a")] }));
    expect(await read(bytes)).toMatchObject({ version: 2, tensors: [{ name: "a" }] });
  });
});

describe("a file that is no file", () => {
  it.each([
    ["nowhere", "absent.gguf", "absent.gguf"],
    ["a folder", ".", "gguf-read-"],
    ["below a file", "target.gguf/x.gguf", "x.gguf"],
  ])("is missing: %s", async (_what, name, named) => {
    await writeFile(target, "");
    await expect(readGguf(path.join(dir, name))).rejects.toMatchObject({
      code: "FILE_MISSING",
      message: expect.stringContaining(named),
      hint: expect.any(String),
    });
  });

  it.skipIf(process.platform === "win32")("is not waited for: a pipe", async () => {
    const pipe = path.join(dir, "pipe.gguf");
    execFileSync("mkfifo", [pipe]);
    await expect(readGguf(pipe)).rejects.toMatchObject({ code: "FILE_MISSING" });
  });

  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)("is missing if it may not be read", async () => {
    const secret = path.join(dir, "secret.gguf");
    await copyFile(NANO.mmprojPath, secret);
    await chmod(secret, 0);
    await expect(readGguf(secret)).rejects.toMatchObject({ code: "FILE_MISSING" });
  });
});

describe("a damaged file", () => {
  it("is refused with a typed error at every truncation", async () => {
    for (const source of [NANO.modelPath, NANO.mmprojPath]) {
      const size = (await readFile(source)).length;
      const file = path.join(dir, "cut.gguf");
      await copyFile(source, file);
      const places = Array.from({ length: 22 }, (_, i) => Math.floor(size * 0.93 ** (i * 8)));
      // Longest first: each cut shortens the same file.
      for (const bytes of [size - 1, ...places.slice(1), 200, 24, 23, 12, 5, 4]) {
        await truncate(file, bytes);
        await expect(readGguf(file), `${bytes} bytes`).rejects.toMatchObject({ code: "GGUF_TRUNCATED" });
      }
      await truncate(file, 3);
      await expect(readGguf(file)).rejects.toMatchObject({ code: "NOT_A_GGUF" });
    }
  });

  it("is refused at every length of a whole header", async () => {
    const bytes = await bytesOf({ metadata: { a: kv.strings(["b", "c"]) }, tensors: [tensor("d"), tensor("e")] });
    for (let length = 4; length < bytes.length; length++) {
      await expect(read(bytes.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: "GGUF_TRUNCATED",
      });
    }
    await expect(read(bytes)).resolves.toBeDefined();
  });

  it("is refused after no more than its beginning is read, without reserving what it claims", async () => {
    const before = process.memoryUsage.rss();
    for (const [name, apply] of Object.entries(hostileSamples("v.blk.0.attn_out.weight"))) {
      const file = await writeDamaged(NANO.mmprojPath, path.join(dir, "hostile.gguf"), apply);
      const handle = await open(file, "r");
      const reads = vi.spyOn(handle, "read");
      try {
        await expect(readOpenGguf(handle, file), name).rejects.toMatchObject(refusal);
        const results = await Promise.all(reads.mock.results.map(({ value }) => value));
        expect(results.reduce((sum, { bytesRead }) => sum + bytesRead, 0)).toBeLessThanOrEqual(1 << 20);
      } finally {
        await handle.close();
      }
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
  });

  it("is refused about as fast as a good one is read", async () => {
    /** ms, the least of three: other work on the machine only adds. */
    const least = async (work: () => Promise<unknown>): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 3; round++) {
        const start = performance.now();
        await work();
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    const sound = await least(() => readGguf(NANO.mmprojPath));
    for (const [name, apply] of Object.entries(hostileSamples("v.blk.0.attn_out.weight"))) {
      const file = await writeDamaged(NANO.mmprojPath, path.join(dir, "hostile.gguf"), apply);
      const refused = await least(() => expect(readGguf(file), name).rejects.toMatchObject(refusal));
      expect(refused / sound, name).toBeLessThan(100);
    }
  });

  it("is named in the message, with what is wrong", async () => {
    const random = await writeRandomBytes(path.join(dir, "random.gguf"), 5000);
    await expect(readGguf(random)).rejects.toMatchObject({
      code: "NOT_A_GGUF",
      message: '"random.gguf" is not a valid GGUF file: it does not begin with "GGUF".',
      hint: expect.stringContaining("download"),
    });
    await expect(read(Buffer.alloc(0))).rejects.toMatchObject({ message: expect.stringContaining("it is empty") });
  });

  const metadata = { "general.architecture": kv.string("clip"), list: kv.i32s([1, 2]), words: kv.strings(["a", "b"]) };
  const tensors = [tensor("alpha"), tensor("bravo", [32, 2], "q8_0"), tensor("delta")];
  it.each<[string, Damage, string | RegExp]>([
    ["version 1", damage.version(1), /version 1 is neither 2 nor 3/],
    ["big-endian byte order", damage.version(3 << 24), /big-endian/],
    ["a list of lists", listOf("list", 9), /items of the unknown type 9/],
    ["a list of an unknown type", listOf("list", 13), /items of the unknown type 13/],
    ["a list longer than the file", damage.arrayLength("list", 1n << 40n), "GGUF_TRUNCATED"],
    ["a list whose bytes overflow", damage.arrayLength("list", 2n ** 64n - 1n), "GGUF_TRUNCATED"],
    ["a list of texts longer than the file", damage.arrayLength("words", HUGE), "GGUF_TRUNCATED"],
    ["a tensor twice", rename("bravo", "alpha"), /"alpha" is in it twice/],
    ["a tensor of no whole blocks", damage.tensorDimension("bravo", 0, 33n), /"bravo" are no whole blocks/],
    ["sides whose product overflows", sides("bravo", 2n ** 33n, 2n ** 33n), /impossible shape/],
    ["sides whose product is 2^64", sides("bravo", 2n ** 32n, 2n ** 32n), /impossible shape/],
    ["data over those of another tensor", damage.tensorOffset("delta", 128n), /"delta" is not where it should be/],
    ["data in another's place", damage.tensorOffset("bravo", 0n), /"bravo" is not where it should be/],
    ["a gap before data", damage.tensorOffset("delta", 256n), /"delta" is not where it should be/],
    ["a removed type", damage.tensorType("bravo", 4), /"bravo" has the unknown type 4/],
  ])("is refused: %s", async (_name, apply, reason) => {
    const bytes = apply(await bytesOf({ metadata, tensors }));
    await expect(read(bytes)).rejects.toMatchObject(
      typeof reason === "string" ? { code: reason } : { code: "NOT_A_GGUF", message: expect.stringMatching(reason) },
    );
  });

  it.each([0, 3, 48, 2 ** 31 + 1])("is refused: an alignment of %i", async (alignment) => {
    const bytes = await bytesOf({ metadata: { "general.alignment": kv.u32(alignment) }, tensors });
    await expect(read(bytes)).rejects.toMatchObject({ message: expect.stringContaining("power of two") });
  });

  it.each([
    { type: "uint64", value: 32n } as const,
    { type: "int32", value: 32 } as const,
    kv.string("32"),
    kv.i32s([32]),
  ])("is refused: an alignment of the type $type", async (value) => {
    const bytes = await bytesOf({ metadata: { "general.alignment": value }, tensors });
    await expect(read(bytes)).rejects.toMatchObject({ message: expect.stringContaining("power of two") });
  });

  /** A file with one key and no tensor, by hand. */
  const handmade = (entries: readonly Buffer[], tensorInfos: readonly Buffer[] = []) =>
    Buffer.concat([
      Buffer.from("GGUF"),
      encodeU32(3),
      encodeU64(BigInt(tensorInfos.length)),
      encodeU64(BigInt(entries.length)),
      ...entries,
      ...tensorInfos,
    ]);
  const entry = (key: string, value: Buffer) => Buffer.concat([encodeString(key), value]);
  const info = (name: string, dimensions: number) =>
    Buffer.concat([
      encodeString(name),
      encodeU32(dimensions),
      ...Array.from({ length: dimensions }, () => encodeU64(1n)),
      encodeU32(0),
      encodeU64(0n),
    ]);

  it("is refused: a key twice, a key or tensor name that is too long, no dimension, five", async () => {
    const one = entry("k", encodeMetadataValue(kv.u32(1)));
    await expect(read(handmade([one, one]))).rejects.toMatchObject({ message: expect.stringContaining('"k"') });
    const cases = [
      handmade([entry("k".repeat(65_536), encodeMetadataValue(kv.u32(1)))]),
      handmade([], [info("n".repeat(64), 1)]),
      handmade([], [info("n", 0), Buffer.alloc(64)]),
      handmade([], [info("n", 5), Buffer.alloc(64)]),
    ];
    for (const bytes of cases) await expect(read(bytes)).rejects.toMatchObject({ code: "NOT_A_GGUF" });
  });

  it("is refused: a header that goes on and on in a file that is large enough, within little memory", async () => {
    const handle = await open(target, "w");
    // A list of 128 MiB, all of it a hole in the file.
    const list = Buffer.concat([encodeU32(9), encodeU32(4), encodeU64(2n ** 25n)]);
    try {
      await handle.write(handmade([entry("numbers", list)]));
      await handle.truncate(2 ** 27 + 4096);
    } finally {
      await handle.close();
    }
    const before = process.memoryUsage.rss();
    await expect(readGguf(target)).rejects.toMatchObject({ message: expect.stringContaining("no end") });
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
  });
});

/** Gives a list another type of items. */
function listOf(key: string, type: number): Damage {
  return (file) => {
    encodeU32(type).copy(file, file.indexOf(encodeString(key)) + encodeString(key).length + 4);
    return file;
  };
}

/** Gives a tensor another name of the same length. */
function rename(from: string, to: string): Damage {
  return (file) => {
    encodeString(to).copy(file, file.indexOf(encodeString(from)));
    return file;
  };
}

function sides(name: string, first: bigint, second: bigint): Damage {
  return (file) => damage.tensorDimension(name, 1, second)(damage.tensorDimension(name, 0, first)(file));
}
