import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { HoloscopeError } from "../contract/errors.ts";
import { type ImageRef, imageLimits } from "../contract/image.ts";
import { noAnnotations, type RunSummary } from "../contract/run-summary.ts";
import type { ImageStore } from "./images.ts";
import type { RunStore } from "./run-store.ts";
import { parseRunFile, runFileText } from "./run-text.ts";
import { storageError } from "./storage-error.ts";

/** Runs on their way to and from other machines. */
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
   * Takes in a run file, the image first, so that no run comes in whose image was refused. Throws RUN_FILE_INVALID,
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
    // A name given here stays.
    if (!(await this.#images.has(id))) await this.#images.add(bytes, name);
  }
}

/** A viewer lays out a canvas of this size even without the image. */
function checkSize({ width, height }: ImageRef): void {
  if (width * height <= imageLimits.maxPixels) return;
  throw new HoloscopeError(
    "RUN_FILE_INVALID",
    `The run's image of ${width} x ${height} px is larger than the ${imageLimits.maxPixels / 1e6} megapixels accepted.`,
  );
}
