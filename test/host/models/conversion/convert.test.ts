import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { GgmlType, readGgufFileInfo } from "node-llama-cpp";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ConversionReport, ConversionTarget } from "../../../../app/contract/index.ts";
import { temporaryBeside } from "../../../../app/host/disk/temporary.ts";
import { bf16ToHalf } from "../../../../app/host/models/conversion/bf16.ts";
import { convertGguf } from "../../../../app/host/models/conversion/convert.ts";
import { toHalfBits } from "../../../support/gguf/half.ts";
import { type GgufMetadata, kv } from "../../../support/gguf/metadata.ts";
import { encodeGgufHeader, type GgufTensorSource, writeGguf } from "../../../support/gguf/writer.ts";

let folder: string;
let input: string;
let output: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-convert-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
let number = 0;
beforeEach(async () => {
  const own = path.join(folder, String(number++));
  await mkdir(own);
  input = path.join(own, "in.gguf");
  output = path.join(own, "out.gguf");
});

const convert = (to: ConversionTarget = "f16", more: { signal?: AbortSignal } = {}): Promise<ConversionReport> =>
  convertGguf({
    input,
    output,
    to,
    signal: new AbortController().signal,
    onStep: () => {},
    onProgress: () => {},
    ...more,
  });

/** What bf16 bits mean, as a number. */
function widen(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits * 65536);
  return view.getFloat32(0);
}

/** A tensor whose values are exactly these bf16 bits. */
const bf16 = (name: string, bits: readonly number[], shape: readonly number[] = [bits.length]): GgufTensorSource => ({
  name,
  type: "bf16",
  shape,
  values: () => Float32Array.from(bits, widen),
});
const other = (name: string, type: "f32" | "f16" | "q8_0", count: number): GgufTensorSource => ({
  name,
  type,
  shape: [count],
  values: () => Float32Array.from({ length: count }, (_, i) => Math.sin(i * name.length)),
});

/** Data of every tensor by name, found with node-llama-cpp's reader, which shares nothing with ours. */
async function tensorsOf(file: string) {
  const bytes = await readFile(file);
  const { tensorInfo = [], metadata } = await readGgufFileInfo(file, { sourceType: "filesystem", logWarnings: false });
  const size = { [GgmlType.F32]: 4, [GgmlType.F16]: 2, [GgmlType.BF16]: 2, [GgmlType.Q8_0]: 34 / 32 } as Record<
    number,
    number
  >;
  const tensors = tensorInfo.map(({ name, ggmlType, dimensions, fileOffset }) => {
    const count = dimensions.reduce<number>((product, side) => product * Number(side), 1);
    const start = Number(fileOffset);
    const data = bytes.subarray(start, start + count * (size[ggmlType] ?? Number.NaN));
    return { name, ggmlType, dimensions, start, data };
  });
  return { tensors, metadata };
}

const words = (data: Buffer): number[] =>
  Array.from({ length: data.length / 2 }, (_, index) => data.readUInt16LE(index * 2));

describe("rounding bf16 to f16", () => {
  it("is that of an independent rounding for every bit pattern", () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = widen(bits);
      const half = bf16ToHalf(bits);
      if (Number.isNaN(value)) {
        expect([half & 0x7c00, (half & 0x3ff) !== 0, half >> 15]).toEqual([0x7c00, true, bits >> 15]);
      } else if (half !== toHalfBits(value)) {
        expect.fail(`${bits.toString(16)} became ${half.toString(16)}, not ${toHalfBits(value).toString(16)}`);
      }
    }
  });
});

