import type { FileHandle } from "node:fs/promises";
import { HoloscopeError } from "../../contract/errors.ts";
import { Cursor, NeedMoreBytes } from "./cursor.ts";
import { readSome } from "./file-bytes.ts";
import { tensorDataBytes } from "./tensor-types.ts";

/**
 * Where everything lies in a GGUF file, byte by byte. node-llama-cpp's reader gives values, not places, and holds the
 * vocabulary as JavaScript strings; a copy that is identical but for some tensors needs the places, within little memory.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian).
 */
export interface GgufLayout {
  readonly fileBytes: number;
  readonly tensorCount: number;
  /** Start of the tensor infos; all before it are magic, version, counts and metadata. */
  readonly infosStart: number;
  /** Bytes; tensor data starts at, and every tensor is padded to, a multiple of it. */
  readonly alignment: number;
  readonly dataStart: number;
  readonly tensors: readonly TensorPlace[];
  /** Numbers and texts of the metadata, arrays left out. */
  readonly values: ReadonlyMap<string, number | string | boolean>;
  /** Where the 32 bits of `general.file_type` lie, if it is a uint32. */
  readonly fileTypeAt: number | undefined;
}

export interface TensorPlace {
  readonly name: string;
  /** Sizes, fastest-varying first. */
  readonly shape: readonly number[];
  readonly values: number;
  /** Number of the type (enum ggml_type). */
  readonly type: number;
  /** Start of the data in the file. */
  readonly start: number;
  /** Bytes up to the next tensor or the end of the file, padding included. */
  readonly span: number;
}

/** Bytes of scalar metadata values by type number; 8 and 9 are text and array. */
const scalarBytes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const textType = 8;
const arrayType = 9;
const uint32Type = 4;

const firstRead = 1 << 20;
/** A header beyond this is damage, not a vocabulary; real ones have up to some ten MB. */
const maxHeaderBytes = 64 << 20;
const maxTextBytes = 16 << 20;
const maxTensors = 1 << 17;
const maxKeys = 1 << 16;

/** Reads and checks the header. Throws NOT_A_GGUF and GGUF_TRUNCATED; `name` is for the message. */
export async function readGgufLayout(file: FileHandle, name: string): Promise<GgufLayout> {
  const { size } = await file.stat();
  for (let length = firstRead; ; length *= 4) {
    const bytes = await readSome(file, 0, Math.min(length, size));
    try {
      return checkedLayout(parse(bytes, size), name);
    } catch (error) {
      if (!(error instanceof NeedMoreBytes)) throw asGgufError(error, name);
      if (bytes.length >= size) throw truncated(name);
      if (length >= maxHeaderBytes) throw damaged(name, "its header has no end");
    }
  }
}

function parse(bytes: Buffer, fileBytes: number): GgufLayout {
  const cursor = new Cursor(bytes);
  if (bytes.length < 4 || bytes.toString("latin1", 0, 4) !== "GGUF") throw new RangeError("it is no GGUF file");
  cursor.skip(4);
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new RangeError(`its GGUF version ${version} is not supported`);
  const tensorCount = limited(cursor.u64(), maxTensors, "tensors");
  const keyCount = limited(cursor.u64(), maxKeys, "metadata keys");
  const values = new Map<string, number | string | boolean>();
  const keys = new Set<string>();
  let fileTypeAt: number | undefined;
  for (let index = 0; index < keyCount; index++) {
    const key = cursor.string(maxTextBytes);
    if (keys.has(key)) throw new RangeError(`its metadata has "${key.slice(0, 80)}" twice`);
    keys.add(key);
    const type = cursor.u32();
    if (key === "general.file_type" && type === uint32Type) fileTypeAt = cursor.position;
    const value = readValue(cursor, type);
    if (value !== undefined) values.set(key, value);
  }
  const infosStart = cursor.position;
  const infos = Array.from({ length: tensorCount }, () => readInfo(cursor));
  const alignment = values.get("general.alignment") ?? 32;
  if (typeof alignment !== "number" || alignment < 1 || !Number.isInteger(Math.log2(alignment))) {
    throw new RangeError(`its alignment is ${String(alignment)}, not a power of two`);
  }
  const dataStart = roundUp(cursor.position, alignment);
  const tensors = infos.map(({ offset, ...info }, index) => {
    const end = infos[index + 1]?.offset ?? Math.max(offset, fileBytes - dataStart);
    return { ...info, start: dataStart + offset, span: end - offset };
  });
  return { fileBytes, tensorCount, infosStart, alignment, dataStart, tensors, values, fileTypeAt };
}

