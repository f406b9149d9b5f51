import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { privateFolder } from "./atomic.ts";
import { listFolder } from "./list-folder.ts";
import { storageError, systemCode } from "./storage-error.ts";

interface TrashConfig {
  readonly folder: string;
  /** ms after which a deletion is final. */
  readonly keepMs: number;
}

export const defaultKeepMs = 30 * 60 * 1000;

/**
 * Keeps deleted files for a while, at most until the host closes, so that deletions can be undone. Files left by a host
 * that crashed are removed at a later start.
 */
export class Trash {
  readonly #config: TrashConfig;
  /** Files that this host deleted, with the timers that make the deletions final. */
  readonly #own = new Map<string, NodeJS.Timeout>();

  constructor(config: TrashConfig) {
    this.#config = config;
  }

  /** Moves a file in under a name. False if there is no such file. Throws STORAGE_FAILED. */
  async put(file: string, name: string): Promise<boolean> {
    const inside = this.path(name);
    try {
      await mkdir(this.#config.folder, { recursive: true, mode: privateFolder });
      await rename(file, inside);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw storageError(error, "delete the file");
    }
    const now = new Date();
    // Records when it was deleted, for `removeOld`.
    await utimes(inside, now, now).catch(() => {});
    clearTimeout(this.#own.get(name));
    this.#own.set(name, setTimeout(() => void this.#remove(name), this.#config.keepMs).unref());
    return true;
  }

  /** Moves a file back. False if it is not in the trash or its place is taken. Throws STORAGE_FAILED. */
  async takeBack(name: string, file: string): Promise<boolean> {
    try {
      if (await isThere(file)) return false;
      await mkdir(path.dirname(file), { recursive: true, mode: privateFolder });
      await rename(this.path(name), file);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw storageError(error, "restore the file");
    }
    clearTimeout(this.#own.get(name));
    this.#own.delete(name);
    return true;
  }

  /** What this and other hosts deleted and can still bring back: names and bytes of its files. */
  async contents(): Promise<{ readonly name: string; readonly bytes: number }[]> {
    const names = await listFolder(this.#config.folder);
    const found = names.map(async (name) => ({ name, bytes: (await stat(this.path(name)).catch(() => nothing)).size }));
    return Promise.all(found);
  }

  /** Makes single deletions final, or those of every host. Throws STORAGE_FAILED. */
  async empty(names?: readonly string[]): Promise<void> {
    for (const name of names ?? (await listFolder(this.#config.folder))) {
      await this.#erase(name).catch((error: unknown) => {
        throw storageError(error, "delete the file");
      });
    }
  }

  /** Removes expired files, which were left by a host that did not close properly. */
  async removeOld(): Promise<void> {
    const names = await readdir(this.#config.folder).catch(() => []);
    for (const name of names) {
      const age = await stat(this.path(name)).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > this.#config.keepMs) await this.#remove(name);
    }
  }

  /** Makes this host's deletions final. */
  async close(): Promise<void> {
    for (const name of [...this.#own.keys()]) await this.#remove(name);
  }

  async #remove(name: string): Promise<void> {
    await this.#erase(name).catch(() => {});
  }

  async #erase(name: string): Promise<void> {
    clearTimeout(this.#own.get(name));
    this.#own.delete(name);
    await rm(this.path(name), { force: true, recursive: true });
  }

  /** Where a deleted file lies. */
  path(name: string): string {
    return path.join(this.#config.folder, name);
  }
}

const nothing = { size: 0 };

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
