export type GgufScalar = string | number | bigint | boolean;
export type GgufValue = GgufScalar | readonly GgufScalar[];

/** What a GGUF file says about itself. */
export interface GgufHeader {
  readonly path: string;
  readonly version: number;
  readonly fileBytes: number;
  /** Without a prototype. Numbers beyond 2^53 are bigints; arrays longer than 64 values are cut. */
  readonly metadata: Readonly<Record<string, GgufValue>>;
  /** True lengths of all arrays. */
  readonly arrayLengths: Readonly<Record<string, number>>;
  readonly tensors: readonly GgufTensor[];
}

export interface GgufTensor {
  readonly name: string;
  /** ggml's type name in lower case, such as "q4_k", "f16", "bf16". */
  readonly type: string;
  /** Sizes, fastest-varying first. */
  readonly shape: readonly number[];
  /** Of the data, without the padding that follows. */
  readonly bytes: number;
}

/** A header with the places of its parts, in bytes from the file's start: what a copy of the file needs. */
export interface GgufFile extends GgufHeader {
  readonly tensors: readonly PlacedTensor[];
  /** Tensor data starts at, and every tensor is padded to, a multiple of it; a power of two. */
  readonly alignment: number;
  /** In the file's order. */
  readonly entries: ReadonlyMap<string, MetadataPlace>;
  /** The tensors' descriptions; before them are magic, version, counts and metadata. */
  readonly infosStart: number;
  readonly infosEnd: number;
  readonly dataStart: number;
}

export interface MetadataPlace {
  /** Number of the value's type (docs/gguf.md of ggml); 4 is uint32. */
  readonly type: number;
  /** Of the key's length, which comes first. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

export interface PlacedTensor extends GgufTensor {
  readonly values: number;
  /** Of the type's number in the description, 4 bytes; the data's place follows as 8 bytes, from `dataStart`. */
  readonly typeStart: number;
  /** Of the data. */
  readonly start: number;
}

/** A string of the metadata; undefined if it is absent or of another type. */
export function metadataString({ metadata }: Pick<GgufHeader, "metadata">, key: string): string | undefined {
  const value = metadata[key];
  return typeof value === "string" ? value : undefined;
}

/** A number of the metadata; undefined if it is absent, of another type or beyond what a double holds. */
export function metadataNumber({ metadata }: GgufHeader, key: string): number | undefined {
  const value = metadata[key];
  if (typeof value === "number") return value;
  return typeof value === "bigint" && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

/** An array of the metadata; undefined if it is absent, no array, or longer than what the reader keeps. */
export function metadataArray(header: GgufHeader, key: string): readonly GgufScalar[] | undefined {
  const value = header.metadata[key];
  return Array.isArray(value) && metadataLength(header, key) === value.length ? value : undefined;
}

/** True length of an array, also of one that the reader cut; 0 if there is none. */
export function metadataLength({ metadata, arrayLengths }: GgufHeader, key: string): number {
  const value = metadata[key];
  return arrayLengths[key] ?? (Array.isArray(value) ? value.length : 0);
}
