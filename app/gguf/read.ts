import { type FileHandle, open, stat } from "node:fs/promises";
import path from "node:path";
import { HoloscopeError } from "../contract/index.ts";
import { impossibleClaim } from "./claims.ts";
import { readSome } from "./file-bytes.ts";
import type { GgufFile, GgufScalar, GgufValue, MetadataPlace, PlacedTensor } from "./header.ts";
import { tensorTypes } from "./tensor-types.ts";

const firstRead = 1 << 20;
/** A header beyond this is damage, not a vocabulary; real ones have up to some ten MB. */
const maxHeaderBytes = 64 << 20;
const maxEntries = 1 << 16;
const maxTensors = 1 << 17;
/** Limits of the format and of ggml, bytes of UTF-8. */
const maxKeyBytes = 65_535;
const maxTensorNameBytes = 63;
/** Far above any chat template. */
const maxTextBytes = 16 << 20;
/** Values of an array that are kept; the rest is only counted. */
const keptValues = 64;
const defaultAlignment = 32;

/** Scalar values of the metadata by type number. */
const scalars: Readonly<
  Record<number, { readonly bytes: number; readonly read: (from: Buffer, at: number) => GgufScalar }>
> = {
  0: { bytes: 1, read: (from, at) => from.readUInt8(at) },
  1: { bytes: 1, read: (from, at) => from.readInt8(at) },
  2: { bytes: 2, read: (from, at) => from.readUInt16LE(at) },
  3: { bytes: 2, read: (from, at) => from.readInt16LE(at) },
  4: { bytes: 4, read: (from, at) => from.readUInt32LE(at) },
  5: { bytes: 4, read: (from, at) => from.readInt32LE(at) },
  6: { bytes: 4, read: (from, at) => from.readFloatLE(at) },
  7: { bytes: 1, read: (from, at) => from.readUInt8(at) !== 0 },
  10: { bytes: 8, read: (from, at) => numberIfExact(from.readBigUInt64LE(at)) },
  11: { bytes: 8, read: (from, at) => numberIfExact(from.readBigInt64LE(at)) },
  12: { bytes: 8, read: (from, at) => from.readDoubleLE(at) },
};
export const uint32Type = 4;
const textType = 8;
const arrayType = 9;

/**
 * Reads the header of a GGUF file (versions 2 and 3, little-endian) and checks every count, length and place in it. It
 * holds as many bytes as the header is long in memory, at most {@link maxHeaderBytes}, whatever the file claims.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 * Errors: FILE_MISSING (also for what cannot be read), NOT_A_GGUF, GGUF_TRUNCATED.
 */
export async function readGguf(file: string): Promise<GgufFile> {
  const handle = await openGguf(file);
  try {
    return await readOpenGguf(handle, file);
  } finally {
    await handle.close();
  }
}

/** Opens a file for reading. Errors: FILE_MISSING, also for a folder, a pipe and a file that may not be read. */
export async function openGguf(file: string): Promise<FileHandle> {
  try {
    // Before it is opened: opening a pipe would wait for whoever writes into it.
    if ((await stat(file)).isFile()) return await open(file, "r");
  } catch (error) {
    throw unreadable(file, error);
  }
  throw new HoloscopeError("FILE_MISSING", `"${path.basename(file)}" is not a file.`, "Choose the .gguf file itself.");
}

/** As {@link readGguf}, for a file that is open. */
export async function readOpenGguf(handle: FileHandle, file: string): Promise<GgufFile> {
  try {
    const { size } = await handle.stat();
    for (let length = firstRead; ; ) {
      const bytes = await readSome(handle, 0, length);
      try {
        return parse(bytes, size, file);
      } catch (error) {
        if (!(error instanceof NeedMoreBytes)) throw error;
        if (bytes.length < length || error.end > size) throw ggufTruncated(file);
        if (error.end > maxHeaderBytes) throw new Malformed("its header has no end");
        length = Math.min(maxHeaderBytes, Math.max(length * 4, error.end));
      }
    }
  } catch (error) {
    if (error instanceof HoloscopeError) throw error;
    if (!(error instanceof Malformed)) throw unreadable(file, error);
    const message = `"${path.basename(file)}" is not a valid GGUF file: ${error.message}.`;
    throw new HoloscopeError("NOT_A_GGUF", message, "Choose a .gguf file; if it was downloaded, download it again.");
  }
}

