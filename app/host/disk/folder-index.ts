import { statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import type { Log } from "../log.ts";
import { eachOf, Serial } from "../serial.ts";
import { type AtomicWriter, writeFileAtomic } from "./atomic.ts";

interface FolderIndexConfig<T> {
  /** Folder of files `<id>.json`. */
  readonly folder: string;
  /** Where the index is kept between starts; it may be deleted at any time. */
  readonly file: string;
  /** To be raised whenever `schema` changes, or what `read` extracts from a file. */
  readonly version: number;
  /** What is kept of each file. */
  readonly schema: z.ZodType<T>;
  readonly isId: (name: string) => boolean;
  /** Reads a file and extracts what is kept of it; rejects if the file is broken. */
  readonly read: (id: string) => Promise<T>;
  readonly log: Log;
  readonly writeFile?: AtomicWriter;
}

export interface IndexedFile<T> {
  readonly bytes: number;
  readonly mtimeMs: number;
  /** undefined for a broken file, so that it is logged once. */
  readonly value: T | undefined;
}

const ending = ".json";
/** Files read at once. */
const readers = 16;
/** Files checked before other work of the event loop gets its turn. */
const looksAtOnce = 250;
/** ms between a change and the writing of the index, so that many changes are written at once. */
const writeDelayMs = 3000;

/**
 * The facts that a list needs of each file in a folder, kept in memory and in one index file, so that the application
 * can start without reading thousands of files. The files remain the truth: each refresh compares the name, size and
 * modification time of every file (another Holoscope may write too) and reads those that differ.
 */
export class FolderIndex<T> {
  readonly #config: FolderIndexConfig<T>;
  readonly #write: AtomicWriter;
  readonly #serial = new Serial();
  readonly #entries = new Map<string, IndexedFile<T>>();
  #loaded = false;
  #changed = false;
  #waiting: Promise<ReadonlyMap<string, IndexedFile<T>>> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(config: FolderIndexConfig<T>) {
    this.#config = config;
    this.#write = config.writeFile ?? writeFileAtomic;
  }

  /** Every readable file's value by id, as the folder is now. Never throws. */
  async refresh(): Promise<ReadonlyMap<string, T>> {
    const values = new Map<string, T>();
    for (const [id, { value }] of await this.files()) if (value !== undefined) values.set(id, value);
    return values;
  }

  /** As `refresh`, broken files included, with what is known of each file. */
  files(): Promise<ReadonlyMap<string, IndexedFile<T>>> {
    // Callers share a refresh that has not begun yet.
    this.#waiting ??= this.#serial.run(async () => {
      this.#waiting = undefined;
      if (!this.#loaded) await this.#load();
      this.#loaded = true;
      await this.#readChanged();
      return new Map(this.#entries);
    });
    return this.#waiting;
  }

  /** Enters a file that was just written, so that it need not be read again. */
  put(id: string, value: T): void {
    const found = this.#look(id);
    if (found !== undefined) this.#set(id, { ...found, value });
  }

  /** Forgets a file that was just removed. */
  remove(id: string): void {
    if (this.#entries.delete(id)) this.#noteChange();
  }

  /** Writes what is to be written. */
  async close(): Promise<void> {
    await this.writeNow().catch((error: unknown) =>
      this.#config.log.write("warn", "An index could not be saved", { error: String(error) }),
    );
  }

  /** As `close`, for a caller who must know that the index on disk names no more than there is. Throws STORAGE_FAILED. */
  async writeNow(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#serial.run(() => this.#save());
  }

  async #readChanged(): Promise<void> {
    // Only these may be dropped: a file that is entered from here on may be missing from the listing.
    const before = [...this.#entries.keys()];
    const names = await readdir(this.#config.folder).catch(() => []);
    const ids = names
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length))
      .filter(this.#config.isId);
    const listed = new Set(ids);
    for (const id of before) if (!listed.has(id)) this.remove(id);
    await eachOf(await this.#differing(ids), readers, (next) => this.#read(...next));
  }

  /** Uses synchronous calls, a few at a time: thousands of promises would take ten times as long. */
  async #differing(ids: readonly string[]): Promise<[id: string, found: Look][]> {
    const differing: [string, Look][] = [];
    for (let begin = 0; begin < ids.length; begin += looksAtOnce) {
      if (begin > 0) await nextTurn();
      for (const id of ids.slice(begin, begin + looksAtOnce)) {
        const found = this.#look(id);
        const known = this.#entries.get(id);
        if (found === undefined) this.remove(id);
        else if (known?.bytes !== found.bytes || known.mtimeMs !== found.mtimeMs) differing.push([id, found]);
      }
    }
    return differing;
  }

  #look(id: string): Look | undefined {
    try {
      const { size, mtimeMs } = statSync(path.join(this.#config.folder, `${id}${ending}`));
      return { bytes: size, mtimeMs };
    } catch {
      return undefined;
    }
  }

  async #read(id: string, found: Look): Promise<void> {
    try {
      this.#set(id, { ...found, value: await this.#config.read(id) });
    } catch (error) {
      this.#set(id, { ...found, value: undefined });
      this.#config.log.write("warn", `File ${id}${ending} is skipped`, { error: String(error) });
    }
  }

  #set(id: string, entry: IndexedFile<T>): void {
    this.#entries.set(id, entry);
    this.#noteChange();
  }

  #storedSchema() {
    const { version, schema } = this.#config;
    return z.object({
      version: z.literal(version),
      files: z.array(z.tuple([z.string(), z.number(), z.number(), schema])),
    });
  }

  async #load(): Promise<void> {
    try {
      const stored = this.#storedSchema().parse(JSON.parse(await readFile(this.#config.file, "utf8")));
      for (const [id, bytes, mtimeMs, value] of stored.files) {
        if (!this.#entries.has(id)) this.#entries.set(id, { bytes, mtimeMs, value });
      }
    } catch {
      // The index is missing, broken or of another version: all files are read instead.
    }
  }

  #noteChange(): void {
    this.#changed = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.close(), writeDelayMs).unref();
  }

  async #save(): Promise<void> {
    // Without a refresh only part of the folder is known, so the stored index is more complete.
    if (!this.#changed || !this.#loaded) return;
    // Another process may have removed what this one still knows.
    await this.#readChanged();
    this.#changed = false;
    const files: unknown[] = [];
    for (const [id, { bytes, mtimeMs, value }] of this.#entries) {
      if (value !== undefined) files.push([id, bytes, mtimeMs, value]);
    }
    const text = JSON.stringify({ version: this.#config.version, files });
    await this.#write(this.#config.file, text, "the index");
  }
}

interface Look {
  readonly bytes: number;
  readonly mtimeMs: number;
}
