import { statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { type AtomicWriter, writeFileAtomic } from "./atomic-file.ts";
import type { Log } from "./log.ts";
import { Serial } from "./serial.ts";

export interface FolderIndexConfig<T> {
  /** Folder of files `<id>.json`. */
  readonly folder: string;
  /** Where the index is kept between starts; it may be deleted at any time. */
  readonly file: string;
  /** Goes up whenever `schema` or what `read` takes out of a file changes. */
  readonly version: number;
  /** What is kept of each file. */
  readonly schema: z.ZodType<T>;
  readonly isId: (name: string) => boolean;
  /** Reads a file and takes out what is kept of it; rejects if the file is broken. */
  readonly read: (id: string) => Promise<T>;
  readonly log: Log;
  readonly writeFile?: AtomicWriter;
}

interface Entry<T> {
  readonly bytes: number;
  readonly mtimeMs: number;
  /** undefined for a broken file, so that it is logged once. */
  readonly value: T | undefined;
}

const ending = ".json";
/** Files read at once. */
const readers = 16;
/** Files looked at between two turns of the event loop. */
const looksAtOnce = 250;
/** ms between a change and the writing of the index: many changes cost one writing. */
const writeDelayMs = 3000;

/**
 * What a list needs of each file of a folder, in memory and in one index file, so that a start does not read thousands
 * of files. Never trusted over the files: each refresh compares name, size and modification time of every file (another
 * Holoscope may write too) and reads what differs.
 */
export class FolderIndex<T> {
  readonly #config: FolderIndexConfig<T>;
  readonly #write: AtomicWriter;
  readonly #serial = new Serial();
  readonly #entries = new Map<string, Entry<T>>();
  #loaded = false;
  #changed = false;
  #waiting: Promise<ReadonlyMap<string, T>> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(config: FolderIndexConfig<T>) {
    this.#config = config;
    this.#write = config.writeFile ?? writeFileAtomic;
  }

  /** Every readable file's value by id, as the folder is now. Never throws. */
  refresh(): Promise<ReadonlyMap<string, T>> {
    // A refresh that has not begun yet serves everyone who asks for one.
    this.#waiting ??= this.#serial.run(async () => {
      this.#waiting = undefined;
      if (!this.#loaded) await this.#load();
      this.#loaded = true;
      await this.#readChanged();
      return this.#values();
    });
    return this.#waiting;
  }

  /** Takes note of a file just written, so that it need not be read again. */
  put(id: string, value: T): void {
    const found = this.#look(id);
    if (found !== undefined) this.#set(id, { ...found, value });
  }

  /** Takes note of a file just removed. */
  remove(id: string): void {
    if (this.#entries.delete(id)) this.#noteChange();
  }

  /** Writes what is to be written. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#serial.run(() => this.#save());
  }

  async #readChanged(): Promise<void> {
    // Only these may be dropped: what is noted from here on can be missing in the listing.
    const before = [...this.#entries.keys()];
    const names = await readdir(this.#config.folder).catch(() => []);
    const ids = names
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length))
      .filter(this.#config.isId);
    const listed = new Set(ids);
    for (const id of before) if (!listed.has(id)) this.remove(id);
    const differing = await this.#differing(ids);
    const reader = async (): Promise<void> => {
      for (let next = differing.pop(); next !== undefined; next = differing.pop()) await this.#read(...next);
    };
    await Promise.all(Array.from({ length: readers }, reader));
  }

  /** Synchronous looks in small portions: thousands of them through promises take ten times as long. */
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

  #set(id: string, entry: Entry<T>): void {
    this.#entries.set(id, entry);
    this.#noteChange();
  }

  #values(): ReadonlyMap<string, T> {
    const values = new Map<string, T>();
    for (const [id, { value }] of this.#entries) if (value !== undefined) values.set(id, value);
    return values;
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
      // Missing, broken or of another version: the files are read instead.
    }
  }

  #noteChange(): void {
    this.#changed = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#serial.run(() => this.#save()), writeDelayMs).unref();
  }

  async #save(): Promise<void> {
    // Without a refresh only part of the folder is known; what was kept before is worth more.
    if (!this.#changed || !this.#loaded) return;
    this.#changed = false;
    const files: unknown[] = [];
    for (const [id, { bytes, mtimeMs, value }] of this.#entries) {
      if (value !== undefined) files.push([id, bytes, mtimeMs, value]);
    }
    const text = JSON.stringify({ version: this.#config.version, files });
    await this.#write(this.#config.file, text, "the index").catch((error: unknown) =>
      this.#config.log.write("warn", "An index could not be saved", { error: String(error) }),
    );
  }
}

interface Look {
  readonly bytes: number;
  readonly mtimeMs: number;
}
