import { readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { type EventPayload, HoloscopeError, imageIdSchema, type Truth, truthSchema } from "../../contract/index.ts";
import { type AtomicWriter, writeFileAtomic } from "../disk/atomic.ts";
import { listFolder } from "../disk/list-folder.ts";
import { storageError, systemCode } from "../disk/storage-error.ts";

interface TruthStoreConfig {
  readonly dataFolder: string;
  readonly onChange: (change: EventPayload<"truth.changed">) => void;
  readonly writeFile?: AtomicWriter;
}

/** Ground truth of images in truth/<image id>.json. Callers have checked the ids. */
export class TruthStore {
  readonly #folder: string;
  readonly #write: AtomicWriter;
  readonly #onChange: TruthStoreConfig["onChange"];

  constructor({ dataFolder, onChange, writeFile = writeFileAtomic }: TruthStoreConfig) {
    this.#folder = path.join(dataFolder, "truth");
    this.#write = writeFile;
    this.#onChange = onChange;
  }

  /** Replaces the present truth. Throws DISK_FULL, STORAGE_FAILED. */
  async set(imageId: string, truth: Truth): Promise<Truth> {
    await this.#write(this.#path(imageId), JSON.stringify(truth), "the ground truth");
    this.#onChange({ imageId, truth });
    return truth;
  }

  /** null if the image has none. Throws STORAGE_FAILED, also for a malformed file. */
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

  /** The images that have truth, with the bytes of its file. Throws STORAGE_FAILED. */
  async kept(): Promise<{ readonly imageId: string; readonly bytes: number }[]> {
    const names = await listFolder(this.#folder);
    const ids = names.map((name) => path.basename(name, ".json")).filter((id) => imageIdSchema.safeParse(id).success);
    const found = ids.map(async (imageId) => ({
      imageId,
      bytes: await stat(this.#path(imageId)).then(
        ({ size }) => size,
        () => 0,
      ),
    }));
    return Promise.all(found);
  }

  #path(imageId: string): string {
    return path.join(this.#folder, `${imageId}.json`);
  }
}
