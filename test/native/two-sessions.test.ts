import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EncodeOptions, LoadOptions, NativeSession, PromptInput } from "../../native/index.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { contextOptions, describeNative, library, loadOptions, noise } from "./support.ts";

/** px of a merged cell of 2x2 patches. */
const CELL = 28;

/** Encodes that each session makes beside the other one. */
const ROUNDS = 3;

/** What one session does: how it is loaded, and the same image and options each time. */
interface Part {
  readonly load: Partial<LoadOptions>;
  readonly encode: EncodeOptions;
  readonly image: PromptInput;
}

const windowed: Part = {
  load: { ffnPadding: "on", flashAttention: "on", encodeThreads: 2 },
  encode: { vit: "windowed", cpuAttention: true },
  image: noise(23 * CELL, 13 * CELL),
};

/** Another size, another graph, other weights of the FFN, ggml's attention. */
const upstream: Part = {
  load: { ffnPadding: "off", flashAttention: "on", encodeThreads: 1 },
  encode: { vit: "upstream", cpuAttention: false },
  image: noise(11 * CELL, 19 * CELL),
};

/** As the first one, but with the model's own weights of the FFN, ggml's attention and an image of other pixels. */
const plain: Part = {
  load: { ffnPadding: "off", flashAttention: "off", encodeThreads: 1 },
  encode: { vit: "windowed", cpuAttention: false },
  image: { ...windowed.image, rgb: windowed.image.rgb.toReversed() },
};

/** How an image was encoded, and a hash of its embeddings: they are compared to the last bit. */
async function encode(session: NativeSession, { image, encode: options }: Part) {
  await session.prepare(image);
  const { output, ...how } = await session.encode({ ...options, captureOutput: true });
  if (output === undefined) throw new Error("nothing was captured");
  return { ...how, embeddings: createHash("sha256").update(output).digest("hex") };
}

describeNative("two sessions in one process", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-two-sessions-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function withSession<T>(part: Part, work: (session: NativeSession) => Promise<T>): Promise<T> {
    const files = await writeTinyQwen25vlPair(path.join(folder, "pair"), {
      type: "f16",
      visionFeedForwardLength: 100, // no multiple of 8, so that it can be padded
    });
    const session = await library().load(loadOptions({ ...files, ...part.load }));
    try {
      await session.configure(contextOptions({ flashAttention: part.load.flashAttention ?? "auto" }));
      return await work(session);
    } finally {
      await session.free();
    }
  }

  it.each([
    ["windowed and upstream", windowed, upstream],
    ["padded and plain weights", windowed, plain],
    ["upstream and windowed without flash attention", upstream, plain],
  ] as const)("encode at once what each encodes alone: %s", async (_, one, other) => {
    const alone = [await withSession(one, (session) => encode(session, one))];
    alone.push(await withSession(other, (session) => encode(session, other)));
    expect(alone[0]?.embeddings).not.toBe(alone[1]?.embeddings);

    await withSession(one, (first) =>
      withSession(other, async (second) => {
        for (let round = 0; round < ROUNDS; round++) {
          const together = await Promise.all([encode(first, one), encode(second, other)]);
          expect(together, `round ${round}`).toEqual(alone);
        }
      }),
    );
  });

  it("goes on when the other one is cancelled or freed", async () => {
    const alone = await withSession(windowed, (session) => encode(session, windowed));
    await withSession(windowed, async (survivor) => {
      await withSession(upstream, async (other) => {
        await other.prepare(upstream.image);
        const cancelled = other.encode(upstream.encode);
        const together = encode(survivor, windowed);
        other.cancel();
        await expect(cancelled).rejects.toMatchObject({ code: "CANCELLED" });
        expect(await together).toEqual(alone);
      });
      expect(await encode(survivor, windowed)).toEqual(alone);
    });
  });
});
