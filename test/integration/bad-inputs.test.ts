import { copyFile, mkdir, mkdtemp, rm, stat, truncate } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ErrorCode, HoloscopeError, type ImageRef } from "../../app/contract/index.ts";
import { oddImages } from "../support/bad-images.ts";
import { damage, hostileSamples, writeDamaged, writeRandomBytes } from "../support/gguf/corrupt.ts";
import {
  writePairAbortingInEncode,
  writePairAbortingInLoad,
  writePairAbortingInPrefill,
} from "../support/gguf/crashing-pairs.ts";
import { writeTinySplitPair } from "../support/gguf/split.ts";
import { writeTinyQwen3vlPair } from "../support/gguf/tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";
import { repositoryRoot } from "../support/repository.ts";

/**
 * What is wrong with what users hand over: each case is a typed error, soon, and host and engine live on. Soon is told by
 * what a healthy start with a detection takes here and now.
 */
const mostOfHealthy = 20;
const nano = path.join(repositoryRoot, "resources/models/nano");

let real: RealHost;
let folder: string;
let good: ImageRef;
let healthyMs: number;

beforeAll(async () => {
  real = await startRealHost();
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-bad-"));
  const started = performance.now();
  good = await real.addSample("settings");
  await real.run({ imageId: good.id });
  healthyMs = performance.now() - started;
});

afterAll(async () => {
  await real.dispose();
  await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  expect((await real.host.call("images.get", { id: good.id })).id).toBe(good.id);
  expect((await real.host.call("models.info", { id: "nano" })).inspection.family).toBe("qwen3vl");
});

async function failureOf(action: () => Promise<unknown>): Promise<HoloscopeError> {
  const started = performance.now();
  const outcome = await action().then(
    () => new Error("it was accepted"),
    (error: unknown) => error,
  );
  expect((performance.now() - started) / healthyMs).toBeLessThan(mostOfHealthy);
  if (!(outcome instanceof HoloscopeError)) throw outcome;
  expect(outcome.message).not.toBe("");
  return outcome;
}

/** Adds an image, and if that works detects on it: the error of whichever refuses. Adding reads no more than the header. */
async function useImage(bytes: Uint8Array): Promise<void> {
  const image = await real.host.call("images.add", { bytes });
  const run = await real.run({ imageId: image.id });
  if (run.error) throw HoloscopeError.fromInfo(run.error);
}

describe("images", () => {
  it.each(oddImages.filter(({ expected }) => expected !== "works"))("refuses: $name", async ({ bytes, expected }) => {
    const data = await bytes();
    const { code } = await failureOf(() => useImage(data));
    expect(expected).toContain(code);
  });

  it.each(oddImages.filter(({ expected }) => expected === "works"))("detects on: $name", async ({ bytes }) => {
    const image = await real.host.call("images.add", { bytes: await bytes() });
    const run = await real.run({ imageId: image.id });
    expect(run.error).toBeUndefined();
    expect(run.status).toBe("done");
  });

  it("swaps width and height of an EXIF-rotated image", async () => {
    const rotated = oddImages.find(({ name }) => name === "EXIF-rotated JPEG");
    const image = await real.host.call("images.add", { bytes: (await rotated?.bytes()) ?? Buffer.alloc(0) });
    expect([image.width, image.height]).toEqual([90, 120]);
  });

  it.each([
    ["a missing file", "nowhere.png", "FILE_MISSING"],
    ["a folder", ".", "IMAGE_UNREADABLE"],
  ])("refuses the path of %s", async (_, name, expected) => {
    const { code } = await failureOf(() => real.host.call("images.addPath", { path: path.join(folder, name) }));
    expect(code).toBe(expected);
  });

  it("refuses a run on an image it does not have", async () => {
    const { code } = await failureOf(() => real.host.detect({ imageId: "0".repeat(64) }));
    expect(code).toBe("IMAGE_NOT_FOUND");
  });
});

const unreadable: readonly ErrorCode[] = ["NOT_A_GGUF", "GGUF_TRUNCATED"];
const refused: readonly ErrorCode[] = [...unreadable, "WRONG_ARCHITECTURE", "MMPROJ_MISMATCH", "MODEL_LOAD_FAILED"];

