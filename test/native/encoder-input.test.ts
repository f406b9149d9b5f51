import { afterAll, beforeAll, expect, it } from "vitest";
import { readGguf } from "../../app/gguf/read.ts";
import type { EncoderInput, NativeSession, PromptInput } from "../../native/index.ts";
import { usual } from "../support/usual-native.ts";
import { contextOptions, describeNative, library, loadOptions, NANO, noise } from "./support.ts";

describeNative("the image that the vision encoder receives", () => {
  let session: NativeSession;
  let mean: readonly number[];
  let deviation: readonly number[];

  beforeAll(async () => {
    const { metadata } = await readGguf(NANO.mmprojPath);
    mean = numbers(metadata["clip.vision.image_mean"]);
    deviation = numbers(metadata["clip.vision.image_std"]);
    session = await library().load(loadOptions());
    await session.configure(contextOptions({ contextTokens: 4096, batchTokens: 2048, ubatchTokens: 2048 }));
  });

  afterAll(async () => {
    await session?.free();
  });

  async function capture(input: PromptInput): Promise<EncoderInput> {
    await session.prepare(input);
    const { input: received } = await session.encode({ ...usual.encode, captureInput: true });
    if (received === undefined) throw new Error("nothing was captured");
    return received;
  }

  /** Largest difference between what was received and (rgb / 255 - mean) / std of what was given. */
  function largestError(given: PromptInput, received: EncoderInput): number {
    const plane = given.width * given.height;
    let largest = 0;
    for (let channel = 0; channel < 3; channel++) {
      for (let i = 0; i < plane; i++) {
        const expected =
          ((given.rgb[i * 3 + channel] ?? Number.NaN) / 255 - (mean[channel] ?? Number.NaN)) /
          (deviation[channel] ?? Number.NaN);
        const error = Math.abs((received.data[channel * plane + i] ?? Number.NaN) - expected);
        if (!(error <= largest)) largest = error;
      }
    }
    return largest;
  }

  it.each([
    [32, 32],
    [256, 160],
    [64, 1024],
    [1280, 736],
  ])("is exactly the given %i x %i px", async (width, height) => {
    const given = noise(width, height);
    const received = await capture(given);
    expect([received.width, received.height, received.data.length]).toEqual([width, height, width * height * 3]);
    expect(largestError(given, received)).toBeLessThan(1e-6);
  });

  it("is not the given one when a side is no multiple of 32 (negative control)", async () => {
    const given = noise(250, 160);
    const received = await capture(given);
    expect([received.width, received.height]).not.toEqual([given.width, given.height]);
    expect(received.width % 32).toBe(0);
  });

  it("is not captured unless asked for", async () => {
    await session.prepare(noise(64, 64));
    const encoded = await session.encode(usual.encode);
    expect(encoded).not.toHaveProperty("input");
    expect(encoded).not.toHaveProperty("output");
    expect(encoded).toMatchObject({ vit: "upstream", reused: false }); // this encoder has no windowed layers
  });
});

function numbers(value: unknown): number[] {
  if (!Array.isArray(value)) throw new Error("an array was expected");
  return value.map(Number);
}
