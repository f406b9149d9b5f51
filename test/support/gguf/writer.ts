/** Writes GGUF version 3 files. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
import { type FileHandle, open } from "node:fs/promises";
import { encodeMetadataValue, encodeString, encodeU32, encodeU64, type GgufMetadata } from "./metadata.ts";
import { type GgufTensorType, TENSOR_TYPES } from "./tensor-types.ts";

export interface GgufTensorSource {
  readonly name: string;
  readonly type: GgufTensorType;
  /** 1 to 4 sizes, fastest-varying first (ggml's ne). */
  readonly shape: readonly number[];
  /** Makes the values, fastest-varying dimension first; called once, when the tensor is written. */
  readonly values: () => Float32Array;
  /** The values may be fewer than the shape needs and are then written over and over until it is full. */
  readonly cycled?: boolean;
  /** Rows of a tensor with two sizes that hold other values than these, by their number. */
  readonly rows?: () => ReadonlyMap<number, Float32Array>;
}

export interface GgufSource {
  readonly metadata: GgufMetadata;
  readonly tensors: readonly GgufTensorSource[];
}

export const GGUF_MAGIC = "GGUF";
export const GGUF_VERSION = 3;
/** Bytes; tensor data starts at, and every tensor is padded to, a multiple of this (ggml's default). */
export const GGUF_ALIGNMENT = 32;

/**
 * Writes one file, tensor by tensor, so that memory holds a single tensor at a time, and of a cycled one a small part.
 * The same source always gives the same bytes. Rejects if a tensor's shape, name or value count is wrong.
 */
export async function writeGguf(path: string, source: GgufSource): Promise<{ readonly bytes: number }> {
  const header = encodeGgufHeader(source);
  const file = await open(path, "w");
  try {
    let bytes = await append(file, padded(header));
    for (const tensor of source.tensors) {
      const start = bytes;
      bytes += await appendTensor(file, tensor);
      await overwriteRows(file, start, tensor);
    }
    return { bytes };
  } finally {
    await file.close();
  }
}

/** Everything before the tensor data, without the padding that follows it. */
export function encodeGgufHeader({ metadata, tensors }: GgufSource): Buffer {
  const entries = Object.entries(metadata);
  const parts = [
    Buffer.from(GGUF_MAGIC, "ascii"),
    encodeU32(GGUF_VERSION),
    encodeU64(BigInt(tensors.length)),
    encodeU64(BigInt(entries.length)),
    ...entries.flatMap(([key, value]) => [encodeString(key), encodeMetadataValue(value)]),
  ];
  const names = new Set<string>();
  let offset = 0;
  for (const tensor of tensors) {
    if (names.has(tensor.name)) throw new Error(`Tensor ${tensor.name} is given twice.`);
    names.add(tensor.name);
    const bytes = tensorBytes(tensor);
    parts.push(
      encodeString(tensor.name),
      encodeU32(tensor.shape.length),
      ...tensor.shape.map((size) => encodeU64(BigInt(size))),
      encodeU32(TENSOR_TYPES[tensor.type].code),
      encodeU64(BigInt(offset)),
    );
    offset = roundUp(offset + bytes);
  }
  return Buffer.concat(parts);
}

/** Bytes of one tensor's data, without padding. Throws if its shape is not one that ggml can hold. */
export function tensorBytes({ name, type, shape }: GgufTensorSource): number {
  const { blockValues, blockBytes } = TENSOR_TYPES[type];
  const [row = 0] = shape;
  if (shape.length < 1 || shape.length > 4 || shape.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new Error(`Tensor ${name} has the shape [${shape.join(", ")}]; 1 to 4 positive whole numbers are needed.`);
  }
  if (row % blockValues !== 0) {
    throw new Error(`Tensor ${name}: rows of ${row} values cannot be ${type}, whose blocks hold ${blockValues}.`);
  }
  return (valueCount(shape) / blockValues) * blockBytes;
}

/** Bytes of cycled tensors that are written at once. */
const CYCLED_WRITE_BYTES = 16 << 20;

async function appendTensor(file: FileHandle, tensor: GgufTensorSource): Promise<number> {
  const { blockValues, encode } = TENSOR_TYPES[tensor.type];
  const values = tensor.values();
  const expected = valueCount(tensor.shape);
  if (values.length === expected) return append(file, padded(encode(values)));
  if (!tensor.cycled || values.length === 0 || values.length > expected || values.length % blockValues !== 0) {
    throw new Error(`Tensor ${tensor.name} has ${values.length} values; its shape needs ${expected}.`);
  }
  const cycle = encode(values);
  const cycles = Buffer.alloc(Math.ceil(CYCLED_WRITE_BYTES / cycle.length) * cycle.length, cycle);
  const total = tensorBytes(tensor);
  for (let done = 0; done < total; done += cycles.length) await append(file, cycles.subarray(0, total - done));
  await append(file, new Uint8Array(roundUp(total) - total));
  return roundUp(total);
}

/** @param start where the tensor begins in the file, bytes */
async function overwriteRows(file: FileHandle, start: number, { type, shape, rows }: GgufTensorSource): Promise<void> {
  const [width = 0] = shape;
  for (const [row, values] of rows?.() ?? []) {
    if (values.length !== width) throw new Error(`Row ${row} has ${values.length} values; ${width} are needed.`);
    const bytes = TENSOR_TYPES[type].encode(values);
    await file.write(bytes, 0, bytes.length, start + row * bytes.length);
  }
}

function valueCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / GGUF_ALIGNMENT) * GGUF_ALIGNMENT;
}

function padded(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(roundUp(bytes.length));
  result.set(bytes);
  return result;
}

/** `FileHandle.write` may write less than it was given; `appendFile` writes everything at the file's position. */
async function append(file: FileHandle, bytes: Uint8Array): Promise<number> {
  await file.appendFile(bytes);
  return bytes.length;
}