/** Adds a pair, and if that works detects with it: the error of whichever refuses. */
async function useModel(modelPath: string, mmprojPath: string): Promise<void> {
  const entry = await real.host.call("models.add", { modelPath, mmprojPath });
  const run = await real.run({ imageId: good.id, modelId: entry.id });
  await real.host.call("models.remove", { id: entry.id });
  if (run.error) throw HoloscopeError.fromInfo(run.error);
}

describe("GGUF files", () => {
  const model = path.join(nano, "model.gguf");
  const mmproj = path.join(nano, "mmproj.gguf");

  it.each(Object.entries(hostileSamples("blk.0.attn_q.weight")))("refuses a model with: %s", async (name, apply) => {
    const target = await writeDamaged(model, path.join(folder, `model ${name}.gguf`), apply);
    expect(refused).toContain((await failureOf(() => useModel(target, mmproj))).code);
  });

  it.each(Object.entries(hostileSamples("v.blk.0.attn_qkv.weight")))(
    "refuses an mmproj with: %s",
    async (name, apply) => {
      const target = await writeDamaged(mmproj, path.join(folder, `mmproj ${name}.gguf`), apply);
      expect(refused).toContain((await failureOf(() => useModel(model, target))).code);
    },
  );

  const places = Array.from({ length: 20 }, (_, index) => index);

  it.each(places)("refuses a model cut at place %i of 20", async (place) => {
    // Geometric, so that header, metadata, tokenizer, tensor list and data are all hit: 5 bytes ... 95 % of 11 MB.
    const bytes = Math.round(5 * 2_000_000 ** (place / 19));
    const target = await writeDamaged(model, path.join(folder, `cut-${place}.gguf`), damage.truncate(bytes));
    expect(unreadable).toContain((await failureOf(() => useModel(target, mmproj))).code);
  });

  it("refuses random bytes", async () => {
    const target = await writeRandomBytes(path.join(folder, "random.gguf"), 1_000_000);
    expect((await failureOf(() => useModel(target, mmproj))).code).toBe("NOT_A_GGUF");
  });

  it("refuses a model without an mmproj beside it or one folder up, and says what to do", async () => {
    const alone = path.join(folder, "alone", "deeper");
    await mkdir(alone, { recursive: true });
    await copyFile(model, path.join(alone, "model.gguf"));
    const error = await failureOf(() => real.host.call("models.add", { modelPath: path.join(alone, "model.gguf") }));
    expect(error.code).toBe("MMPROJ_MISSING");
    expect(error.hint).toBeTruthy();
  });

  it("refuses an mmproj of another width", async () => {
    const other = await writeTinyQwen3vlPair(await mkdtemp(path.join(folder, "other-")));
    expect((await failureOf(() => useModel(model, other.mmprojPath))).code).toBe("MMPROJ_MISMATCH");
  });

  it("refuses an mmproj of another family", async () => {
    const other = await writeTinyQwen25vlPair(await mkdtemp(path.join(folder, "family-")));
    const codes: readonly ErrorCode[] = ["MMPROJ_MISMATCH", "WRONG_ARCHITECTURE"];
    expect(codes).toContain((await failureOf(() => useModel(model, other.mmprojPath))).code);
  });

  it("refuses model and mmproj in each other's place", async () => {
    expect((await failureOf(() => useModel(mmproj, model))).code).toBe("WRONG_ARCHITECTURE");
  });

  it("notices a model that was cut after it had been added", async () => {
    const own = await mkdtemp(path.join(folder, "later-"));
    const pair = await writeTinyQwen25vlPair(own);
    const entry = await real.host.call("models.add", pair);
    await truncate(pair.modelPath, 50_000);
    const run = await real.run({ imageId: good.id, modelId: entry.id });
    expect(run.status).toBe("failed");
    expect(unreadable).toContain(run.error?.code);
  });

  it("notices a model that was deleted after it had been added", async () => {
    const own = await mkdtemp(path.join(folder, "gone-"));
    const pair = await writeTinyQwen25vlPair(own);
    const entry = await real.host.call("models.add", pair);
    await rm(own, { recursive: true });
    const run = await real.run({ imageId: good.id, modelId: entry.id });
    expect(run.error?.code).toBe("FILE_MISSING");
  });

  it.each([
    ["while loading", writePairAbortingInLoad],
    ["while it makes the context", writePairAbortingInPrefill],
    ["while it encodes the image", writePairAbortingInEncode],
  ])(
    "says once of a pair that makes llama.cpp abort %s what it is, and ends no other engine for it",
    async (_, write) => {
      const pair = await write(await mkdtemp(path.join(folder, "abort-")));
      const first = await failureOf(() => useModel(pair.modelPath, pair.mmprojPath));
      const started = real.engines.length;
      const again = await failureOf(() => useModel(pair.modelPath, pair.mmprojPath));
      expect(again.toInfo()).toEqual(first.toInfo());
      expect(first.code).toBe("MODEL_LOAD_FAILED");
      expect(`${first.message} ${first.hint}`).toContain("damaged or not for this engine");
      // The engine that replaces the ended one may have come up after it was counted.
      expect(real.engines.length - started).toBeLessThanOrEqual(1);
    },
  );

  it.each([
    ["model", "blk.1.ffn_down.weight"],
    ["mmproj", "v.blk.1.ffn_down.weight"],
  ] as const)("says of a %s with a renamed tensor that it is damaged or not for this engine", async (which, tensor) => {
    const pair = await writeTinyQwen3vlPair(await mkdtemp(path.join(folder, "renamed-")));
    const rename = (file: Buffer): Buffer => {
      file.write("x", file.indexOf(tensor));
      return file;
    };
    const file = which === "model" ? pair.modelPath : pair.mmprojPath;
    const target = await writeDamaged(file, path.join(path.dirname(file), `renamed-${which}.gguf`), rename);
    const [modelPath, mmprojPath] = which === "model" ? [target, pair.mmprojPath] : [pair.modelPath, target];
    const error = await failureOf(() => useModel(modelPath, mmprojPath));
    expect(error.code).toBe("MODEL_LOAD_FAILED");
    expect(`${error.message} ${error.hint}`).toContain("damaged or not for this engine");
  });

  it("refuses a split model with a missing part, and detects with a whole one", async () => {
    const own = await mkdtemp(path.join(folder, "split-"));
    const pair = await writeTinySplitPair(own, 3);
    const entry = await real.host.call("models.add", { modelPath: pair.modelPath });
    const sizes = await Promise.all([...pair.parts, pair.mmprojPath].map(async (file) => (await stat(file)).size));
    const all = sizes.reduce((sum, size) => sum + size, 0);
    expect(entry.bytes).toBe(all);
    const { models } = await real.host.call("models.storage", {});
    expect(models.find(({ id }) => id === entry.id)).toMatchObject({ bytes: all, missing: false });
    const run = await real.run({ imageId: good.id, modelId: entry.id });
    expect(run.error).toBeUndefined();
    expect(run.model.files.map(({ name }) => name)).toEqual(
      [...pair.parts, pair.mmprojPath].map((file) => path.basename(file)),
    );
    await expect(real.host.call("models.add", { modelPath: pair.parts[1] ?? "" })).rejects.toMatchObject({
      hint: expect.stringContaining(path.basename(pair.modelPath)),
    });
    await rm(pair.parts[2] ?? "");
    const failure = await failureOf(() => useModel(pair.modelPath, pair.mmprojPath));
    expect(failure.code).toBe("FILE_MISSING");
    expect((await real.host.call("models.storage", {})).models.find(({ id }) => id === entry.id)?.missing).toBe(true);
  });
});

describe("requests", () => {
  it.each([
    ["locate without a target", { mode: "locate" as const }, "BAD_REQUEST"],
    ["an unknown model", { modelId: "nobody" }, "MODEL_NOT_FOUND"],
    ["a backend that this machine lacks", { backend: "metal" as const }, "BACKEND_UNAVAILABLE"],
    ["a context that is too small", { overrides: { contextTokens: 64 } }, "CONTEXT_TOO_SMALL"],
  ])("refuses %s", async (_, request, expected) => {
    const error = await failureOf(async () => {
      const run = await real.run({ imageId: good.id, ...request });
      if (run.error) throw HoloscopeError.fromInfo(run.error);
    });
    expect(error.code).toBe(expected);
  });
});

it("says that the bundled detector reads no text where only that would tell one target from others", async () => {
  const run = await real.run({ imageId: good.id, mode: "locate", target: "the save button" });
  expect(run.error).toMatchObject({ code: "BAD_REQUEST", message: expect.stringContaining("text") });
});

it("still detects after all of it", async () => {
  const run = await real.run({ imageId: good.id });
  expect(run.status).toBe("done");
  expect(run.detections.length).toBeGreaterThanOrEqual(10);
});
