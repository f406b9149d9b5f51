import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { HoloscopeError, type ImageRef, imageLimits, noAnnotations, type RunSummary } from "../../contract/index.ts";
import { storageError } from "../disk/storage-error.ts";
import type { ImageStore } from "../images/store.ts";
import type { RunStore } from "./store.ts";
import { parseRunFile, runFileText } from "./text.ts";

/** Exports runs for other machines, and imports theirs. */
export class RunExchange {
  readonly #runs: RunStore;
  readonly #images: ImageStore;

  constructor(runs: RunStore, images: ImageStore) {
    this.#runs = runs;
    this.#images = images;
  }

  /**
   * The text of a run file. Throws RUN_NOT_FOUND, RUN_FILE_INVALID, and IMAGE_NOT_FOUND if the image is wanted and not
   * stored here.
   */
  async export(runId: string, withImage: boolean): Promise<string> {
    const run = await this.#runs.get(runId);
    const annotations = await this.#runs.annotations(runId);
    const imageBase64 = withImage ? await this.#imageBase64(run.image.id) : undefined;
    return runFileText({ run, imageBase64, annotations: annotations === noAnnotations ? undefined : annotations });
  }

  /**
   * Imports a run file, the image first, so that no run is imported whose image was refused. Throws RUN_FILE_INVALID,
   * the errors of a refused image, DISK_FULL, STORAGE_FAILED.
   */
  async import(text: string): Promise<RunSummary> {
    const { run, imageBase64, annotations } = parseRunFile(text);
    checkSize(run.image);
    if (imageBase64 !== undefined) await this.#takeImage(run.image, imageBase64);
    return this.#runs.import(run, annotations);
  }

  async #imageBase64(imageId: string): Promise<string> {
    const { path } = await this.#images.file(imageId);
    try {
      return await readFile(path, "base64");
    } catch (error) {
      throw storageError(error, "read the image");
    }
  }

  async #takeImage({ id, name }: ImageRef, imageBase64: string): Promise<void> {
    const bytes = Buffer.from(imageBase64, "base64");
    if (createHash("sha256").update(bytes).digest("hex") !== id) {
      throw new HoloscopeError(
        "RUN_FILE_INVALID",
        "The image in the run file is not the one that the run was made of: its SHA-256 differs.",
        "The file was changed or damaged on its way. Export the run again.",
      );
    }
    // An image that is stored already keeps its name; it may be there for the answer to a request only.
    await this.#images.add(bytes, (await this.#images.has(id)) ? undefined : name);
  }
}

/** The window lays out a canvas of this size, even if the image is missing. */
function checkSize({ width, height }: ImageRef): void {
  if (width * height <= imageLimits.maxPixels) return;
  throw new HoloscopeError(
    "RUN_FILE_INVALID",
    `The run's image of ${width} x ${height} px is larger than the ${imageLimits.maxPixels / 1e6} megapixels accepted.`,
  );
}
