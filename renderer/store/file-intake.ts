import { HoloscopeError } from "../../app/contract/index.ts";

/** A JSON file that was dropped or chosen, parsed once for all who may know it. */
export interface JsonFile {
  readonly name: string;
  readonly text: string;
  readonly value: unknown;
}

/** Someone who knows what to do with one kind of JSON file. */
export interface JsonHandler {
  /** Whether the document is of this handler's kind: quick, and never throws. Handlers are asked in their order. */
  recognises(value: unknown, name: string): boolean;
  /** Takes all files of one drop that it recognised, in their order. May reject. */
  take(files: readonly JsonFile[]): Promise<void>;
}

/** What becomes of files that are not JSON. */
export interface ImageTaker {
  /** A few images: each is opened. */
  openFiles(files: readonly File[]): Promise<void>;
  /** Many images, or a folder of them: they are queued. */
  openMany(files: readonly File[], folder?: string): Promise<void>;
  report(error: unknown, about?: string): void;
}

/** Images dropped at once that are opened one by one; from here on they make a batch. */
export const batchFrom = 8;

/** Run files with their images are large; anything beyond this is not read into the window. */
const maxJsonBytes = 256 * 1024 * 1024;

/** The one way in for files: sorts what was dropped, pasted or chosen and hands each kind to who takes it. */
export class FileIntake {
  private readonly handlers: JsonHandler[] = [];

  constructor(private readonly images: ImageTaker) {}

  /** Adds a kind of JSON file. Returns the function that removes it. */
  addJsonHandler(handler: JsonHandler): () => void {
    this.handlers.push(handler);
    return () => {
      this.handlers.splice(this.handlers.indexOf(handler), 1);
    };
  }

  /** @param folder name of the folder that the files come from; its images then always make a batch. */
  async take(files: readonly File[], folder?: string): Promise<void> {
    const json = files.filter(isJson);
    const images = files.filter((file) => !isJson(file));
    if (images.length > 0) {
      if (folder !== undefined || images.length >= batchFrom) await this.images.openMany(images, folder);
      else await this.images.openFiles(images);
    }
    if (json.length > 0) await this.takeJson(json);
  }

  private async takeJson(files: readonly File[]): Promise<void> {
    const taken = new Map<JsonHandler, JsonFile[]>();
    for (const file of files) {
      try {
        const read = await readJson(file);
        const handler = this.handlers.find((each) => each.recognises(read.value, read.name));
        if (handler === undefined) throw unknownJson();
        taken.set(handler, [...(taken.get(handler) ?? []), read]);
      } catch (error) {
        this.images.report(error, file.name);
      }
    }
    for (const [handler, read] of taken) {
      try {
        await handler.take(read);
      } catch (error) {
        this.images.report(error, read.map(({ name }) => name).join(", "));
      }
    }
  }
}

function isJson(file: File): boolean {
  return file.type === "application/json" || /\.json$/i.test(file.name);
}

/** Throws PAYLOAD_TOO_LARGE, BAD_REQUEST. */
export async function readJson(file: File): Promise<JsonFile> {
  if (file.size > maxJsonBytes) {
    throw new HoloscopeError(
      "PAYLOAD_TOO_LARGE",
      "The file is larger than 256 MB.",
      "Save the run without its image, or split the file.",
    );
  }
  const text = await file.text();
  try {
    return { name: file.name, text, value: JSON.parse(text) as unknown };
  } catch (error) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      "The file is not valid JSON.",
      "Drop screenshots, or files that Holoscope saved.",
      String(error),
    );
  }
}

function unknownJson(): HoloscopeError {
  return new HoloscopeError(
    "BAD_REQUEST",
    "The file is of no kind that Holoscope knows.",
    "Drop screenshots, or files that Holoscope saved.",
  );
}
