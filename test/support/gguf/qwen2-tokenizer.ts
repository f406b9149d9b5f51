/** The real Qwen2 vocabulary, from the vocabulary-only file among llama.cpp's sources. */
import { readGgufFileInfo } from "node-llama-cpp";
import { z } from "zod";
import { type GgufMetadata, kv } from "./metadata.ts";

const tokenizerSchema = z.object({
  model: z.literal("gpt2"),
  pre: z.literal("qwen2"),
  tokens: z.array(z.string()).min(1000),
  token_type: z.array(z.int()),
  merges: z.array(z.string()).min(1000),
  eos_token_id: z.int(),
  padding_token_id: z.int().optional(),
  bos_token_id: z.int().optional(),
});

/** llama.cpp's type of a token that no text contains (enum llama_token_type). */
const UNUSED = 5;

/**
 * The `tokenizer.*` keys of models/ggml-vocab-qwen2.gguf, filled up with unused tokens to `size`, as converted models
 * are. Throws if the file is none of that kind or holds more tokens.
 */
export async function readQwen2Tokenizer(file: string, size: number): Promise<GgufMetadata> {
  const { metadata } = await readGgufFileInfo(file);
  const { tokens, token_type, merges, eos_token_id, padding_token_id, bos_token_id } = tokenizerSchema.parse(
    metadata.tokenizer.ggml,
  );
  if (tokens.length > size || tokens.length !== token_type.length) {
    throw new Error(`The vocabulary has ${tokens.length} tokens and ${token_type.length} types; ${size} are wanted.`);
  }
  const missing = Array.from({ length: size - tokens.length }, (_, index) => `[PAD${tokens.length + index}]`);
  return {
    "tokenizer.ggml.model": kv.string("gpt2"),
    "tokenizer.ggml.pre": kv.string("qwen2"),
    "tokenizer.ggml.tokens": kv.strings([...tokens, ...missing]),
    "tokenizer.ggml.token_type": kv.i32s([...token_type, ...missing.map(() => UNUSED)]),
    "tokenizer.ggml.merges": kv.strings(merges),
    "tokenizer.ggml.eos_token_id": kv.u32(eos_token_id),
    ...(padding_token_id === undefined ? {} : { "tokenizer.ggml.padding_token_id": kv.u32(padding_token_id) }),
    ...(bos_token_id === undefined ? {} : { "tokenizer.ggml.bos_token_id": kv.u32(bos_token_id) }),
    "tokenizer.ggml.add_bos_token": kv.bool(false),
  };
}
