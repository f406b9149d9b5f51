import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { noAnnotations, type RunAnnotations, runAnnotationsSchema, runIdSchema } from "../../contract/index.ts";
import { type AtomicWriter, removeLeftovers, writeFileAtomic } from "../disk/atomic.ts";
import { FolderIndex, type IndexedFile } from "../disk/folder-index.ts";
import { storageError, systemCode } from "../disk/storage-error.ts";
import type { Log } from "../log.ts";

interface AnnotationStoreConfig {
  readonly dataFolder: string;
  readonly log: Log;
  readonly writeFile?: AtomicWriter;
}

/** Name, tags and note of each run in annotations/<run id>.json; there is no file without them. */
export class AnnotationStore {
  readonly #folder: string;
  readonly #write: AtomicWriter;
  readonly #log: Log;
  readonly #index: FolderIndex<RunAnnotations>;

  constructor(config: AnnotationStoreConfig) {
    this.#folder = path.join(config.dataFolder, "annotations");
    this.#write = config.writeFile ?? writeFileAtomic;
    this.#log = config.log;
    this.#index = new FolderIndex({
      ...config,
      folder: this.#folder,
      file: path.join(config.dataFolder, "index", "annotations.json"),
      version: 1,
      schema: runAnnotationsSchema,
      isId: (name) => runIdSchema.safeParse(name).success,
      read: (id) => this.#read(id),
    });
  }

  /** The annotations of all runs that have any, by run id. */
  all(): Promise<ReadonlyMap<string, RunAnnotations>> {
    return this.#index.refresh();
  }

  /** As `all`, broken files included, with what is known of each file. */
  files(): Promise<ReadonlyMap<string, IndexedFile<RunAnnotations>>> {
    return this.#index.files();
  }

  /** Empty if the run has none or the file cannot be read. */
  async get(id: string): Promise<RunAnnotations> {
    try {
      return await this.#read(id);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") {
        this.#log.write("warn", `The annotations of run ${id} cannot be read`, { error: String(error) });
      }
      return noAnnotations;
    }
  }

  /** Throws DISK_FULL or STORAGE_FAILED, and then nothing has changed. */
  async set(id: string, annotations: RunAnnotations): Promise<void> {
    const file = this.path(id);
    if (isEmpty(annotations)) {
      await rm(file, { force: true }).catch((error: unknown) => {
        throw storageError(error, "remove the annotations");
      });
      this.#index.remove(id);
    } else {
      await this.#write(file, JSON.stringify(annotations), "the annotations");
      this.#index.put(id, annotations);
    }
  }

  /** Removes what is noted of a run for good. */
  async erase(id: string): Promise<void> {
    await rm(this.path(id), { force: true });
    this.#index.remove(id);
  }

  /** Forgets annotations whose file was moved away. */
  forget(id: string): void {
    this.#index.remove(id);
  }

  /** The file of a run's annotations; the caller has checked the id. */
  path(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  close(): Promise<void> {
    return this.#index.close();
  }

  /** Throws STORAGE_FAILED. */
  writeNow(): Promise<void> {
    return this.#index.writeNow();
  }

  /** Removes what crashes left beside the files. */
  eraseLeftovers(): Promise<void> {
    return removeLeftovers(this.#folder, 0);
  }

  async #read(id: string): Promise<RunAnnotations> {
    return runAnnotationsSchema.parse(JSON.parse(await readFile(this.path(id), "utf8")));
  }
}

function isEmpty({ name, tags, note }: RunAnnotations): boolean {
  return name === undefined && note === undefined && tags.length === 0;
}
