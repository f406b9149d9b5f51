/**
 * GGUF metadata values and their encoding.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (version 3, little-endian).
 */

/** Value types of GGUF with the code that precedes a value of that type in a file. */
const TYPE_CODES = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

/** The TypeScript type that stands for each GGUF scalar. */
interface ScalarValues {
  uint8: number;
  int8: number;
  uint16: number;
  int16: number;
  uint32: number;
  int32: number;
  float32: number;
  float64: number;
  uint64: bigint;
  int64: bigint;
  bool: boolean;
  string: string;
}

export type GgufScalarType = keyof ScalarValues;

/** One typed metadata value; an array holds scalars of one type (ggml reads no nested arrays). */
export type GgufMetadataValue =
  | { [T in GgufScalarType]: { readonly type: T; readonly value: ScalarValues[T] } }[GgufScalarType]
  | {
      [T in GgufScalarType]: { readonly type: "array"; readonly of: T; readonly value: readonly ScalarValues[T][] };
    }[GgufScalarType];

/** Metadata in the order in which it is written. */
export type GgufMetadata = Readonly<Record<string, GgufMetadataValue>>;

/** Short constructors for the types that model files use most. */
export const kv = {
  u32: (value: number) => ({ type: "uint32", value }) as const,
  f32: (value: number) => ({ type: "float32", value }) as const,
  bool: (value: boolean) => ({ type: "bool", value }) as const,
  string: (value: string) => ({ type: "string", value }) as const,
  bools: (value: readonly boolean[]) => ({ type: "array", of: "bool", value }) as const,
  i32s: (value: readonly number[]) => ({ type: "array", of: "int32", value }) as const,
  f32s: (value: readonly number[]) => ({ type: "array", of: "float32", value }) as const,
  strings: (value: readonly string[]) => ({ type: "array", of: "string", value }) as const,
};

/** Metadata with one value of every type; the key `x` is free for any use. */
export const EVERY_TYPE: GgufMetadata = {
  "general.architecture": kv.string("test"),
  "x.uint8": { type: "uint8", value: 255 },
  "x.int8": { type: "int8", value: -128 },
  "x.uint16": { type: "uint16", value: 65535 },
  "x.int16": { type: "int16", value: -32768 },
  "x.uint32": kv.u32(4_294_967_295),
  "x.int32": { type: "int32", value: -2_147_483_648 },
  "x.float32": kv.f32(0.5),
  "x.float64": { type: "float64", value: Math.PI },
  "x.uint64": { type: "uint64", value: 2n ** 40n },
  "x.int64": { type: "int64", value: -(2n ** 40n) },
  "x.bool": kv.bool(true),
  "x.string": kv.string("Grüße 👋"),
  "x.strings": kv.strings(["", "Ġ", "a b"]),
  "x.numbers": kv.i32s([-1, 0, 1]),
  "x.flags": kv.bools([true, false]),
};

/** A GGUF string: its length in bytes as a uint64, then UTF-8 without a terminator. */
export function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([encodeU64(BigInt(bytes.length)), bytes]);
}

export function encodeU32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

export function encodeU64(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(value);
  return buffer;
}

const scalarEncoders: { [T in GgufScalarType]: (value: ScalarValues[T]) => Buffer } = {
  uint8: (value) => fixed(1, (b) => b.writeUInt8(value)),
  int8: (value) => fixed(1, (b) => b.writeInt8(value)),
  uint16: (value) => fixed(2, (b) => b.writeUInt16LE(value)),
  int16: (value) => fixed(2, (b) => b.writeInt16LE(value)),
  uint32: encodeU32,
  int32: (value) => fixed(4, (b) => b.writeInt32LE(value)),
  float32: (value) => fixed(4, (b) => b.writeFloatLE(value)),
  float64: (value) => fixed(8, (b) => b.writeDoubleLE(value)),
  uint64: encodeU64,
  int64: (value) => fixed(8, (b) => b.writeBigInt64LE(value)),
  bool: (value) => fixed(1, (b) => b.writeUInt8(value ? 1 : 0)),
  string: encodeString,
};

/** A value with its leading type code, as it follows the key in a file. Throws a RangeError if a number does not fit. */
export function encodeMetadataValue(entry: GgufMetadataValue): Buffer {
  if (entry.type !== "array") {
    return Buffer.concat([encodeU32(TYPE_CODES[entry.type]), encodeScalar(entry.type, entry.value)]);
  }
  const items = entry.value.map((item) => encodeScalar(entry.of, item));
  return Buffer.concat([
    encodeU32(TYPE_CODES.array),
    encodeU32(TYPE_CODES[entry.of]),
    encodeU64(BigInt(items.length)),
    ...items,
  ]);
}

function encodeScalar(type: GgufScalarType, value: ScalarValues[GgufScalarType]): Buffer {
  // The union of GgufMetadataValue ties type and value together; the compiler cannot see it through the lookup.
  const encode = scalarEncoders[type] as (value: ScalarValues[GgufScalarType]) => Buffer;
  return encode(value);
}

function fixed(bytes: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(bytes);
  write(buffer);
  return buffer;
}
