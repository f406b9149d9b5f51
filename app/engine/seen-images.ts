import { createHash } from "node:crypto";
import type { Size } from "../contract/index.ts";

/** What a detection needs to know of an image when it does not decode it. */
export interface SeenImage extends Size {
  /** SHA-256 of the file. */
  readonly hash: string;
  readonly frames: number;
}

/** Far more than the session keeps embeddings of; an entry takes a hundred bytes. */
const mostImages = 256;

/** Sizes of the images decoded last, by their files' contents. */
export class SeenImages {
  readonly #images = new Map<string, SeenImage>();

  get(hash: string): SeenImage | undefined {
    return this.#images.get(hash);
  }

  add(image: SeenImage): void {
    this.#images.delete(image.hash);
    this.#images.set(image.hash, image);
    const [oldest] = this.#images.keys();
    if (this.#images.size > mostImages && oldest !== undefined) this.#images.delete(oldest);
  }
}

export function hashOf(file: Uint8Array): string {
  return createHash("sha256").update(file).digest("hex");
}
