import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { readGguf, roundUp } from "../../app/gguf/read.ts";

/** What is written: numbers as float32, lists of them as arrays. */
export type Float32Metadata = Readonly<Record<string, number | readonly number[]>>;

/** Types of metadata values. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
const float32Type = 6;
const arrayType = 9;
/** The key-value pairs follow magic, version and the two counts. */
const firstKeyAt = 24;
const keyCountAt = 16;

/**
 * Adds metadata to a GGUF file in place of what has the same keys; every other byte of metadata and all tensors stay as
 * they are. The file is replaced at once, so that a reader sees the old one or the new one.
 * Throws FILE_MISSING, NOT_A_GGUF and GGUF_TRUNCATED.
 */
export async function setMetadata(file: string, entries: Float32Metadata): Promise<void> {
  const old = await readGguf(file);
  const bytes = await readFile(file);
  const kept = [...old.entries].filter(([key]) => !(key in entries));
  const added = Object.entries(entries).map(([key, value]) => encodePair(key, value));
  const start = Buffer.from(bytes.subarray(0, firstKeyAt));
  start.writeBigUInt64LE(BigInt(kept.length + added.length), keyCountAt);
  // Places of tensors count from the start of the data, so that their infos stay valid.
  const infos = bytes.subarray(old.infosStart, old.infosEnd);
  const pairs = kept.map(([, place]) => bytes.subarray(place.start, place.end));
  const header = Buffer.concat([start, ...pairs, ...added, infos]);
  const padding = Buffer.alloc(roundUp(header.length, old.alignment) - header.length);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, Buffer.concat([header, padding, bytes.subarray(old.dataStart)]), { flush: true });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

function encodePair(key: string, value: number | readonly number[]): Buffer {
  const name = Buffer.from(key, "utf8");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(name.length));
  const values = typeof value === "number" ? [value] : value;
  const floats = Buffer.alloc(4 * values.length);
  for (const [index, each] of values.entries()) floats.writeFloatLE(each, 4 * index);
  if (typeof value === "number") return Buffer.concat([length, name, u32(float32Type), floats]);
  const count = Buffer.alloc(8);
  count.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([length, name, u32(arrayType), u32(float32Type), count, floats]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
