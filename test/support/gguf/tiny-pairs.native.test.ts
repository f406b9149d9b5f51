import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  builtVariants,
  type GeneratedToken,
  type LoadOptions,
  type NativeLibrary,
  type NativeSession,
  openNative,
} from "../../../native/index.ts";
import { usual } from "../usual-native.ts";
import { createRandom } from "./random.ts";
import type { TinyPair } from "./tiny-pair.ts";
import { writeTinyQwen3vlPair } from "./tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "./tiny-qwen25vl.ts";
import { writeTinyQwen35Pair } from "./tiny-qwen35.ts";
import { FIRST_CONTROL_TOKEN } from "./tokenizer.ts";

const PROMPT = "<|im_start|>user\n<__media__>Detect every UI element.<|im_end|>\n<|im_start|>assistant\n";
const ANSWER_TOKENS = 8;

const CASES = [
  { name: "Qwen2.5-VL, f16", write: writeTinyQwen25vlPair, options: {}, factor: 28 },
  { name: "Qwen2.5-VL, bf16", write: writeTinyQwen25vlPair, options: { type: "bf16" }, factor: 28 },
  { name: "Qwen2.5-VL, q8_0", write: writeTinyQwen25vlPair, options: { type: "q8_0", modelType: "q8_0" }, factor: 28 },
  { name: "Qwen3-VL, f16", write: writeTinyQwen3vlPair, options: {}, factor: 32 },
  { name: "Qwen3-VL, f32", write: writeTinyQwen3vlPair, options: { type: "f32", modelType: "f32" }, factor: 32 },
  { name: "Qwen3-VL, deepstack", write: writeTinyQwen3vlPair, options: { deepstackLayers: 2 }, factor: 32 },
  { name: "Qwen3.5, f16", write: writeTinyQwen35Pair, options: {}, factor: 32 },
  { name: "Qwen3.5, experts", write: writeTinyQwen35Pair, options: { experts: true }, factor: 32 },
] as const;

/** Image tokens along each side of the test image; neither is a multiple of the encoder's windows of 4x4 tokens. */
const COLUMNS = 10;
const ROWS = 7;

const built = builtVariants().includes("cpu");
if (!built) console.warn("Skipped: the native addon is not built; run `npm run build:native`.");

describe.skipIf(!built)("tiny pairs in llama.cpp and libmtmd", () => {
  let dir: string;
  let library: NativeLibrary;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "tiny-native-"));
    library = openNative("cpu");
  });

  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it.each(CASES)("loads, encodes and answers: $name", async ({ name, write, options, factor }) => {
    const session = await load(library, await write(join(dir, name), options));
    try {
      const noise = await answer(session, factor, 1);
      expect(noise.imageTokens).toBe(COLUMNS * ROWS);
      expect(noise.tokens).toHaveLength(ANSWER_TOKENS);
      for (const { id, logProb } of noise.tokens) {
        expect(id).toBeLessThan(FIRST_CONTROL_TOKEN);
        expect(Number.isFinite(logProb) && logProb <= 0).toBe(true);
      }
      expect((await answer(session, factor, 1)).tokens.map(({ id }) => id)).toEqual(noise.tokens.map(({ id }) => id));
      const [first] = noise.tokens;
      const [other] = (await answer(session, factor, 2)).tokens;
      expect(other?.logProb, "another image must give other logits").not.toBeCloseTo(first?.logProb ?? Number.NaN, 3);
    } finally {
      await session.free();
    }
  });

  it("follows a grammar over the tiny vocabulary", async () => {
    const session = await load(library, await writeTinyQwen3vlPair(join(dir, "grammar")));
    try {
      const grammar = 'root ::= "{\\"x\\":" [0-9] [0-9] "}"';
      const { tokens } = await answer(session, 32, 1, grammar);
      expect(text(tokens)).toMatch(/^\{"x":\d\d\}$/);
    } finally {
      await session.free();
    }
  });
});

function load(library: NativeLibrary, pair: TinyPair): Promise<NativeSession> {
  const options: LoadOptions = {
    ...usual.load,
    ...pair,
    gpuLayers: 0,
    mmprojOnGpu: false,
    encodeThreads: 1,
    flashAttention: "off",
    useMmap: true,
  };
  return library.load(options);
}

/** One whole answer about an image of noise, `factor` px a token. */
async function answer(session: NativeSession, factor: number, seed: number, grammar = "") {
  const width = COLUMNS * factor;
  const height = ROWS * factor;
  const random = createRandom(seed);
  const rgb = Uint8Array.from({ length: width * height * 3 }, () => random() * 256);
  await session.configure({
    ...usual.context,
    contextTokens: 1024,
    batchTokens: 512,
    ubatchTokens: 512,
    generateThreads: 1,
    prefillThreads: 1,
    flashAttention: "off",
  });
  const { imageTokens } = await session.prepare({
    ...usual.prompt,
    rgb,
    width,
    height,
    prompt: PROMPT,
    reserveTokens: 64,
  });
  await session.encode(usual.encode);
  await session.prefill();
  const tokens: GeneratedToken[] = [];
  await session.generate({
    ...usual.generate,
    maxTokens: ANSWER_TOKENS,
    grammar,
    onTokens: (some) => tokens.push(...some),
  });
  return { imageTokens, tokens };
}

function text(tokens: readonly GeneratedToken[]): string {
  return Buffer.concat(tokens.map((token) => token.bytes)).toString("utf8");
}
