/** Makes broken and hostile GGUF files out of good ones, to test that readers refuse them instead of crashing. */
import { readFile, writeFile } from "node:fs/promises";
import { encodeString, encodeU32, encodeU64 } from "./metadata.ts";
import { createRandom } from "./random.ts";
import type { TinyPair } from "./tiny-pair.ts";

/** Turns the bytes of a good file into those of a bad one; may change its argument. */
export type Damage = (file: Buffer) => Buffer;

/** Larger than any file, yet positive when a reader takes it for a signed 64-bit number. */
export const HUGE = 2n ** 60n;

/** Positions of the fixed fields at a file's start, bytes. */
const VERSION_AT = 4;
const TENSOR_COUNT_AT = 8;
const KV_COUNT_AT = 16;

/** Bytes of a metadata value's type code, and of an array's item type. */
const TYPE_CODE_BYTES = 4;

/** Every way of damage; those that name a key or a tensor throw if the file has no such thing. */
export const damage = {
  /** Keeps the first `bytes` bytes. */
  truncate:
    (bytes: number): Damage =>
    (file) =>
      file.subarray(0, bytes),
  /** Puts other letters in place of the four of `GGUF`. */
  magic: (letters: string): Damage => overwrite(() => 0, Buffer.from(letters, "ascii")),
  version: (version: number): Damage => overwrite(() => VERSION_AT, encodeU32(version)),
  /** Claims another number of tensors than the file describes. */
  tensorCount: (count: bigint): Damage => overwrite(() => TENSOR_COUNT_AT, encodeU64(count)),
  /** Claims another number of metadata entries than the file has. */
  kvCount: (count: bigint): Damage => overwrite(() => KV_COUNT_AT, encodeU64(count)),
  /** Claims another length, in bytes, for the text of a string entry. */
  stringLength: (key: string, length: bigint): Damage =>
    overwrite((file) => after(file, key) + TYPE_CODE_BYTES, encodeU64(length)),
  /** Claims another number of items for an array entry. */
  arrayLength: (key: string, length: bigint): Damage =>
    overwrite((file) => after(file, key) + 2 * TYPE_CODE_BYTES, encodeU64(length)),
  /** Gives a metadata entry another type code, valid or not. */
  valueType: (key: string, code: number): Damage => overwrite((file) => after(file, key), encodeU32(code)),
  /** Claims another size for one dimension of a tensor (0 = fastest-varying). */
  tensorDimension: (name: string, index: number, size: bigint): Damage =>
    overwrite((file) => dimensionsOf(file, name).start + index * 8, encodeU64(size)),
  /** Gives a tensor another type code, valid or not. */
  tensorType: (name: string, code: number): Damage =>
    overwrite((file) => dimensionsOf(file, name).end, encodeU32(code)),
  /** Claims that a tensor's data lies elsewhere, in bytes from the start of all data. */
  tensorOffset: (name: string, offset: bigint): Damage =>
    overwrite((file) => dimensionsOf(file, name).end + 4, encodeU64(offset)),
};

/** Writes a damaged copy of `source` and resolves to its path. */
export async function writeDamaged(source: string, target: string, apply: Damage): Promise<string> {
  await writeFile(target, apply(await readFile(source)));
  return target;
}

/** Writes `bytes` random bytes, which are no GGUF file, and resolves to the path. */
export async function writeRandomBytes(target: string, bytes: number, seed = 1): Promise<string> {
  const random = createRandom(seed);
  await writeFile(
    target,
    Uint8Array.from({ length: bytes }, () => random() * 256),
  );
  return target;
}

/** The language model in the mmproj's place. */
export function modelAsMmproj({ modelPath }: TinyPair): TinyPair {
  return { modelPath, mmprojPath: modelPath };
}

/** The mmproj in the language model's place. */
export function mmprojAsModel({ mmprojPath }: TinyPair): TinyPair {
  return { modelPath: mmprojPath, mmprojPath };
}

/**
 * Named samples of damage to a file that holds the tensor `tensor` (two dimensions or more), one for each thing that a
 * reader must check.
 */
export function hostileSamples(tensor: string): Readonly<Record<string, Damage>> {
  return {
    "empty file": damage.truncate(0),
    "cut inside the magic": damage.truncate(3),
    "cut after the counts": damage.truncate(24),
    "cut inside the metadata": damage.truncate(100),
    "cut inside the tensor data": (file) => file.subarray(0, Math.floor(file.length * 0.9)),
    "wrong magic": damage.magic("GGML"),
    "version 1": damage.version(1),
    "version of the future": damage.version(99),
    "huge tensor count": damage.tensorCount(HUGE),
    "negative tensor count": damage.tensorCount(2n ** 64n - 1n),
    "huge metadata count": damage.kvCount(HUGE),
    "negative metadata count": damage.kvCount(2n ** 64n - 1n),
    "huge string": damage.stringLength("general.architecture", HUGE),
    "unknown value type": damage.valueType("general.file_type", 77),
    "huge tensor": damage.tensorDimension(tensor, 1, HUGE),
    "tensor larger than the file": damage.tensorDimension(tensor, 1, 1_000_000n),
    "empty tensor": damage.tensorDimension(tensor, 1, 0n),
    "negative tensor size": damage.tensorDimension(tensor, 0, 2n ** 64n - 64n),
    "unknown tensor type": damage.tensorType(tensor, 999),
    "tensor data beyond the end": damage.tensorOffset(tensor, HUGE),
    "misaligned tensor data": damage.tensorOffset(tensor, 1n),
  };
}

function overwrite(at: (file: Buffer) => number, bytes: Buffer): Damage {
  return (file) => {
    bytes.copy(file, at(file));
    return file;
  };
}

/** Position just behind a key or a tensor's name. */
function after(file: Buffer, name: string): number {
  const encoded = encodeString(name);
  const at = file.indexOf(encoded);
  if (at < 0) throw new Error(`The file has neither a key nor a tensor called ${name}.`);
  return at + encoded.length;
}

/** Where a tensor's list of dimensions starts and ends; its type and offset follow. */
function dimensionsOf(file: Buffer, tensor: string): { readonly start: number; readonly end: number } {
  const countAt = after(file, tensor);
  const start = countAt + 4;
  return { start, end: start + file.readUInt32LE(countAt) * 8 };
}
