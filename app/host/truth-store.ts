import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { EventPayload } from "../contract/api.ts";
import { HoloscopeError } from "../contract/errors.ts";
import { type Truth, truthSchema } from "../contract/truth.ts";
import { type AtomicWriter, writeFileAtomic } from "./atomic-file.ts";
import { storageError, systemCode } from "./storage-error.ts";

export interface TruthStoreConfig {
  readonly dataFolder: string;
  readonly onChange: (change: EventPayload<"truth.changed">) => void;
  readonly writeFile?: AtomicWriter;
}

/** Ground truth beside images: truth/<image id>.json. Image ids come checked. */
export class TruthStore {
  readonly #folder: string;
  readonly #write: AtomicWriter;
  readonly #onChange: TruthStoreConfig["onChange"];

  constructor({ dataFolder, onChange, writeFile = writeFileAtomic }: TruthStoreConfig) {
    this.#folder = path.join(dataFolder, "truth");
    this.#write = writeFile;
    this.#onChange = onChange;
  }

  /** Replaces what there was. Throws DISK_FULL, STORAGE_FAILED. */
  async set(imageId: string, truth: Truth): Promise<Truth> {
    await this.#write(this.#path(imageId), JSON.stringify(truth), "the ground truth");
    this.#onChange({ imageId, truth });
    return truth;
  }

  /** null if the image has none. Throws STORAGE_FAILED, also for a file that cannot be understood. */
  async get(imageId: string): Promise<Truth | null> {
    let text: string;
    try {
      text = await readFile(this.#path(imageId), "utf8");
    } catch (error) {
      if (systemCode(error) === "ENOENT") return null;
      throw storageError(error, "read the ground truth");
    }
    try {
      return truthSchema.parse(JSON.parse(text));
    } catch (error) {
      throw new HoloscopeError(
        "STORAGE_FAILED",
        "The stored ground truth of this image is damaged.",
        "Load the ground truth again.",
        String(error),
      );
    }
  }

  /** False if there was none. Throws STORAGE_FAILED. */
  async clear(imageId: string): Promise<boolean> {
    try {
      await rm(this.#path(imageId));
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw storageError(error, "remove the ground truth");
    }
    this.#onChange({ imageId, truth: null });
    return true;
  }

  #path(imageId: string): string {
    return path.join(this.#folder, `${imageId}.json`);
  }
}
