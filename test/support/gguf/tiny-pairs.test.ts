import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGgufFileInfo } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { damage, hostileSamples, writeDamaged } from "./corrupt.ts";
import { writeTinyQwen3vlPair } from "./tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "./tiny-qwen25vl.ts";
import { byteCharacter, controlTokenId, VOCABULARY_SIZE } from "./tokenizer.ts";
import { GGUF_VERSION } from "./writer.ts";

const GGML_F32 = 0;
const GGML_F16 = 1;
const GGML_Q8_0 = 8;
const GGML_BF16 = 30;

const FAMILIES = [
  { name: "qwen2.5-vl", write: writeTinyQwen25vlPair, architecture: "qwen2vl", projector: "qwen2.5vl_merger" },
  { name: "qwen3-vl", write: writeTinyQwen3vlPair, architecture: "qwen3vl", projector: "qwen3vl_merger" },
] as const;

let dir: string;

async function sha256(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "tiny-pairs-"));
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe.each(FAMILIES)("tiny $name pair", ({ name, write, architecture, projector }) => {
  it("names its architecture and projector and fits together", async () => {
    const pair = await write(join(dir, name));
    const model = await readGgufFileInfo(pair.modelPath);
    const mmproj = await readGgufFileInfo(pair.mmprojPath);
    expect(model.metadata).toMatchObject({
      general: { architecture },
      [architecture]: { embedding_length: 128 },
      tokenizer: { ggml: { eos_token_id: controlTokenId("<|im_end|>") } },
    });
    expect(mmproj.metadata).toMatchObject({
      general: { architecture: "clip" },
      clip: { projector_type: projector, vision: { projection_dim: 128 } },
    });
    const sizes = await Promise.all([stat(pair.modelPath), stat(pair.mmprojPath)]);
    expect(sizes.every((file) => file.size < 3_000_000)).toBe(true);
  });

  it("is the same bytes again from the same seed, and other bytes from another", async () => {
    const hashes = async (folder: string, seed: number) => {
      const pair = await write(join(dir, folder), { seed });
      return [await sha256(pair.modelPath), await sha256(pair.mmprojPath)];
    };
    const [model, mmproj] = await hashes(`${name}-a`, 7);
    expect(await hashes(`${name}-b`, 7)).toEqual([model, mmproj]);
    const [otherModel, otherMmproj] = await hashes(`${name}-c`, 8);
    expect(otherModel).not.toBe(model);
    expect(otherMmproj).not.toBe(mmproj);
  });

  it.each([
    ["f32", GGML_F32],
    ["f16", GGML_F16],
    ["bf16", GGML_BF16],
    ["q8_0", GGML_Q8_0],
  ] as const)("stores the mmproj's matrices as %s", async (type, code) => {
    const { mmprojPath } = await write(join(dir, `${name}-${type}`), { type });
    const { fullTensorInfo = [] } = await readGgufFileInfo(mmprojPath);
    const matrices = fullTensorInfo.filter((tensor) => /(attn|ffn|mm).*\.weight$/.test(tensor.name));
    expect(matrices.length).toBeGreaterThan(10);
    expect(new Set(matrices.map((tensor) => Number(tensor.ggmlType)))).toEqual(new Set([code]));
  });

  it("can be made not to fit together", async () => {
    const { mmprojPath } = await write(join(dir, `${name}-mismatch`), { projectionLength: 192 });
    const { metadata } = await readGgufFileInfo(mmprojPath);
    expect(metadata).toMatchObject({ clip: { vision: { projection_dim: 192 } } });
  });

  it("refuses a width that is no multiple of a head", async () => {
    await expect(write(join(dir, "odd"), { embeddingLength: 100 })).rejects.toThrow(/not a multiple of 64/);
  });
});

describe("tiny vocabulary", () => {
  it("has a different character for every byte", () => {
    const characters = Array.from({ length: 256 }, (_, byte) => byteCharacter(byte));
    expect(new Set(characters).size).toBe(256);
    expect([byteCharacter(0x20), byteCharacter(0x0a), byteCharacter(0x41)]).toEqual(["Ġ", "Ċ", "A"]);
  });

  it("ends with the control tokens", () => {
    expect(controlTokenId("<|image_pad|>")).toBe(VOCABULARY_SIZE - 1);
  });
});

describe("damage", () => {
  it("changes exactly the field that it names", async () => {
    const { modelPath } = await writeTinyQwen3vlPair(join(dir, "damage"));
    const good = await readFile(modelPath);
    const target = join(dir, "damaged.gguf");
    await writeDamaged(modelPath, target, damage.version(GGUF_VERSION + 4));
    const bad = await readFile(target);
    expect(bad.readUInt32LE(4)).toBe(7);
    good.copy(bad, 4, 4, 8);
    expect(bad.equals(good)).toBe(true);
    await writeDamaged(modelPath, target, damage.tensorDimension("output.weight", 1, 7n));
    const { fullTensorInfo = [] } = await readGgufFileInfo(target);
    const shape = fullTensorInfo.find((tensor) => tensor.name === "output.weight")?.dimensions.map(Number);
    expect(shape).toEqual([128, 7]);
  });

  it("offers samples that all differ from the good file", async () => {
    const { modelPath } = await writeTinyQwen3vlPair(join(dir, "samples"));
    const good = await readFile(modelPath);
    for (const [name, apply] of Object.entries(hostileSamples("blk.0.attn_q.weight"))) {
      expect(apply(Buffer.from(good)).equals(good), name).toBe(false);
    }
  });

  it("says so when the file has no such tensor", async () => {
    const { modelPath } = await writeTinyQwen3vlPair(join(dir, "missing"));
    await expect(writeDamaged(modelPath, join(dir, "x.gguf"), damage.tensorOffset("nope", 0n))).rejects.toThrow(/nope/);
  });
});
