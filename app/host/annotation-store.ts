import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { type RunAnnotations, runAnnotationsSchema } from "../contract/annotations.ts";
import { runIdSchema } from "../contract/run.ts";
import { noAnnotations } from "../contract/run-summary.ts";
import { type AtomicWriter, writeFileAtomic } from "./atomic-file.ts";
import { FolderIndex } from "./folder-index.ts";
import type { Log } from "./log.ts";
import { storageError, systemCode } from "./storage-error.ts";

export interface AnnotationStoreConfig {
  readonly dataFolder: string;
  readonly log: Log;
  readonly writeFile?: AtomicWriter;
}

/** What the user wrote beside each run: annotations/<run id>.json, absent where there is nothing. */
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

  /** Of every run that has some, by run id. */
  all(): Promise<ReadonlyMap<string, RunAnnotations>> {
    return this.#index.refresh();
  }

  /** Empty ones for a run without, or with a file that cannot be read. */
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

  /** Takes note that the annotations were moved away. */
  forget(id: string): void {
    this.#index.remove(id);
  }

  /** Where the annotations of a run lie; the id has been checked. */
  path(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }

  close(): Promise<void> {
    return this.#index.close();
  }

  async #read(id: string): Promise<RunAnnotations> {
    return runAnnotationsSchema.parse(JSON.parse(await readFile(this.path(id), "utf8")));
  }
}

function isEmpty({ name, tags, note }: RunAnnotations): boolean {
  return name === undefined && note === undefined && tags.length === 0;
}
