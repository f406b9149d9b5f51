import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getLlama, type Llama, LlamaLogLevel, type LlamaModel } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyQwen3vlPair } from "./tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "./tiny-qwen25vl.ts";
import { controlTokenId, FIRST_CONTROL_TOKEN, tokenizerMetadata, VOCABULARY_SIZE } from "./tokenizer.ts";

/** llama.cpp itself, through node-llama-cpp, reads the vocabulary that the tiny models carry. */
describe.each([
  ["qwen2vl", writeTinyQwen25vlPair],
  ["qwen3vl", writeTinyQwen3vlPair],
])("vocabulary of the tiny %s model in llama.cpp", (_, write) => {
  let dir: string;
  let llama: Llama;
  let model: LlamaModel;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "tiny-tokenizer-"));
    llama = await getLlama({ gpu: false, build: "never", skipDownload: true, logLevel: LlamaLogLevel.error });
    model = await llama.loadModel({ modelPath: (await write(dir)).modelPath });
  });

  afterAll(async () => {
    await llama?.dispose();
    await rm(dir, { recursive: true, force: true });
  });

  it("has all tokens and ends answers with <|im_end|>", () => {
    expect(model.fileInfo.metadata.tokenizer.ggml.tokens).toHaveLength(VOCABULARY_SIZE);
    expect(model.tokens.eos).toBe(controlTokenId("<|im_end|>"));
  });

  it("reads control tokens only where special text is allowed", () => {
    expect(model.tokenize("<|vision_start|>", true)).toEqual([controlTokenId("<|vision_start|>")]);
    expect(model.tokenize("<|vision_start|>", false).length).toBeGreaterThan(1);
  });

  it("applies merges", () => {
    expect(model.tokenize(' the{"x":', false).map((token) => model.detokenize([token]))).toEqual([
      " the",
      '{"',
      "x",
      '":',
    ]);
  });

  it("writes any text, byte by byte if need be, and reads it back", () => {
    const text = "Grüße, 漢字 👋\t[12, 345]\n";
    const tokens = model.tokenize(text, false);
    expect(model.detokenize(tokens)).toBe(text);
    expect(tokens.every((token) => token < FIRST_CONTROL_TOKEN)).toBe(true);
  });
});

it("a vocabulary can be filled up, with tokens that all differ", () => {
  const size = 152_064;
  const tokens = tokenizerMetadata(size)["tokenizer.ggml.tokens"]?.value;
  expect(new Set(Array.isArray(tokens) ? tokens : []).size).toBe(size);
});
