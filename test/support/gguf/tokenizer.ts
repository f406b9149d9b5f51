/** A GPT-2 style byte-level BPE vocabulary, small but complete: every byte has a token, so every text can be written. */
import { type GgufMetadata, kv } from "./metadata.ts";

/** Merges in order of rank; each pair's parts are single characters or results of merges before it. */
const MERGES: readonly (readonly [string, string])[] = [
  ["Ġ", "t"],
  ["i", "n"],
  ["e", "r"],
  ["o", "n"],
  ["{", '"'],
  ['"', ":"],
  ["Ġt", "h"],
  ["Ġth", "e"],
];

/** Control tokens of the Qwen-VL family, by their place after the ordinary tokens. */
const CONTROL_TOKENS = [
  "<|endoftext|>",
  "<|im_start|>",
  "<|im_end|>",
  "<|vision_start|>",
  "<|vision_end|>",
  "<|image_pad|>",
] as const;

/** llama.cpp's token types (enum llama_token_type). */
const NORMAL = 1;
const CONTROL = 3;

const ORDINARY_TOKENS: readonly string[] = [
  ...Array.from({ length: 256 }, (_, byte) => byteCharacter(byte)),
  ...MERGES.map(([left, right]) => left + right),
];

/** Tokens in the vocabulary, unless it is filled up. */
export const VOCABULARY_SIZE = ORDINARY_TOKENS.length + CONTROL_TOKENS.length;

/** Id of the first control token; all ids from here on are control tokens. */
export const FIRST_CONTROL_TOKEN = ORDINARY_TOKENS.length;

/**
 * The `tokenizer.*` keys of a language model.
 * @param size tokens in the vocabulary; those beyond {@link VOCABULARY_SIZE} are made-up words that no text is split
 *   into, since no merge leads to them, but that a model can write
 */
export function tokenizerMetadata(size = VOCABULARY_SIZE): GgufMetadata {
  const words = Array.from({ length: size - VOCABULARY_SIZE }, (_, i) => madeUpWord(i));
  return {
    "tokenizer.ggml.model": kv.string("gpt2"),
    "tokenizer.ggml.pre": kv.string("qwen2"),
    "tokenizer.ggml.tokens": kv.strings([...ORDINARY_TOKENS, ...CONTROL_TOKENS, ...words]),
    "tokenizer.ggml.token_type": kv.i32s([
      ...ORDINARY_TOKENS.map(() => NORMAL),
      ...CONTROL_TOKENS.map(() => CONTROL),
      ...words.map(() => NORMAL),
    ]),
    "tokenizer.ggml.merges": kv.strings(MERGES.map((pair) => pair.join(" "))),
    "tokenizer.ggml.eos_token_id": kv.u32(controlTokenId("<|im_end|>")),
    "tokenizer.ggml.padding_token_id": kv.u32(controlTokenId("<|endoftext|>")),
    "tokenizer.ggml.bos_token_id": kv.u32(controlTokenId("<|endoftext|>")),
    "tokenizer.ggml.add_bos_token": kv.bool(false),
  };
}

/** "Ġbaaa", "Ġbaab", ...: a space and at least four letters, so none is among the ordinary tokens; all different. */
function madeUpWord(index: number): string {
  let letters = "";
  for (let rest = index + 26 ** 3; rest > 0; rest = Math.floor(rest / 26)) {
    letters = String.fromCharCode(0x61 + (rest % 26)) + letters;
  }
  return `Ġ${letters}`;
}

/** Id of a control token. */
export function controlTokenId(token: (typeof CONTROL_TOKENS)[number]): number {
  return FIRST_CONTROL_TOKEN + CONTROL_TOKENS.indexOf(token);
}

/**
 * The printable character that stands for a byte in a GPT-2 vocabulary: bytes that are printable in Latin-1 stand for
 * themselves, the others are numbered upwards from U+0100 (OpenAI's gpt-2, encoder.py, bytes_to_unicode).
 */
export function byteCharacter(byte: number): string {
  if (isPrintableLatin1(byte)) return String.fromCharCode(byte);
  let rank = 0;
  for (let other = 0; other < byte; other++) {
    if (!isPrintableLatin1(other)) rank++;
  }
  return String.fromCharCode(0x100 + rank);
}

function isPrintableLatin1(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}
