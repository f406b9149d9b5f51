import { open } from "node:fs/promises";
import { kv } from "./metadata.ts";
import { encodeGgufHeader, GGUF_ALIGNMENT, type GgufTensorSource } from "./writer.ts";

/** 64 Mi values, 128 MiB, in a tensor. */
const rowValues = 8192;
const rows = 8192;

/**
 * Writes a GGUF file of about `bytes` that takes hardly any room on the disk: bf16 tensors of nothing but holes, but for
 * a few values at the begin and end of each. All values are 0, or 1.5 where something is written.
 */
export async function writeSparseBf16(file: string, bytes: number): Promise<{ readonly tensors: number }> {
  const tensorBytes = rowValues * rows * 2;
  const count = Math.max(1, Math.round(bytes / tensorBytes));
  const tensors = Array.from(
    { length: count },
    (_, index): GgufTensorSource => ({
      name: `blk.${index}.ffn_up.weight`,
      type: "bf16",
      shape: [rowValues, rows],
      values: () => new Float32Array(),
    }),
  );
  const metadata = {
    "general.architecture": kv.string("qwen2vl"),
    "general.file_type": kv.u32(32),
    // As long as a real vocabulary, which is most of a real header.
    "tokenizer.ggml.tokens": kv.strings(Array.from({ length: 150_000 }, (_, index) => `token ${index}`)),
  };
  const header = encodeGgufHeader({ metadata, tensors });
  const start = Math.ceil(header.length / GGUF_ALIGNMENT) * GGUF_ALIGNMENT;
  const mark = Buffer.from([0xc0, 0x3f, 0xc0, 0x3f]);
  const handle = await open(file, "w");
  try {
    await handle.write(header, 0, header.length, 0);
    for (let index = 0; index < count; index++) {
      await handle.write(mark, 0, mark.length, start + index * tensorBytes);
      await handle.write(mark, 0, mark.length, start + (index + 1) * tensorBytes - mark.length);
    }
  } finally {
    await handle.close();
  }
  return { tensors: count };
}
