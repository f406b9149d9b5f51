import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { HoloscopeError } from "../../../contract/index.ts";
import { readInto } from "../../../gguf/file-bytes.ts";
import { readOpenGguf } from "../../../gguf/read.ts";
import { cancelledError } from "../../abortable.ts";
import { newBytes } from "./new-bytes.ts";
import type { ConversionPlan } from "./plan.ts";

interface Verification {
  readonly input: string;
  readonly source: FileHandle;
  readonly written: string;
  readonly plan: ConversionPlan;
  readonly signal: AbortSignal;
  readonly onProgress: (bytesDone: number) => void;
}

/**
 * Reads a written file back and compares it with the original: the header as a reader sees it, every kept tensor byte
 * by byte, every converted value. Gives the SHA-256 of the file. Throws STORAGE_FAILED at the first difference.
 */
export async function verifyConversion({
  input,
  source,
  written,
  plan,
  signal,
  onProgress,
}: Verification): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(written, "r");
  try {
    await checkHeader(file, written, plan);
    let scratch = Buffer.alloc(0);
    const compare = async (expected: Buffer, position: number): Promise<void> => {
      if (scratch.length < expected.length) scratch = Buffer.alloc(expected.length);
      const found = scratch.subarray(0, expected.length);
      if ((await readInto(file, found, position)) !== expected.length || !found.equals(expected)) throw differs();
      hash.update(found);
    };
    await compare(plan.header, 0);
    for (const tensor of plan.tensors) {
      const expected = newBytes(source, tensor, plan.to, { overflows: 0, vanished: 0 }, input);
      for await (const { bytes, offset } of expected) {
        if (signal.aborted) throw cancelledError();
        await compare(bytes, tensor.start + offset);
        onProgress(tensor.start + offset + bytes.length);
      }
    }
    return hash.digest("hex");
  } finally {
    await file.close();
  }
}

async function checkHeader(file: FileHandle, written: string, plan: ConversionPlan): Promise<void> {
  const { fileBytes, tensors } = await readOpenGguf(file, written);
  const same =
    fileBytes === plan.outputBytes &&
    tensors.length === plan.tensors.length &&
    tensors.every((tensor, index) => {
      const planned = plan.tensors[index];
      if (planned === undefined) return false;
      const type = planned.convert ? plan.to : planned.source.type;
      return tensor.name === planned.source.name && tensor.type === type && tensor.start === planned.start;
    });
  if (!same) throw differs();
}

function differs(): HoloscopeError {
  return new HoloscopeError(
    "STORAGE_FAILED",
    "The written file differs from what was written; it was removed.",
    "Check the disk, and convert again.",
  );
}
