import type { Size } from "../../contract/index.ts";
import { decodeImage, type ImageFile, type RgbImage } from "./decode.ts";

/** What a detection needs to know of an image that it does not decode. */
export interface SeenImage extends Size {
  /** SHA-256 of the file. */
  readonly id: string;
  readonly frames: number;
}

/** Decodes a file, and notes its size for later runs on it. Errors: as decodeImage(). */
export async function decodeSeen(
  file: ImageFile,
  id: string,
): Promise<{ readonly seen: SeenImage; readonly pixels: RgbImage }> {
  const pixels = await decodeImage(file);
  const { width, height } = pixels;
  return { seen: { id, width, height, frames: file.probe.frames }, pixels };
}

/** Far more than a session keeps embeddings of; an entry takes about a hundred bytes. */
const mostImages = 256;

/** The images decoded last, by their ids. */
export class SeenImages {
  readonly #images = new Map<string, SeenImage>();

  get(id: string): SeenImage | undefined {
    return this.#images.get(id);
  }

  add(image: SeenImage): void {
    this.#images.delete(image.id);
    this.#images.set(image.id, image);
    const [oldest] = this.#images.keys();
    if (this.#images.size > mostImages && oldest !== undefined) this.#images.delete(oldest);
  }
}
