import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GeneratedToken, LoadOptions, NativeSession, VitPath } from "../../native/index.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { usual } from "../support/usual-native.ts";
import { contextOptions, describeNative, generate, library, loadOptions, noise } from "./support.ts";

/** px of a merged cell of 2x2 patches; a full window is 4x4 cells. */
const CELL = 28;

/** Image sizes in cells, so that each combination of window shapes occurs. */
const SIZES = [
  ["full windows only", 8, 8],
  ["one full window", 4, 4],
  ["a right edge", 9, 8],
  ["a lower edge", 8, 10],
  ["right and lower edge, corner", 11, 9],
  ["a right edge alone", 3, 8],
  ["a lower edge alone", 8, 2],
  ["a corner alone", 3, 2],
  ["a single cell", 1, 1],
  ["a single column", 1, 13],
  ["a single row", 14, 1],
  ["a wide screen", 23, 13],
] as const;

const PAIRS = [
  { type: "f32", flashAttention: "off", cpuAttention: false, limit: 1e-3 },
  { type: "f32", flashAttention: "on", cpuAttention: false, limit: 1e-3 },
  { type: "f32", flashAttention: "on", cpuAttention: true, limit: 1e-3 },
  { type: "f16", flashAttention: "off", cpuAttention: false, limit: 1e-2 },
  { type: "f16", flashAttention: "on", cpuAttention: false, limit: 1e-2 },
  { type: "f16", flashAttention: "on", cpuAttention: true, limit: 1e-2 },
] as const;

describeNative("windowed attention of Qwen2.5-VL's encoder", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-vit-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function withSession<T>(
    type: "f32" | "f16",
    options: {
      readonly fullAttentionEvery?: number;
      readonly flashAttention: LoadOptions["flashAttention"];
      readonly ffnPadding?: "on" | "off";
    },
    work: (session: NativeSession) => Promise<T>,
  ): Promise<T> {
    const { fullAttentionEvery = 4, flashAttention, ffnPadding = "off" } = options;
    const files = await writeTinyQwen25vlPair(path.join(folder, `${type}-${fullAttentionEvery}`), {
      type,
      fullAttentionEvery,
      visionFeedForwardLength: 100, // as the real one's, no multiple of 8
    });
    const session = await library().load(loadOptions({ ...files, flashAttention, ffnPadding }));
    try {
      await session.configure(contextOptions({ flashAttention }));
      return await work(session);
    } finally {
      await session.free();
    }
  }

  async function embeddings(session: NativeSession, width: number, height: number, vit: VitPath, cpuAttention = false) {
    const { imageTokens } = await session.prepare(noise(width * CELL, height * CELL));
    expect(imageTokens).toBe(width * height);
    const encoded = await session.encode({ vit, cpuAttention, captureOutput: true });
    expect(encoded.vit).toBe(vit);
    if (encoded.output === undefined) throw new Error("nothing was captured");
    expect(encoded.output.length % imageTokens).toBe(0);
    return encoded.output;
  }

  it.each(PAIRS)(
    "gives upstream's embeddings: $type, flash attention $flashAttention, own kernel $cpuAttention",
    async ({ type, flashAttention, cpuAttention, limit }) => {
      await withSession(type, { flashAttention }, async (session) => {
        for (const [name, width, height] of SIZES) {
          const windowed = await embeddings(session, width, height, "windowed", cpuAttention);
          const upstream = await embeddings(session, width, height, "upstream");
          const { difference, scale } = compare(windowed, upstream);
          expect(difference, `${name}, ${width}x${height} cells`).toBeLessThanOrEqual(limit);
          expect(scale, "the embeddings are not all alike").toBeGreaterThan(50 * limit);
        }
      });
    },
  );

  it("strays no farther than upstream from what is computed without flash attention", async () => {
    const collect = (flashAttention: "on" | "off", vit: VitPath) =>
      withSession("f32", { flashAttention }, async (session) => {
        const all: number[] = [];
        for (const [, width, height] of SIZES) all.push(...(await embeddings(session, width, height, vit)));
        return Float32Array.from(all);
      });
    const exact = await collect("off", "upstream");
    const windowed = compare(await collect("on", "windowed"), exact).difference;
    const upstream = compare(await collect("on", "upstream"), exact).difference;
    expect(upstream).toBeGreaterThan(0);
    expect(windowed).toBeLessThanOrEqual(1.5 * upstream);
  });

  it("gives them with FFN weights padded to a rounder length", async () => {
    const collect = (ffnPadding: "on" | "off") =>
      withSession("f16", { flashAttention: "off", ffnPadding }, async (session) => ({
        output: await embeddings(session, 11, 9, "windowed"),
        bytes: session.memory().visionEncoder.reduce((sum, { model }) => sum + model, 0),
      }));
    const [padded, plain] = [await collect("on"), await collect("off")];
    expect(padded.bytes, "copies were made").toBeGreaterThan(plain.bytes);
    expect(compare(padded.output, plain.output).difference).toBeLessThanOrEqual(1e-2);
  });

  it("does not when other layers attend to the whole image (negative control)", async () => {
    const of = (fullAttentionEvery: number) =>
      withSession("f32", { fullAttentionEvery, flashAttention: "off" }, (session) =>
        embeddings(session, 11, 9, "windowed"),
      );
    expect(compare(await of(4), await of(8)).difference).toBeGreaterThan(0.05);
  });

  it.each(["off", "on"] as const)("leads to the same tokens, flash attention %s", async (flashAttention) => {
    await withSession("f32", { flashAttention }, async (session) => {
      let ties = 0;
      for (const [, width, height] of SIZES) {
        const answers: GeneratedToken[][] = [];
        for (const vit of ["windowed", "upstream"] as const) {
          await session.prepare(noise(width * CELL, height * CELL));
          await session.encode({ ...usual.encode, vit });
          await session.prefill();
          answers.push([...(await generate(session, 32)).list]);
        }
        const [windowed = [], upstream = []] = answers;
        expect(windowed.length).toBeGreaterThan(0);
        const at = windowed.findIndex(({ id }, index) => id !== upstream[index]?.id);
        if (at === -1) {
          expect(windowed.length).toBe(upstream.length);
          continue;
        }
        // Random weights: two tokens may be equally likely up to what rounding moves, and then either may be chosen.
        const gap = Math.abs((windowed[at]?.logProb ?? 0) - (upstream[at]?.logProb ?? Number.NaN));
        expect(gap, `${width}x${height} cells differ from token ${at} on`).toBeLessThan(0.005);
        ties++;
      }
      expect(ties).toBeLessThanOrEqual(1);
    });
  });
});

/** Largest difference between two lists of one length, and the largest distance of two values of the second. */
function compare(given: Float32Array, reference: Float32Array) {
  expect(given.length).toBe(reference.length);
  let difference = 0;
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [index, value] of reference.entries()) {
    const here = Math.abs(value - (given[index] ?? Number.NaN));
    if (!(here <= difference)) difference = here; // also when it is not a number
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  return { difference, scale: highest - lowest };
}