function parse(bytes: Buffer, fileBytes: number, file: string): GgufFile {
  const cursor = new Cursor(bytes);
  if (fileBytes === 0) throw new Malformed("it is empty");
  if (bytes.toString("latin1", 0, 4) !== "GGUF") throw new Malformed('it does not begin with "GGUF"');
  cursor.take(4);
  const version = cursor.u32();
  if (version !== 2 && version !== 3) {
    const bigEndian = (version & 0xffff) === 0;
    throw new Malformed(bigEndian ? "it is in big-endian byte order" : `its version ${version} is neither 2 nor 3`);
  }
  const tensorCount = limited(cursor.u64(), maxTensors, "tensors");
  const entryCount = limited(cursor.u64(), maxEntries, "metadata entries");

  cursor.expect(entryCount * leastEntryBytes);
  const metadata: Record<string, GgufValue> = Object.create(null);
  const arrayLengths: Record<string, number> = Object.create(null);
  const entries = new Map<string, MetadataPlace>();
  for (let index = 0; index < entryCount; index++) {
    const start = cursor.position;
    const key = cursor.text(maxKeyBytes, "key");
    if (entries.has(key)) throw new Malformed(`the key ${quoted(key)} is in it twice`);
    const type = cursor.u32();
    const valueStart = cursor.position;
    if (type === arrayType) {
      const { length, kept } = readArray(cursor, key);
      arrayLengths[key] = length;
      metadata[key] = kept;
    } else {
      metadata[key] = readScalar(cursor, type, key);
    }
    entries.set(key, { type, start, valueStart, end: cursor.position });
  }

  const claim = impossibleClaim({ metadata });
  if (claim !== undefined) throw new Malformed(claim);
  const alignment = metadata["general.alignment"] ?? defaultAlignment;
  // llama.cpp takes no other type for it.
  const wrongType = (entries.get("general.alignment")?.type ?? uint32Type) !== uint32Type;
  if (wrongType || typeof alignment !== "number" || !Number.isInteger(Math.log2(alignment))) {
    throw new Malformed("its alignment is not a power of two");
  }
  const infosStart = cursor.position;
  cursor.expect(tensorCount * leastInfoBytes);
  const infos = Array.from({ length: tensorCount }, () => readInfo(cursor));
  const infosEnd = cursor.position;
  const dataStart = roundUp(infosEnd, alignment);
  const tensors = placed(infos, dataStart, alignment);
  const last = tensors.at(-1);
  if (last !== undefined && last.start + last.bytes > fileBytes) throw ggufTruncated(file);
  return {
    path: file,
    version,
    fileBytes,
    metadata,
    arrayLengths,
    tensors,
    alignment,
    entries,
    infosStart,
    infosEnd,
    dataStart,
  };
}

/** Key length, type, smallest value. */
const leastEntryBytes = 8 + 4 + 1;
/** Name length, number of dimensions, one dimension, type, place. */
const leastInfoBytes = 8 + 4 + 8 + 4 + 8;

function readScalar(cursor: Cursor, type: number, key: string): GgufScalar {
  if (type === textType) return cursor.text(maxTextBytes, "text");
  const scalar = scalars[type];
  if (scalar === undefined) throw new Malformed(`its value of ${quoted(key)} has the unknown type ${type}`);
  return scalar.read(cursor.bytes, cursor.take(scalar.bytes));
}

function readArray(cursor: Cursor, key: string): { readonly length: number; readonly kept: GgufScalar[] } {
  const type = cursor.u32();
  const length = cursor.u64();
  const isText = type === textType;
  // Of a text at least its length. Arrays of arrays are unknown to llama.cpp as well.
  const itemBytes = isText ? 8 : scalars[type]?.bytes;
  if (itemBytes === undefined) throw new Malformed(`its list ${quoted(key)} has items of the unknown type ${type}`);
  cursor.expect(length * itemBytes);
  const kept = Array.from({ length: Math.min(length, keptValues) }, () => readScalar(cursor, type, key));
  if (!isText) cursor.take((length - kept.length) * itemBytes);
  else for (let index = kept.length; index < length; index++) cursor.take(cursor.u64());
  return { length, kept };
}

