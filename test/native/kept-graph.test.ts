import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EncodeOptions, NativeSession, PromptInput } from "../../native/index.ts";
import { writeTinyQwen3vlPair } from "../support/gguf/tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { contextOptions, describeNative, library, loadOptions, noise } from "./support.ts";

describeNative("the encoder's graph, kept for the next image of its size", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-kept-graph-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const pairs = {
    "qwen2.5-vl": { cell: 28, write: () => writeTinyQwen25vlPair(path.join(folder, "25"), { type: "f32" }) },
    "qwen3-vl": { cell: 32, write: () => writeTinyQwen3vlPair(path.join(folder, "3"), { type: "f32" }) },
  } as const;

  async function withSession<T>(pair: keyof typeof pairs, work: (session: NativeSession) => Promise<T>): Promise<T> {
    const session = await library().load(loadOptions({ ...(await pairs[pair].write()), flashAttention: "on" }));
    try {
      await session.configure(contextOptions({ flashAttention: "on" }));
      return await work(session);
    } finally {
      await session.free();
    }
  }

  async function encode(session: NativeSession, image: PromptInput, options: EncodeOptions) {
    await session.prepare(image);
    const { output, graphKept } = await session.encode({ ...options, captureOutput: true });
    if (output === undefined) throw new Error("nothing was captured");
    return { output, graphKept };
  }

  it.each(Object.keys(pairs) as (keyof typeof pairs)[])(
    "gives what a new graph gives, and is built anew for another size or path: %s",
    async (pair) => {
      const { cell } = pairs[pair];
      const small = noise(9 * cell, 8 * cell);
      const other = { ...small, rgb: small.rgb.toReversed() };
      const large = noise(11 * cell, 9 * cell);
      const own = { vit: "windowed", cpuAttention: true } as const;
      const upstream = { vit: "upstream", cpuAttention: false } as const;
      const steps = [
        [small, own, false],
        [other, own, true],
        [small, own, true],
        [large, own, false],
        [other, own, false],
        [other, upstream, false],
        [small, upstream, true],
        [small, own, false],
      ] as const;
      await withSession(pair, async (session) => {
        for (const [index, [image, options, kept]] of steps.entries()) {
          const here = await encode(session, image, options);
          expect(here.graphKept, `step ${index}`).toBe(kept);
          const alone = await withFreshGraph(session, image, options);
          expect(here.output, `step ${index}`).toEqual(alone);
          // The comparison above has built other graphs; this puts the step's own back.
          await encode(session, image, options);
        }
      });
      expect((await withSession(pair, (session) => encode(session, small, own))).output).not.toEqual(
        (await withSession(pair, (session) => encode(session, other, own))).output,
      );
    },
  );

  /** The embeddings from a graph that is surely new, since an image of another size comes before. */
  async function withFreshGraph(session: NativeSession, image: PromptInput, options: EncodeOptions) {
    await encode(session, noise(image.width * 2, image.height), options);
    const { output, graphKept } = await encode(session, image, options);
    expect(graphKept).toBe(false);
    return output;
  }

  it("is not used again after a cancelled encode", async () => {
    const { cell } = pairs["qwen2.5-vl"];
    await withSession("qwen2.5-vl", async (session) => {
      const image = noise(23 * cell, 13 * cell);
      const first = await encode(session, image, {});
      await session.prepare(image);
      const cancelled = session.encode({});
      session.cancel();
      await expect(cancelled).rejects.toMatchObject({ code: "CANCELLED" });
      const after = await encode(session, image, {});
      expect(after.graphKept).toBe(false);
      expect(after.output).toEqual(first.output);
    });
  });
});
