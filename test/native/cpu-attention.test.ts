import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import type { EncodeOptions, LoadOptions, NativeSession } from "../../native/index.ts";
import { writeTinyQwen3vlPair } from "../support/gguf/tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { largestDifference } from "../support/largest-difference.ts";
import { usual } from "../support/usual-native.ts";
import {
  type Answer,
  answer,
  contextOptions,
  describeNative,
  library,
  loadOptions,
  noise,
  screenshot,
} from "./support.ts";

/** MSVC compiles no kernel; every processor that runs the other builds has one. */
const hasKernel = process.platform !== "win32";
if (!hasKernel) console.warn("The kernel's own tests are skipped: on Windows ggml's kernel is used.");

/** The instruction sets that this processor has a kernel for. */
const kernels = process.arch === "x64" ? ["best", "avx2"] : ["best"];

/** Sizes in cells of 2x2 patches, so that blocks of 64 queries and tiles of 64 keys end everywhere. */
const SIZES = [
  [1, 1],
  [4, 4],
  [3, 5],
  [5, 13],
  [8, 8],
  [17, 9],
] as const;

/** What ggml's own kernel computes in tiles, and ours takes. */
const fillsTile = ([width, height]: (typeof SIZES)[number]) => width * height * 4 >= 64;

/** f32 arithmetic with f16 keys and values on both sides, in another order; the embeddings lie some 5 apart. */
const limit = 1e-3;

const answerSchema = z.array(z.object({ bbox_2d: z.array(z.number()).length(4), label: z.string() }));

/** The finished elements of an answer that may have been cut at its token limit. */
function elementsOf({ text }: Answer): z.infer<typeof answerSchema> {
  return answerSchema.parse(JSON.parse(`${text.slice(0, text.lastIndexOf("}") + 1)}]`));
}

describeNative("attention on a CPU by the addon's own kernel", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-attention-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  afterEach(() => {
    delete process.env.HOLOSCOPE_CPU_ATTENTION;
  });

  const pairs = {
    "qwen2.5-vl": {
      cell: 28,
      write: () => writeTinyQwen25vlPair(path.join(folder, "25"), { type: "f32", fullAttentionEvery: 2 }),
    },
    "qwen3-vl": { cell: 32, write: () => writeTinyQwen3vlPair(path.join(folder, "3"), { type: "f32" }) },
  } as const;

  async function withSession<T>(
    pair: keyof typeof pairs,
    flashAttention: LoadOptions["flashAttention"],
    work: (session: NativeSession) => Promise<T>,
  ): Promise<T> {
    const session = await library().load(loadOptions({ ...(await pairs[pair].write()), flashAttention }));
    try {
      await session.configure(contextOptions({ flashAttention }));
      return await work(session);
    } finally {
      await session.free();
    }
  }

  /** The embeddings of noise of each size. */
  function embeddings(
    pair: keyof typeof pairs,
    flashAttention: LoadOptions["flashAttention"],
    options: Partial<EncodeOptions>,
  ) {
    return withSession(pair, flashAttention, async (session) => {
      const all: Float32Array[] = [];
      for (const size of SIZES) {
        const [width, height] = size;
        await session.prepare(noise(width * pairs[pair].cell, height * pairs[pair].cell));
        const { output, cpuAttention } = await session.encode({ ...usual.encode, ...options, captureOutput: true });
        const wanted = flashAttention !== "off" && options.cpuAttention === true;
        expect(cpuAttention).toBe(hasKernel && wanted && fillsTile(size));
        if (output === undefined) throw new Error("nothing was captured");
        all.push(output);
      }
      return all;
    });
  }

  const cases = (["qwen2.5-vl", "qwen3-vl"] as const).flatMap((pair) =>
    kernels.flatMap((kernel) =>
      (pair === "qwen3-vl" ? ["upstream"] : ["windowed", "upstream"]).map((vit) => ({ pair, kernel, vit }) as const),
    ),
  );

  it.skipIf(!hasKernel).each(cases)("gives ggml's embeddings: $pair, $vit path, $kernel kernel", async (each) => {
    const vit = each.vit === "windowed" ? "windowed" : "upstream";
    const ggml = await embeddings(each.pair, "on", { vit });
    if (each.kernel !== "best") process.env.HOLOSCOPE_CPU_ATTENTION = each.kernel;
    const own = await embeddings(each.pair, "on", { vit, cpuAttention: true });
    for (const [index, reference] of ggml.entries()) {
      expect(largestDifference(own[index], reference), `size ${index}`).toBeLessThanOrEqual(limit);
    }
  });

  it("would not with keys and values in f32 (negative control)", async () => {
    const ggml = await embeddings("qwen3-vl", "on", { cpuAttention: false });
    const exact = await embeddings("qwen3-vl", "off", {});
    expect(Math.max(...ggml.map((reference, index) => largestDifference(exact[index], reference)))).toBeGreaterThan(
      limit,
    );
  });

  it("leads the bundled detector to the same answer, and works on after a cancelled encode", async () => {
    const session = await library().load(loadOptions());
    try {
      await session.configure(contextOptions());
      const input = await screenshot("settings", 1280, 736);
      const ggml = await answer(session, input, 512);
      await session.prepare(input);
      const cancelled = session.encode({ ...usual.encode, cpuAttention: true });
      session.cancel();
      await expect(cancelled).rejects.toMatchObject({ code: "CANCELLED" });
      const own = await answer(session, input, 512, "", { ...usual.encode, cpuAttention: true });
      expect(ggml.list.length).toBeGreaterThan(50);
      // In another order of sums an edge that the detector is unsure of can move, by a bin or two of a thousand.
      const [left, right] = [elementsOf(own), elementsOf(ggml)];
      expect(left.map(({ label }) => label)).toEqual(right.map(({ label }) => label));
      const moved = left.flatMap(({ bbox_2d }, index) =>
        bbox_2d.map((value, side) => Math.abs(value - (right[index]?.bbox_2d[side] ?? Number.NaN))),
      );
      expect(Math.max(...moved)).toBeLessThanOrEqual(2);
    } finally {
      await session.free();
    }
  });
});
