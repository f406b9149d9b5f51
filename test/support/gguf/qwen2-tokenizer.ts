/** Real Qwen vocabularies, from the vocabulary-only files among llama.cpp's sources. */
import { readGgufFileInfo } from "node-llama-cpp";
import { z } from "zod";
import { type GgufMetadata, kv } from "./metadata.ts";

const tokenizerSchema = z.object({
  model: z.literal("gpt2"),
  pre: z.enum(["qwen2", "qwen35"]),
  tokens: z.array(z.string()).min(1000),
  token_type: z.array(z.int()),
  merges: z.array(z.string()).min(1000),
  eos_token_id: z.int(),
  padding_token_id: z.int().optional(),
  bos_token_id: z.int().optional(),
});

/** llama.cpp's types of a token that is one wherever it stands, and of one that no text contains (enum llama_token_type). */
const USER_DEFINED = 4;
const UNUSED = 5;
/** Qwen3.5's tokens around its thoughts, which every prompt holds, and which the file among the sources lacks. */
const thoughtTokens = ["<think>", "</think>"];

/**
 * The `tokenizer.*` keys of models/ggml-vocab-qwen2.gguf or -qwen35.gguf, filled up with unused tokens to `size`, as
 * converted models are. (The latter holds Qwen2's tokens with Qwen3.5's rule of splitting, not all of Qwen3.5's.) Throws if the file is none of that kind or holds more tokens.
 */
export async function readQwen2Tokenizer(file: string, size: number): Promise<GgufMetadata> {
  const { metadata } = await readGgufFileInfo(file);
  const { pre, tokens, token_type, merges, eos_token_id, padding_token_id, bos_token_id } = tokenizerSchema.parse(
    metadata.tokenizer.ggml,
  );
  const added = pre === "qwen35" ? thoughtTokens : [];
  if (tokens.length + added.length > size || tokens.length !== token_type.length) {
    throw new Error(`The vocabulary has ${tokens.length} tokens and ${token_type.length} types; ${size} are wanted.`);
  }
  const known = [...tokens, ...added];
  const missing = Array.from({ length: size - known.length }, (_, index) => `[PAD${known.length + index}]`);
  return {
    "tokenizer.ggml.model": kv.string("gpt2"),
    "tokenizer.ggml.pre": kv.string(pre),
    "tokenizer.ggml.tokens": kv.strings([...known, ...missing]),
    "tokenizer.ggml.token_type": kv.i32s([
      ...token_type,
      ...added.map(() => USER_DEFINED),
      ...missing.map(() => UNUSED),
    ]),
    "tokenizer.ggml.merges": kv.strings(merges),
    "tokenizer.ggml.eos_token_id": kv.u32(eos_token_id),
    ...(padding_token_id === undefined ? {} : { "tokenizer.ggml.padding_token_id": kv.u32(padding_token_id) }),
    ...(bos_token_id === undefined ? {} : { "tokenizer.ggml.bos_token_id": kv.u32(bos_token_id) }),
    "tokenizer.ggml.add_bos_token": kv.bool(false),
  };
}
