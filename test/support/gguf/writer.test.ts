import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGgufFileInfo } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toHalfBits } from "./half.ts";
import { EVERY_TYPE } from "./metadata.ts";
import { TENSOR_TYPES, toBfloatBits } from "./tensor-types.ts";
import { GGUF_ALIGNMENT, type GgufTensorSource, writeGguf } from "./writer.ts";

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "gguf-writer-"));
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe("writeGguf", () => {
  it("writes metadata of every type that node-llama-cpp reads back", async () => {
    const path = join(dir, "metadata.gguf");
    await writeGguf(path, { metadata: EVERY_TYPE, tensors: [] });
    const info = await readGgufFileInfo(path);
    expect(info.version).toBe(3);
    expect(info.metadata).toMatchObject({
      general: { architecture: "test" },
      x: {
        uint8: 255,
        int8: -128,
        uint16: 65535,
        int16: -32768,
        uint32: 4_294_967_295,
        int32: -2_147_483_648,
        float32: 0.5,
        float64: Math.PI,
        bool: true,
        string: "Grüße 👋",
        strings: ["", "Ġ", "a b"],
        numbers: [-1, 0, 1],
        flags: [true, false],
      },
    });
    const { x } = info.metadata as unknown as { x: { uint64: number | bigint; int64: number | bigint } };
    expect([BigInt(x.uint64), BigInt(x.int64)]).toEqual([2n ** 40n, -(2n ** 40n)]);
  });

  it("aligns every tensor and puts its values where the header says", async () => {
    const path = join(dir, "tensors.gguf");
    const first: GgufTensorSource = { name: "a", type: "f32", shape: [3], values: () => Float32Array.of(1, 2, 3) };
    const second: GgufTensorSource = { ...first, name: "b", shape: [2, 2], values: () => Float32Array.of(4, 5, 6, 7) };
    const { bytes } = await writeGguf(path, { metadata: EVERY_TYPE, tensors: [first, second] });
    const info = await readGgufFileInfo(path);
    const file = await readFile(path);
    expect(file.length).toBe(bytes);
    expect(info.fullTensorInfo?.map((tensor) => tensor.dimensions.map(Number))).toEqual([[3], [2, 2]]);
    expect(info.fullTensorInfo?.map((tensor) => Number(tensor.offset))).toEqual([0, GGUF_ALIGNMENT]);
    const dataStart = bytes - 2 * GGUF_ALIGNMENT;
    expect(dataStart % GGUF_ALIGNMENT).toBe(0);
    expect([0, 1, 2].map((i) => file.readFloatLE(dataStart + 4 * i))).toEqual([1, 2, 3]);
    expect([0, 1, 2, 3].map((i) => file.readFloatLE(dataStart + GGUF_ALIGNMENT + 4 * i))).toEqual([4, 5, 6, 7]);
  });

  it.each([
    ["a wrong number of values", { shape: [4] }, /has 3 values; its shape needs 4/],
    ["rows that do not fill blocks", { type: "q8_0" as const }, /blocks hold 32/],
    ["a shape that is not whole", { shape: [1.5] }, /positive whole numbers/],
    ["more than four dimensions", { shape: [3, 1, 1, 1, 1] }, /1 to 4/],
  ])("refuses %s", async (_, change, message) => {
    const tensor = { name: "a", type: "f32" as const, shape: [3], values: () => Float32Array.of(1, 2, 3), ...change };
    await expect(writeGguf(join(dir, "bad.gguf"), { metadata: {}, tensors: [tensor] })).rejects.toThrow(message);
  });

  it("refuses two tensors of one name", async () => {
    const tensor = { name: "a", type: "f32" as const, shape: [1], values: () => Float32Array.of(1) };
    await expect(writeGguf(join(dir, "twice.gguf"), { metadata: {}, tensors: [tensor, tensor] })).rejects.toThrow(
      /twice/,
    );
  });
});

describe("tensor types", () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.996, 0x7bff],
    [65520, 0x7c00],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [3 * 2 ** -25, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [Number.NaN, 0x7e00],
  ])("rounds %d to a half", (value, bits) => {
    expect(toHalfBits(value)).toBe(bits);
  });

  it.each([
    [1, 0x3f80],
    [-1, 0xbf80],
    [1 + 2 ** -8, 0x3f80],
    [1 + 3 * 2 ** -8, 0x3f82],
    [Number.POSITIVE_INFINITY, 0x7f80],
    [-3.4028234663852886e38, 0xff80],
  ])("rounds %d to a bfloat", (value, bits) => {
    expect(toBfloatBits(value)).toBe(bits);
  });

  it("writes q8_0 blocks that decode to the values within half a step", () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? Math.sin(i) : 0));
    const bytes = TENSOR_TYPES.q8_0.encode(values);
    const view = new DataView(bytes.buffer);
    expect(bytes.length).toBe(68);
    const step = Math.max(...values.map(Math.abs)) / 127;
    expect(view.getUint16(0, true)).toBe(toHalfBits(step));
    for (let i = 0; i < 32; i++) {
      expect(Math.abs(view.getInt8(2 + i) * step - (values[i] ?? Number.NaN))).toBeLessThanOrEqual(step / 2 + 1e-9);
    }
    expect([...bytes.subarray(34)].every((byte) => byte === 0)).toBe(true);
  });
});
