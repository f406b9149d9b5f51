import { open, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Cursor } from "../../app/host/gguf/cursor.ts";
import { readGgufLayout, readInfo, readValue } from "../../app/host/gguf/layout.ts";

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
 * Throws NOT_A_GGUF and GGUF_TRUNCATED.
 */
export async function setMetadata(file: string, entries: Float32Metadata): Promise<void> {
  const source = await open(file, "r");
  let bytes: Buffer;
  let layout: Awaited<ReturnType<typeof readGgufLayout>>;
  try {
    layout = await readGgufLayout(source, path.basename(file));
    bytes = await source.readFile();
  } finally {
    await source.close();
  }
  const kept = pairsOf(bytes, layout.infosStart).filter(({ key }) => !(key in entries));
  const added = Object.entries(entries).map(([key, value]) => encodePair(key, value));
  const start = Buffer.from(bytes.subarray(0, firstKeyAt));
  start.writeBigUInt64LE(BigInt(kept.length + added.length), keyCountAt);
  // Places of tensors count from the start of the data, so that their infos stay valid.
  const infos = bytes.subarray(layout.infosStart, infosEnd(bytes, layout));
  const header = Buffer.concat([start, ...kept.map(({ pair }) => pair), ...added, infos]);
  const padding = Buffer.alloc(-header.length & (layout.alignment - 1));
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, Buffer.concat([header, padding, bytes.subarray(layout.dataStart)]), { flush: true });
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The key-value pairs as they lie in the file. */
function pairsOf(bytes: Buffer, end: number): { readonly key: string; readonly pair: Buffer }[] {
  const cursor = new Cursor(bytes, firstKeyAt);
  const pairs: { key: string; pair: Buffer }[] = [];
  while (cursor.position < end) {
    const start = cursor.position;
    const key = cursor.string(end);
    readValue(cursor, cursor.u32());
    pairs.push({ key, pair: bytes.subarray(start, cursor.position) });
  }
  return pairs;
}

/** Behind the last tensor's info. */
function infosEnd(bytes: Buffer, { infosStart, tensorCount }: { infosStart: number; tensorCount: number }): number {
  const cursor = new Cursor(bytes, infosStart);
  for (let index = 0; index < tensorCount; index++) readInfo(cursor);
  return cursor.position;
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
