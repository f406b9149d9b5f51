/** Below this announced length parts are simply joined, in bytes. */
const smallBytes = 1024 * 1024;

/**
 * Joins the parts of a body. When half of an announced length has come, the whole is allocated and the rest written into
 * it: joining all parts at the end would hold everything twice, allocating at the beginning would trust the announcement.
 */
export class Gathered {
  readonly #announced: number;
  readonly #parts: Uint8Array[] = [];
  #whole: Buffer | undefined;
  #size = 0;

  /** @param announced Content-Length, 0 or NaN if there is none; no more than that comes */
  constructor(announced: number) {
    this.#announced = announced >= smallBytes ? announced : Number.POSITIVE_INFINITY;
  }

  add(part: Uint8Array): void {
    if (this.#whole === undefined) this.#parts.push(part);
    else this.#whole.set(part, this.#size);
    this.#size += part.byteLength;
    if (this.#whole === undefined && this.#size * 2 >= this.#announced) this.#allocate();
  }

  /** Everything that came; nothing is kept here. */
  take(): Buffer {
    const bytes = this.#whole?.subarray(0, this.#size) ?? Buffer.concat(this.#parts);
    this.drop();
    return bytes;
  }

  drop(): void {
    this.#parts.length = 0;
    this.#whole = undefined;
    this.#size = 0;
  }

  #allocate(): void {
    this.#whole = Buffer.allocUnsafeSlow(this.#announced);
    let at = 0;
    for (const part of this.#parts) {
      this.#whole.set(part, at);
      at += part.byteLength;
    }
    this.#parts.length = 0;
  }
}