describe("converting a file", () => {
  it("rounds every bf16 value and leaves every other byte as it is", async () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9._]{0,30}$/);
    const tensor = fc.oneof(
      { weight: 3, arbitrary: fc.array(fc.integer({ min: 0, max: 65535 }), { minLength: 1, maxLength: 300 }) },
      fc.constantFrom("f32" as const, "f16" as const, "q8_0" as const),
    );
    const file = fc.record({
      tensors: fc.uniqueArray(fc.tuple(name, tensor), { minLength: 1, maxLength: 12, selector: ([id]) => id }),
      text: fc.string({ unit: "binary", maxLength: 200 }),
      fileType: fc.constantFrom(undefined, 1, 15, 32),
      to: fc.constantFrom("f16" as const, "f32" as const),
      alignment: fc.constantFrom(undefined, 32),
    });
    await fc.assert(
      fc.asyncProperty(file, async ({ tensors, text, fileType, to, alignment: aligned }) => {
        fc.pre(tensors.some(([, kind]) => Array.isArray(kind)));
        await rm(output, { force: true });
        const metadata: GgufMetadata = {
          "general.architecture": kv.string("clip"),
          "general.description": kv.string(text),
          ...(fileType === undefined ? {} : { "general.file_type": kv.u32(fileType) }),
          ...(aligned === undefined ? {} : { "general.alignment": kv.u32(aligned) }),
          "tokenizer.ggml.tokens": kv.strings([text, "general.file_type", "b"]),
          "clip.vision.image_mean": kv.f32s([0.1, 0.2]),
          "some.flags": kv.bools([true, false]),
        };
        const sources = tensors.map(([id, kind]) => (Array.isArray(kind) ? bf16(id, kind) : other(id, kind, 96)));
        await writeGguf(input, { metadata, tensors: sources });
        const report = await convert(to);
        const [before, after] = [await tensorsOf(input), await tensorsOf(output)];
        expect(after.tensors.map(({ name: id, dimensions }) => [id, dimensions])).toEqual(
          before.tensors.map(({ name: id, dimensions }) => [id, dimensions]),
        );
        for (const [index, old] of before.tensors.entries()) {
          const now = after.tensors[index];
          if (now === undefined) throw new Error("a tensor is missing");
          expect(now.start % 32).toBe(0);
          if (old.ggmlType !== GgmlType.BF16) {
            expect(now.ggmlType).toBe(old.ggmlType);
            expect(now.data.equals(old.data)).toBe(true);
          } else if (to === "f16") {
            expect(now.ggmlType).toBe(GgmlType.F16);
            expect(words(now.data).map(canonicalNan)).toEqual(
              words(old.data).map((bits) => canonicalNan(toHalfBits(widen(bits)))),
            );
          } else {
            expect(now.ggmlType).toBe(GgmlType.F32);
            const upper = words(now.data).filter((_, at) => at % 2 === 1);
            expect(upper).toEqual(words(old.data));
            expect(words(now.data).every((word, at) => at % 2 === 1 || word === 0)).toBe(true);
          }
        }
        const expectedType = fileType === 32 ? (to === "f16" ? 1 : 0) : fileType;
        expect(after.metadata).toEqual({
          ...before.metadata,
          general: {
            ...before.metadata.general,
            ...(expectedType === undefined ? {} : { file_type: expectedType }),
          },
        });
        const written = await readFile(output);
        expect(report.sha256).toBe(createHash("sha256").update(written).digest("hex"));
        expect(report.outputBytes).toBe(written.length);
        const values = tensors.flatMap(([, kind]) => (Array.isArray(kind) ? kind : [])).map(widen);
        const lost = to === "f16" ? values.filter((v) => Number.isFinite(v) && Math.abs(v) > 65504).length : 0;
        expect(report.overflows.reduce((sum, each) => sum + each.values, 0)).toBe(lost);
        const gone = to === "f16" ? values.filter((v) => v !== 0 && (toHalfBits(v) & 0x7fff) === 0).length : 0;
        expect(report.vanishedValues).toBe(gone);
        expect(report.convertedValues).toBe(values.length);
      }),
      { numRuns: 60 },
    );
  });

  it("honours another alignment than the usual", async () => {
    const ones = (name: string, count: number): GgufTensorSource => bf16(name, Array<number>(count).fill(0x3f80));
    // Every tensor but the last fills its 64 bytes, so that the writer, which aligns to 32, puts them in the right place.
    const source = {
      metadata: { "general.alignment": kv.u32(64) },
      tensors: [ones("a", 32), ones("b", 32), ones("c", 5)],
    };
    const header = encodeGgufHeader(source);
    const data = Buffer.alloc(64 + 64 + 10);
    for (let at = 0; at < data.length; at += 2) data.writeUInt16LE(0x3f80, at);
    await writeFile(
      input,
      Buffer.concat([header, Buffer.alloc(Math.ceil(header.length / 64) * 64 - header.length), data]),
    );
    await convert("f32");
    const { tensors } = await tensorsOf(output);
    const [first = 0] = tensors.map(({ start }) => start);
    expect(tensors.map(({ start }) => start - first)).toEqual([0, 128, 256]);
    expect(first % 64).toBe(0);
    expect(tensors.map(({ data: bytes }) => bytes.readFloatLE(bytes.length - 4))).toEqual([1, 1, 1]);
    expect((await readFile(output)).length).toBe(first + 256 + 64);
  });

  it("keeps the metadata's bytes, general.file_type apart", async () => {
    const metadata = {
      "general.architecture": kv.string("clip"),
      "general.file_type": kv.u32(32),
      text: kv.string("ä\0b"),
    };
    await writeGguf(input, { metadata, tensors: [bf16("a", [0x3f80]), other("b", "f32", 3)] });
    await convert();
    const [before, after] = [await readFile(input), await readFile(output)];
    const infos = before.indexOf(Buffer.from("\x01\0\0\0\0\0\0\0a", "latin1"));
    const different = [...before.subarray(0, infos).entries()].filter(([at, byte]) => after[at] !== byte);
    expect(different.map(([at]) => at)).toEqual([before.indexOf("general.file_type") + 17 + 4]);
  });

  it("converts tensors larger than a piece that is read at once", async () => {
    const count = (1 << 20) + 777;
    const large: GgufTensorSource = {
      ...bf16("large", []),
      shape: [count],
      values: () => new Float32Array(count).fill(1.5),
    };
    await writeGguf(input, { metadata: {}, tensors: [large, other("after", "q8_0", 64)] });
    const report = await convert();
    expect(report).toMatchObject({ convertedValues: count, keptTensors: 1, overflows: [] });
    const { tensors } = await tensorsOf(output);
    expect(words(tensors[0]?.data ?? Buffer.alloc(0)).every((word) => word === 0x3e00)).toBe(true);
    expect(tensors[1]?.data.equals((await tensorsOf(input)).tensors[1]?.data ?? Buffer.alloc(0))).toBe(true);
  });
});

