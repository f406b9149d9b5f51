import path from "node:path";
import { type ConversionTarget, HoloscopeError } from "../../../contract/index.ts";
import type { GgufFile, PlacedTensor } from "../../../gguf/header.ts";
import { roundUp, uint32Type } from "../../../gguf/read.ts";
import { targetBytes } from "./bf16.ts";

/** What becomes of one tensor. */
export interface PlannedTensor {
  readonly source: PlacedTensor;
  readonly convert: boolean;
  /** Start of the data in the new file. */
  readonly start: number;
  /** Bytes of the data that are read, without the padding of a converted tensor. */
  readonly sourceBytes: number;
  /** Bytes up to the next tensor, padding included. */
  readonly span: number;
}

export interface ConversionPlan {
  readonly to: ConversionTarget;
  /** Everything before the tensor data of the new file, padding included. */
  readonly header: Buffer;
  readonly tensors: readonly PlannedTensor[];
  readonly outputBytes: number;
}

/** `general.file_type` of a file whose matrices are all bf16 (llama.h, enum llama_ftype). */
const allBf16 = 32;
/** Numbers of the new types, of a tensor (ggml.h, enum ggml_type) and of a file whose matrices are all of it. */
const typeNumbers: Readonly<Record<ConversionTarget, number>> = { f32: 0, f16: 1 };

/**
 * Lays out the new file. Its header is the old one but for the types and places of tensors and, if it says that the
 * matrices are bf16 (a Q4_K_M file with single bf16 tensors stays one), `general.file_type`. Tensors keep name, shape
 * and order; those of bf16 get the new type, and all places follow `general.alignment`.
 * Throws BAD_REQUEST when no tensor is bf16.
 * @param head the old file's bytes up to the tensor data
 */
export function planConversion(file: GgufFile, head: Buffer, to: ConversionTarget): ConversionPlan {
  const { alignment, dataStart, fileBytes } = file;
  if (!file.tensors.some(({ type }) => type === "bf16")) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      `"${path.basename(file.path)}" has no bf16 tensor: there is nothing to convert.`,
      "Use the file as it is.",
    );
  }
  const header = Buffer.from(head);
  const fileType = file.entries.get("general.file_type");
  if (fileType?.type === uint32Type && head.readUInt32LE(fileType.valueStart) === allBf16) {
    header.writeUInt32LE(typeNumbers[to], fileType.valueStart);
  }
  let start = dataStart;
  const tensors = file.tensors.map((source, index): PlannedTensor => {
    const convert = source.type === "bf16";
    const oldSpan = (file.tensors[index + 1]?.start ?? fileBytes) - source.start;
    const span = convert ? roundUp(source.values * targetBytes[to], alignment) : oldSpan;
    if (convert) header.writeUInt32LE(typeNumbers[to], source.typeStart);
    header.writeBigUInt64LE(BigInt(start - dataStart), source.typeStart + 4);
    const planned = { source, convert, start, sourceBytes: convert ? source.bytes : span, span };
    start += span;
    return planned;
  });
  return { to, header, tensors, outputBytes: start };
}
