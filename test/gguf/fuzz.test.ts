import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HoloscopeError } from "../../app/contract/index.ts";
import { readGguf } from "../../app/gguf/read.ts";
import { fuzzBytes } from "../support/fuzz.ts";
import { damage } from "../support/gguf/corrupt.ts";
import { EVERY_TYPE, kv } from "../support/gguf/metadata.ts";
import { encodeGgufHeader, type GgufTensorSource } from "../support/gguf/writer.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holoscope-fuzz-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tensor = (name: string, shape: readonly number[], type: "f32" | "q8_0" = "f32"): GgufTensorSource => ({
  name,
  type,
  shape,
  values: () => new Float32Array(0),
});
/** A header with room for its tensors' data after it. */
const file = (metadata: typeof EVERY_TYPE, tensors: readonly GgufTensorSource[]): Buffer => {
  const header = encodeGgufHeader({ metadata, tensors });
  return Buffer.concat([header, Buffer.alloc(2048)]);
};

const shape = { "general.architecture": kv.string("qwen3vl"), "qwen3vl.block_count": kv.u32(6) };
const tensors = [tensor("alpha", [32]), tensor("bravo", [32, 2], "q8_0"), tensor("delta", [32])];
const good = [
  file(EVERY_TYPE, tensors),
  file({ ...shape, "tokenizer.ggml.tokens": kv.strings(["a", "b", "c"]), list: kv.i32s([1, 2]) }, tensors),
  damage.version(2)(file({ ...shape, "general.alignment": kv.u32(64) }, [])),
];

describe("a damaged GGUF header", () => {
  it("is read or refused with what is wrong, whatever was changed", async () => {
    const target = path.join(folder, "damaged.gguf");
    const seen = new Set<string>();
    await fuzzBytes(400, good, async (bytes) => {
      await writeFile(target, bytes);
      try {
        const { tensors: read, fileBytes, entries, metadata } = await readGguf(target);
        for (const { start, bytes: length } of read) expect(start + length).toBeLessThanOrEqual(fileBytes);
        expect(Object.keys(metadata)).toEqual([...entries.keys()]);
        seen.add("read");
      } catch (error) {
        if (!(error instanceof HoloscopeError)) throw error;
        expect(error.code).toMatch(/^(NOT_A_GGUF|GGUF_TRUNCATED)$/);
        seen.add(error.code);
      }
    });
    expect([...seen].sort()).toEqual(["GGUF_TRUNCATED", "NOT_A_GGUF", "read"]);
  });
});
