import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EncodeOptions, NativeSession, PromptInput } from "../../native/index.ts";
import { writeTinyQwen3vlPair } from "../support/gguf/tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { usual } from "../support/usual-native.ts";
import { contextOptions, describeNative, library, loadOptions, noise } from "./support.ts";

describeNative("encodes of one session in turn", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-in-turn-"));
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

  async function encode(
    session: NativeSession,
    image: PromptInput,
    options: Partial<EncodeOptions>,
  ): Promise<Float32Array> {
    await session.prepare(image);
    const { output } = await session.encode({ ...usual.encode, ...options, captureOutput: true });
    if (output === undefined) throw new Error("nothing was captured");
    return output;
  }

  it.each(Object.keys(pairs) as (keyof typeof pairs)[])(
    "give what a new session gives, whatever size and path came before: %s",
    async (pair) => {
      const { cell } = pairs[pair];
      const small = noise(9 * cell, 8 * cell);
      const other = { ...small, rgb: small.rgb.toReversed() };
      const large = noise(11 * cell, 9 * cell);
      const own = { vit: "windowed", cpuAttention: true } as const;
      const upstream = { vit: "upstream", cpuAttention: false } as const;
      const steps = [
        [small, own],
        [other, own],
        [small, own],
        [large, own],
        [other, own],
        [other, upstream],
        [small, upstream],
        [small, own],
      ] as const;
      await withSession(pair, async (session) => {
        for (const [index, [image, options]] of steps.entries()) {
          const here = await encode(session, image, options);
          const alone = await withSession(pair, (fresh) => encode(fresh, image, options));
          expect(here, `step ${index}`).toEqual(alone);
        }
      });
      expect(await withSession(pair, (session) => encode(session, small, own))).not.toEqual(
        await withSession(pair, (session) => encode(session, other, own)),
      );
    },
  );

  it("are right after a cancelled one", async () => {
    const { cell } = pairs["qwen2.5-vl"];
    await withSession("qwen2.5-vl", async (session) => {
      const image = noise(23 * cell, 13 * cell);
      const first = await encode(session, image, {});
      await session.prepare(image);
      const cancelled = session.encode(usual.encode);
      session.cancel();
      await expect(cancelled).rejects.toMatchObject({ code: "CANCELLED" });
      expect(await encode(session, image, {})).toEqual(first);
    });
  });
});
