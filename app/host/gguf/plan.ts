import { HoloscopeError } from "../../contract/errors.ts";
import type { ConversionTarget } from "../../contract/model-files.ts";
import { targetBytes } from "./bf16.ts";
import { type GgufLayout, roundUp, type TensorPlace } from "./layout.ts";
import { tensorTypeCodes } from "./tensor-types.ts";

/** What becomes of one tensor. */
export interface PlannedTensor {
  readonly source: TensorPlace;
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

/** `general.file_type` of a file whose matrices are all bf16, and what it is then (llama.h, enum llama_ftype). */
const allBf16 = 32;
const allOf: Readonly<Record<ConversionTarget, number>> = { f32: 0, f16: 1 };

/**
 * Lays out the new file. Its metadata are the old bytes; only `general.file_type` is changed, and only if it says that
 * the matrices are bf16 (a Q4_K_M file with single bf16 tensors stays one). Tensors keep name, shape and order; those
 * of bf16 get the new type, and all offsets follow `general.alignment`.
 * Throws BAD_REQUEST when no tensor is bf16.
 * @param head the old file's bytes up to the tensor infos
 */
export function planConversion(layout: GgufLayout, head: Buffer, to: ConversionTarget, name: string): ConversionPlan {
  const { alignment } = layout;
  if (!layout.tensors.some(isBf16)) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      `"${name}" has no bf16 tensor: there is nothing to convert.`,
      "Use the file as it is.",
    );
  }
  let offset = 0;
  const placed = layout.tensors.map((source) => {
    const convert = isBf16(source);
    const sourceBytes = convert ? source.values * 2 : source.span;
    const span = convert ? roundUp(source.values * targetBytes[to], alignment) : source.span;
    const here = offset;
    offset += span;
    return { source, convert, offset: here, sourceBytes, span };
  });
  const metadata = Buffer.from(head);
  if (layout.fileTypeAt !== undefined && metadata.readUInt32LE(layout.fileTypeAt) === allBf16) {
    metadata.writeUInt32LE(allOf[to], layout.fileTypeAt);
  }
  const infos = placed.map((tensor) =>
    encodeInfo(tensor.source, tensor.convert ? tensorTypeCodes[to] : tensor.source.type, tensor.offset),
  );
  const unpadded = Buffer.concat([metadata, ...infos]);
  const header = Buffer.alloc(roundUp(unpadded.length, alignment));
  unpadded.copy(header);
  return {
    to,
    header,
    tensors: placed.map(({ offset: at, ...tensor }) => ({ ...tensor, start: header.length + at })),
    outputBytes: header.length + offset,
  };
}

function isBf16({ type }: TensorPlace): boolean {
  return type === tensorTypeCodes.bf16;
}

function encodeInfo({ name, shape }: TensorPlace, type: number, offset: number): Buffer {
  const text = Buffer.from(name, "utf8");
  const info = Buffer.alloc(8 + text.length + 4 + 8 * shape.length + 4 + 8);
  let at = info.writeBigUInt64LE(BigInt(text.length), 0);
  at += text.copy(info, at);
  at = info.writeUInt32LE(shape.length, at);
  for (const side of shape) at = info.writeBigUInt64LE(BigInt(side), at);
  at = info.writeUInt32LE(type, at);
  info.writeBigUInt64LE(BigInt(offset), at);
  return info;
}
