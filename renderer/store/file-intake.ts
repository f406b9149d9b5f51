import { HoloscopeError } from "../../app/contract/index.ts";
import { decodedText, strictJson, truthFileLimits } from "../../app/truth/parse-text.ts";
import { knownFormats } from "../../app/truth/read-truth.ts";

/** A text file that was dropped or chosen, read once for all handlers. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
  /** Its value, if it is JSON. */
  readonly value?: unknown;
}

/** Takes one kind of text file. */
export interface TextHandler {
  /** Whether the file is of this handler's kind: quick, and never throws. Handlers are asked in their order. */
  recognises(file: TextFile): boolean;
  /** Takes all files of one drop that it recognised, in their order. May reject. */
  take(files: readonly TextFile[]): Promise<void>;
}

/** What becomes of files that are no texts. */
export interface ImageTaker {
  /** A few images: each is opened. */
  openFiles(files: readonly File[]): Promise<void>;
  /** Many images, or a folder of them: they are queued. */
  openMany(files: readonly File[], folder?: string): Promise<void>;
  report(error: unknown, about?: string): void;
}

/** Images dropped at once that are opened one by one; from here on they make a batch. */
export const batchFrom = 8;

/** The one way in for files: sorts what was dropped, pasted or chosen and hands each kind to its handler. */
export class FileIntake {
  readonly #handlers: TextHandler[] = [];

  readonly #images: ImageTaker;

  constructor(images: ImageTaker) {
    this.#images = images;
  }

  /** Adds a kind of text file. Returns the function that removes it. */
  addTextHandler(handler: TextHandler): () => void {
    this.#handlers.push(handler);
    return () => {
      this.#handlers.splice(this.#handlers.indexOf(handler), 1);
    };
  }

  /** @param folder name of the folder that the files come from; its images then always make a batch. */
  async take(files: readonly File[], folder?: string): Promise<void> {
    const texts = files.filter(isText);
    const images = files.filter((file) => !isText(file));
    if (images.length > 0) {
      if (folder !== undefined || images.length >= batchFrom) await this.#images.openMany(images, folder);
      else await this.#images.openFiles(images);
    }
    if (texts.length > 0) await this.#takeTexts(texts);
  }

  async #takeTexts(files: readonly File[]): Promise<void> {
    const taken = new Map<TextHandler, TextFile[]>();
    for (const file of files) {
      try {
        const read = await readText(file);
        const handler = this.#handlers.find((each) => each.recognises(read));
        if (handler === undefined) throw unknownText();
        taken.set(handler, [...(taken.get(handler) ?? []), read]);
      } catch (error) {
        this.#images.report(error, file.name);
      }
    }
    for (const [handler, read] of taken) {
      try {
        await handler.take(read);
      } catch (error) {
        this.#images.report(error, read.map(({ name }) => name).join(", "));
      }
    }
  }
}

function isText(file: File): boolean {
  return file.type === "application/json" || /\.(?:json|jsonl|ndjson|xml|txt|ya?ml|names)$/i.test(file.name);
}

/** Throws PAYLOAD_TOO_LARGE. */
export async function readText(file: File): Promise<TextFile> {
  // Run files with their images are large, as are the annotations of large datasets.
  if (file.size > truthFileLimits.bytes) {
    throw new HoloscopeError(
      "PAYLOAD_TOO_LARGE",
      "The file is larger than 256 MB.",
      "Save the run without its image, or split the file.",
    );
  }
  const text = decodedText(new Uint8Array(await file.arrayBuffer()));
  return { name: file.name, text, value: strictJson(text) };
}

function unknownText(): HoloscopeError {
  return new HoloscopeError(
    "BAD_REQUEST",
    "The file is of no kind that Holoscope knows.",
    `Drop screenshots, files that Holoscope saved, or ground truth. ${knownFormats}`,
  );
}
