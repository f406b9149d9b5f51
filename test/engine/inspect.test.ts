import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HoloscopeError } from "../../app/contract/index.ts";
import { inspectModel, inspectPair } from "../../app/engine/inspect.ts";
import {
  hostileSamples,
  mmprojAsModel,
  modelAsMmproj,
  writeDamaged,
  writeRandomBytes,
} from "../support/gguf/corrupt.ts";
import { writeTinySplitPair } from "../support/gguf/split.ts";
import { writeTinyQwen3vlPair } from "../support/gguf/tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { NANO } from "../support/repository.ts";

describe("inspecting a pair", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "holoscope-inspect-"));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it("tells of the bundled detector", async () => {
    const { inspection } = await inspectPair(NANO);
    expect(inspection).toMatchObject({
      family: "qwen3vl",
      model: { path: NANO.modelPath, architecture: "qwen3vl", embeddingLength: 384 },
      mmproj: { path: NANO.mmprojPath, architecture: "clip", projector: "qwen3vl_merger", projectionDim: 384 },
    });
    expect(inspection.model.parameters).toBeGreaterThan(5e6);
  });

  it.each(["modelPath", "mmprojPath"] as const)("names what is wrong with %s", async (which) => {
    const random = await writeRandomBytes(path.join(dir, "random.gguf"), 5000);
    const empty = path.join(dir, "empty.gguf");
    await writeFile(empty, "");
    const other = which === "modelPath" ? NANO.mmprojPath : NANO.modelPath;
    const cases = [
      [path.join(dir, "absent.gguf"), "FILE_MISSING"],
      [dir, "FILE_MISSING"],
      [random, "NOT_A_GGUF"],
      [empty, "NOT_A_GGUF"],
      [other, "WRONG_ARCHITECTURE"],
    ] as const;
    for (const [file, code] of cases) {
      const failure = await inspectPair({ ...NANO, [which]: file }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(HoloscopeError);
      expect(failure).toMatchObject({ code, message: expect.stringContaining(path.basename(file)) });
    }
  });

  it("says that model and mmproj are swapped", async () => {
    await expect(inspectPair({ modelPath: NANO.mmprojPath, mmprojPath: NANO.modelPath })).rejects.toMatchObject({
      code: "WRONG_ARCHITECTURE",
      message: expect.stringContaining("swapped"),
    });
  });

  it("says what an mmproj given as a model is, and what to give", async () => {
    const { modelPath, mmprojPath } = await writeTinyQwen25vlPair(path.join(dir, "mmproj-first"));
    await expect(inspectModel(mmprojPath)).rejects.toMatchObject({
      code: "WRONG_ARCHITECTURE",
      message: expect.stringContaining(`"${path.basename(mmprojPath)}" is an mmproj, the vision part`),
      hint: expect.stringContaining(path.basename(modelPath)),
    });
    expect(await inspectModel(modelPath)).toMatchObject({ architecture: "qwen2vl", path: modelPath });
  });

  it("counts every part of a split model, and names the part that is missing", async () => {
    const { modelPath, mmprojPath, parts } = await writeTinySplitPair(path.join(dir, "split"), 3);
    const { inspection } = await inspectPair({ modelPath, mmprojPath });
    const whole = await writeTinyQwen3vlPair(path.join(dir, "unsplit"));
    const other = (await inspectPair(whole)).inspection.model;
    const { parameters, tensorTypes } = inspection.model;
    expect({ parameters, tensorTypes }).toEqual({ parameters: other.parameters, tensorTypes: other.tensorTypes });
    expect(inspection.model.bytes).toBeGreaterThan(other.bytes);
    await rm(parts[1] ?? "");
    await expect(inspectPair({ modelPath, mmprojPath })).rejects.toMatchObject({ code: "FILE_MISSING" });
  });

  it("refuses an mmproj of another model, with both widths", async () => {
    const tiny = await writeTinyQwen25vlPair(path.join(dir, "tiny"));
    await expect(inspectPair({ ...NANO, mmprojPath: tiny.mmprojPath })).rejects.toMatchObject({
      code: "MMPROJ_MISMATCH",
      message: expect.stringMatching(/128.*384/),
    });
  });

  it("refuses an mmproj of another width, and files in each other's place", async () => {
    const pair = await writeTinyQwen25vlPair(path.join(dir, "fits"));
    const mismatched = await writeTinyQwen25vlPair(path.join(dir, "fits-not"), { projectionLength: 192 });
    await expect(inspectPair(mismatched)).rejects.toMatchObject({ code: "MMPROJ_MISMATCH" });
    await expect(inspectPair(modelAsMmproj(pair))).rejects.toMatchObject({ code: "WRONG_ARCHITECTURE" });
    await expect(inspectPair(mmprojAsModel(pair))).rejects.toMatchObject({ code: "WRONG_ARCHITECTURE" });
  });

  it("refuses every damaged file", async () => {
    const pair = await writeTinyQwen25vlPair(path.join(dir, "damaged"));
    const target = path.join(dir, "damaged", "bad.gguf");
    for (const [name, apply] of Object.entries(hostileSamples("blk.0.attn_q.weight"))) {
      const modelPath = await writeDamaged(pair.modelPath, target, apply);
      await expect(inspectPair({ ...pair, modelPath }), `model: ${name}`).rejects.toHaveProperty("code");
    }
    for (const [name, apply] of Object.entries(hostileSamples("v.blk.0.attn_q.weight"))) {
      const mmprojPath = await writeDamaged(pair.mmprojPath, target, apply);
      await expect(inspectPair({ ...pair, mmprojPath }), `mmproj: ${name}`).rejects.toHaveProperty("code");
    }
  });
});
