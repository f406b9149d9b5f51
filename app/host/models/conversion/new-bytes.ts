import type { FileHandle } from "node:fs/promises";
import type { ConversionTarget } from "../../../contract/index.ts";
import { readInto } from "../../../gguf/file-bytes.ts";
import { ggufTruncated } from "../../../gguf/read.ts";
import { convertBf16, type RoundingCounts, targetBytes } from "./bf16.ts";
import type { PlannedTensor } from "./plan.ts";

/** Bytes that are read and converted at once: some ms of work, between which the process does other things. */
const chunkBytes = 1 << 20;

/**
 * The bytes of a tensor as the new file has them, padding included, in pieces; a piece is valid until the next one.
 * Throws GGUF_TRUNCATED when the original ends before the tensor does.
 * @param file the original's path, for the message
 */
export async function* newBytes(
  source: FileHandle,
  tensor: PlannedTensor,
  to: ConversionTarget,
  counts: RoundingCounts,
  file: string,
): AsyncGenerator<{ readonly bytes: Buffer; readonly offset: number }> {
  // Memory of its own: a slice of Node's shared pool may begin at any byte, and numbers may not.
  const chunk = Buffer.from(new ArrayBuffer(Math.min(chunkBytes, tensor.sourceBytes)));
  const factor = tensor.convert ? targetBytes[to] / 2 : 1;
  const converted = tensor.convert ? Buffer.from(new ArrayBuffer(chunk.length * factor)) : chunk;
  let offset = 0;
  for (let done = 0; done < tensor.sourceBytes; ) {
    const part = chunk.subarray(0, Math.min(chunk.length, tensor.sourceBytes - done));
    if ((await readInto(source, part, tensor.source.start + done)) < part.length) throw ggufTruncated(file);
    if (tensor.convert) convertBf16(part, converted, to, counts);
    const bytes = converted.subarray(0, part.length * factor);
    yield { bytes, offset };
    done += part.length;
    offset += bytes.length;
  }
  if (offset < tensor.span) yield { bytes: Buffer.alloc(tensor.span - offset), offset };
}