/** Rounding keeps a NaN's sign; its payload is nobody's business. */
const canonicalNan = (half: number): number => ((half & 0x7fff) > 0x7c00 ? (half & 0x8000) | 0x7e00 : half);

describe("refusing", () => {
  const small = () => writeGguf(input, { metadata: {}, tensors: [bf16("a", [1, 2, 3])] });
  const leftovers = async () => (await readdir(path.dirname(output))).filter((name) => name !== "in.gguf");

  it("never writes over a file", async () => {
    await small();
    await writeFile(output, "precious");
    await expect(convert()).rejects.toMatchObject({ code: "FILE_EXISTS" });
    expect(await readFile(output, "utf8")).toBe("precious");
    output = input;
    await expect(convert()).rejects.toMatchObject({ code: "FILE_EXISTS" });
  });

  it("says that there is nothing to convert, no file, no folder", async () => {
    await writeGguf(input, { metadata: {}, tensors: [other("b", "f32", 4)] });
    await expect(convert()).rejects.toThrow("no bf16 tensor");
    output = path.join(folder, "none", "out.gguf");
    await expect(convert()).rejects.toMatchObject({ code: "FILE_MISSING", message: expect.stringContaining("folder") });
    output = path.join(path.dirname(input), "out.gguf");
    await rm(input);
    await expect(convert()).rejects.toMatchObject({ code: "FILE_MISSING" });
    expect(await leftovers()).toEqual([]);
  });

  it.each([0, 3, 24, 60, 100, -1, -40])("refuses a file cut at %i bytes and leaves nothing", async (at) => {
    await writeGguf(input, { metadata: { k: kv.string("v") }, tensors: [other("b", "f32", 9), bf16("a", [1, 2, 3])] });
    const bytes = await readFile(input);
    const cut = at < 0 ? bytes.length - 26 + at : at;
    await writeFile(input, bytes.subarray(0, cut));
    const expected = at === 0 || at === 3 ? "NOT_A_GGUF" : "GGUF_TRUNCATED";
    await expect(convert()).rejects.toMatchObject({ code: expected });
    expect(await leftovers()).toEqual([]);
  });

  it("refuses hostile headers without using much memory", async () => {
    await small();
    const bytes = await readFile(input);
    for (const at of [8, 16, 24, 32, 40, 48]) {
      const damaged = Buffer.from(bytes);
      damaged.fill(0xff, at, at + 8);
      await writeFile(input, damaged);
      await expect(convert(), `bytes at ${at}`).rejects.toMatchObject({
        code: expect.stringMatching(/NOT_A_GGUF|GGUF_TRUNCATED/),
      });
    }
    expect(await leftovers()).toEqual([]);
  });

  it("leaves nothing when cancelled", async () => {
    const count = 4 << 20;
    const large = { ...bf16("large", []), shape: [count], values: () => new Float32Array(count) };
    await writeGguf(input, { metadata: {}, tensors: [large] });
    const abort = new AbortController();
    const seen: number[] = [];
    const conversion = convertGguf({
      input,
      output,
      to: "f16",
      signal: abort.signal,
      onStep: () => {},
      onProgress: (bytes) => {
        seen.push(bytes);
        abort.abort();
      },
    });
    await expect(conversion).rejects.toMatchObject({ code: "CANCELLED" });
    expect(seen.length).toBeLessThan(3);
    expect(await leftovers()).toEqual([]);
  });
});

describe("what a killed conversion leaves", () => {
  it("is no GGUF by name, and goes with the next conversion; that of a living process stays", async () => {
    await writeGguf(input, { metadata: {}, tensors: [bf16("a", [1, 2, 3])] });
    const ended: ChildProcess = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => ended.once("exit", resolve));
    const stale = temporaryBeside(output).replace(`-${process.pid}-`, `-${ended.pid}-`);
    const living = temporaryBeside(output);
    for (const file of [stale, living]) await (await open(file, "w")).close();
    expect(stale).not.toMatch(/\.gguf$/);
    await convert();
    const names = await readdir(path.dirname(output));
    expect(names.sort()).toEqual(["in.gguf", path.basename(living), "out.gguf"].sort());
  });
});