/** Goes over a metadata value. Skips arrays and numbers of 64 bits and 8 or 16 bits; gives the values that are of use here. */
export function readValue(cursor: Cursor, type: number): number | string | boolean | undefined {
  if (type === uint32Type) return cursor.u32();
  if (type === 5) return cursor.i32();
  if (type === 6) return cursor.f32();
  if (type === 10) return cursor.u64();
  if (type === textType) return cursor.string(maxTextBytes);
  if (type !== arrayType) {
    cursor.skip(bytesOfScalar(type));
    return undefined;
  }
  const itemType = cursor.u32();
  const count = cursor.u64();
  if (itemType !== textType) {
    cursor.skip(bytesOfScalar(itemType) * count);
    return undefined;
  }
  for (let index = 0; index < count; index++) cursor.skip(cursor.u64());
  return undefined;
}

function bytesOfScalar(type: number): number {
  const size = scalarBytes[type];
  if (size === undefined) throw new RangeError(`its metadata has a value of the unknown type ${type}`);
  return size;
}

/** Goes over one tensor's info: its name, its sizes, its type and its place. */
export function readInfo(cursor: Cursor) {
  const name = cursor.string(1024);
  const dimensions = cursor.u32();
  if (dimensions < 1 || dimensions > 4) throw new RangeError(`the tensor ${name} has ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, () => cursor.u64());
  const values = shape.reduce((product, side) => product * side, 1);
  if (!Number.isSafeInteger(values) || values < 1) throw new RangeError(`the tensor ${name} has an impossible shape`);
  const type = cursor.u32();
  return { name, shape, values, type, offset: cursor.u64() };
}

/** llama.cpp takes only files whose tensors follow one another without gaps; so does this. */
function checkedLayout(layout: GgufLayout, name: string): GgufLayout {
  const { tensors, alignment, dataStart, fileBytes } = layout;
  const names = new Set<string>();
  let next = dataStart;
  for (const [index, tensor] of tensors.entries()) {
    const bytes = tensorDataBytes(tensor.type, tensor.values);
    if (names.has(tensor.name)) throw damaged(name, `the tensor ${tensor.name} is in it twice`);
    names.add(tensor.name);
    if (tensor.start !== next) throw damaged(name, `the tensor ${tensor.name} is not where it should be`);
    const last = index === tensors.length - 1;
    if (tensor.start + (bytes ?? 1) > fileBytes) throw truncated(name);
    if (!last && bytes !== undefined && tensor.span !== roundUp(bytes, alignment)) {
      throw damaged(name, `the tensor after ${tensor.name} is not where it should be`);
    }
    next += tensor.span;
  }
  return layout;
}

export function roundUp(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

function limited(count: number, most: number, what: string): number {
  if (count > most) throw new RangeError(`it claims ${count} ${what}`);
  return count;
}

function asGgufError(error: unknown, name: string): unknown {
  return error instanceof RangeError ? damaged(name, error.message) : error;
}

function damaged(name: string, why: string): HoloscopeError {
  return new HoloscopeError("NOT_A_GGUF", `"${name}" cannot be read: ${why}.`, "Download the file again.");
}

export function truncated(name: string): HoloscopeError {
  return new HoloscopeError("GGUF_TRUNCATED", `"${name}" ends too early.`, "Its download was cut: download it again.");
}