type TensorInfo = Omit<PlacedTensor, "start"> & { readonly offset: number };

function readInfo(cursor: Cursor): TensorInfo {
  const name = cursor.text(maxTensorNameBytes, "tensor name");
  const dimensions = cursor.u32();
  if (dimensions < 1 || dimensions > 4) throw new Malformed(`the tensor ${quoted(name)} has ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, () => cursor.u64());
  const values = shape.reduce((product, side) => product * side, 1);
  if (!Number.isSafeInteger(values) || values < 1)
    throw new Malformed(`the tensor ${quoted(name)} has an impossible shape`);
  const typeStart = cursor.position;
  const number = cursor.u32();
  const type = tensorTypes[number];
  if (type === undefined) throw new Malformed(`the tensor ${quoted(name)} has the unknown type ${number}`);
  if ((shape[0] ?? 0) % type.blockValues !== 0) throw new Malformed(`the rows of ${quoted(name)} are no whole blocks`);
  const bytes = (values / type.blockValues) * type.blockBytes;
  return { name, type: type.name, shape, values, bytes, typeStart, offset: cursor.u64() };
}

/** llama.cpp takes only tensors that follow one another in their order, without gaps; so none overlap either. */
function placed(infos: readonly TensorInfo[], dataStart: number, alignment: number): PlacedTensor[] {
  const names = new Set<string>();
  let start = dataStart;
  return infos.map(({ offset, ...info }) => {
    if (names.has(info.name)) throw new Malformed(`the tensor ${quoted(info.name)} is in it twice`);
    names.add(info.name);
    if (dataStart + offset !== start) throw new Malformed(`the tensor ${quoted(info.name)} is not where it should be`);
    const tensor = { ...info, start };
    start = roundUp(start + info.bytes, alignment);
    return tensor;
  });
}

export function roundUp(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

export function ggufTruncated(file: string): HoloscopeError {
  const message = `"${path.basename(file)}" ends too early.`;
  return new HoloscopeError("GGUF_TRUNCATED", message, "Its download was cut: download it again.");
}

function unreadable(file: string, error: unknown): HoloscopeError {
  const message = `"${path.basename(file)}" does not exist or cannot be read.`;
  return new HoloscopeError("FILE_MISSING", message, "Check its path and that you may read it.", String(error));
}

/** The file is no GGUF file, for the reason in the message. */
class Malformed extends Error {}

/** The value reaches beyond the bytes that were read. */
class NeedMoreBytes extends Error {
  /** @param end where the value ends in the file, as far as it is known */
  constructor(readonly end: number) {
    super();
  }
}

/** Reads little-endian values one after the other. Throws NeedMoreBytes at the buffer's end. */
class Cursor {
  #position = 0;

  constructor(readonly bytes: Buffer) {}

  get position(): number {
    return this.#position;
  }

  /** Throws NeedMoreBytes unless so many bytes follow. */
  expect(count: number): void {
    const end = this.#position + count;
    if (end > this.bytes.length) throw new NeedMoreBytes(end);
  }

  /** Goes over so many bytes; gives where they start. */
  take(count: number): number {
    this.expect(count);
    const start = this.#position;
    this.#position += count;
    return start;
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  /** Numbers beyond 2^53 lose their last digits; as sizes and places they fail every check all the same. */
  u64(): number {
    return Number(this.bytes.readBigUInt64LE(this.take(8)));
  }

  /** A length as u64, then so many bytes of UTF-8. */
  text(maxBytes: number, what: string): string {
    const length = this.u64();
    if (length > maxBytes) throw new Malformed(`a ${what} of ${length} bytes`);
    const start = this.take(length);
    return this.bytes.toString("utf8", start, start + length);
  }
}

function limited(count: number, most: number, what: string): number {
  if (count > most) throw new Malformed(`it claims ${count} ${what}`);
  return count;
}

function numberIfExact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** For a message: what a hostile file says may be long and of any characters. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
