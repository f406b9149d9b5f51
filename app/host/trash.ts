import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { storageError, systemCode } from "./storage-error.ts";

export interface TrashConfig {
  readonly folder: string;
  /** ms after which a deletion is final. */
  readonly keepMs: number;
}

export const defaultKeepMs = 30 * 60 * 1000;

/**
 * Deleted files, so that a deletion can be undone for a while: at most until the host closes. What a host that died
 * left behind is removed at a later start.
 */
export class Trash {
  readonly #config: TrashConfig;
  /** Names put in by this host, with the timers that make their deletion final. */
  readonly #own = new Map<string, NodeJS.Timeout>();

  constructor(config: TrashConfig) {
    this.#config = config;
  }

  /** Moves a file in under a name. False if there is no such file. Throws STORAGE_FAILED. */
  async put(file: string, name: string): Promise<boolean> {
    const inside = this.#path(name);
    try {
      await mkdir(this.#config.folder, { recursive: true });
      await rename(file, inside);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw storageError(error, "delete the file");
    }
    const now = new Date();
    // The time of deletion, for the next start.
    await utimes(inside, now, now).catch(() => {});
    clearTimeout(this.#own.get(name));
    this.#own.set(name, setTimeout(() => void this.#remove(name), this.#config.keepMs).unref());
    return true;
  }

  /** Moves a file back out. False if it is not here, or if its place is taken. Throws STORAGE_FAILED. */
  async takeBack(name: string, file: string): Promise<boolean> {
    try {
      if (await isThere(file)) return false;
      await mkdir(path.dirname(file), { recursive: true });
      await rename(this.#path(name), file);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw storageError(error, "restore the file");
    }
    clearTimeout(this.#own.get(name));
    this.#own.delete(name);
    return true;
  }

  /** Removes what is older than its time: left behind by a host that did not close. */
  async removeOld(): Promise<void> {
    const names = await readdir(this.#config.folder).catch(() => []);
    for (const name of names) {
      const age = await stat(this.#path(name)).then(
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
    clearTimeout(this.#own.get(name));
    this.#own.delete(name);
    await rm(this.#path(name), { force: true, recursive: true }).catch(() => {});
  }

  #path(name: string): string {
    return path.join(this.#config.folder, name);
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
