/** The buffer ends before the value does: more of the file has to be read. */
export class NeedMoreBytes extends Error {}

/** Reads little-endian values from a buffer, one after the other. Throws NeedMoreBytes at its end. */
export class Cursor {
  readonly #bytes: Buffer;
  #position: number;

  constructor(bytes: Buffer, position = 0) {
    this.#bytes = bytes;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  skip(count: number): void {
    if (!(count <= this.#bytes.length - this.#position)) throw new NeedMoreBytes();
    this.#position += count;
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  i32(): number {
    return this.#bytes.readInt32LE(this.#take(4));
  }

  f32(): number {
    return this.#bytes.readFloatLE(this.#take(4));
  }

  /** Numbers beyond 2^53 lose their last digits; as sizes they fail every check of limits all the same. */
  u64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.#take(8)));
  }

  /** A length as u64, then so many bytes of UTF-8. */
  string(maxBytes: number): string {
    const length = this.u64();
    if (length > maxBytes) throw new RangeError(`a text of ${length} bytes`);
    const start = this.#take(length);
    return this.#bytes.toString("utf8", start, start + length);
  }

  #take(count: number): number {
    const start = this.#position;
    this.skip(count);
    return start;
  }
}
