import { type FSWatcher, watch } from "node:fs";
import { constants, copyFile, readFile, rename, stat } from "node:fs/promises";
import path from "node:path";
import { type ErrorCode, type ErrorInfo, HoloscopeError } from "../../contract/index.ts";
import type { Log } from "../log.ts";
import { Serial } from "../serial.ts";
import { type AtomicWriter, writeFileAtomic } from "./atomic.ts";
import { withFileLock } from "./file-lock.ts";
import { storageError, systemCode } from "./storage-error.ts";

interface SharedFileConfig<T> {
  readonly file: string;
  /** Its content in a sentence: "the settings". */
  readonly what: string;
  /** The value without a file. */
  readonly empty: T;
  /** Reads what JSON.parse gave, undefined for what is no JSON; problems are sentences about what could not be read. */
  readonly read: (stored: unknown) => { readonly value: T; readonly problems: readonly string[] };
  /** What is written, as JSON. */
  readonly stored: (value: T) => unknown;
  /** Called with the new value when another process has changed the file. */
  readonly onOutsideChange: (value: T) => void;
  readonly problemCode: ErrorCode;
  /** What becomes of what could not be read, in a sentence. */
  readonly consequence: string;
  readonly log: Log;
  readonly writeFile?: AtomicWriter;
}

/** Tells states of a file apart: every change puts a new file in its place. */
type Stamp = string | undefined;

/**
 * A small JSON file that several processes use. Each change is made to the file as it is at that moment, under a lock;
 * changes by others are seen before each use of {@link refresh}, and soon after they were made by watching the folder.
 * A file that cannot be read, or is of a newer version, is never overwritten: a copy of it is kept beside it first.
 */
export class SharedFile<T> {
  readonly #config: SharedFileConfig<T>;
  readonly #write: AtomicWriter;
  readonly #serial = new Serial();
  #current: T;
  #stamp: Stamp;
  /** What the present file has that could not be read and is not kept aside yet. */
  #unread: readonly string[] = [];
  #problems: readonly ErrorInfo[] = [];
  #watcher: FSWatcher | undefined;

  private constructor(config: SharedFileConfig<T>) {
    this.#config = config;
    this.#write = config.writeFile ?? writeFileAtomic;
    this.#current = config.empty;
  }

  /** Reads the file and begins to watch it. Never throws: what cannot be read is a problem. */
  static async open<T>(config: SharedFileConfig<T>): Promise<SharedFile<T>> {
    const file = new SharedFile(config);
    await file.#readAgain(true);
    if (file.#unread.length > 0) await file.#putRight();
    file.#watch();
    return file;
  }

  /** As of the last reading or change. */
  get current(): T {
    return this.#current;
  }

  /** What could not be read, for the user to know, with the names of the copies. */
  get problems(): readonly ErrorInfo[] {
    return this.#problems;
  }

  /** The value as it is in the file now. */
  refresh(): Promise<T> {
    return this.#serial.run(async () => {
      if (await this.#readAgain(false)) this.#config.onOutsideChange(this.#current);
      return this.#current;
    });
  }

  /**
   * Replaces the value by what `work` makes of the file's present one, and writes it, unless `work` returns the same
   * value. Changes of all processes follow one another. Throws DISK_FULL or STORAGE_FAILED, and then nothing has changed.
   */
  change(work: (current: T) => T): Promise<T> {
    const { file, what } = this.#config;
    return this.#serial.run(() =>
      withFileLock(file, what, async (isHeld) => {
        if (await this.#readAgain(false)) this.#config.onOutsideChange(this.#current);
        const next = work(this.#current);
        if (next === this.#current) return next;
        if (this.#unread.length > 0) await this.#keepAside();
        if (!isHeld()) throw lost(what);
        await this.#save(next);
        return next;
      }),
    );
  }

  close(): void {
    this.#watcher?.close();
  }

  async #save(value: T): Promise<void> {
    const { file, what, stored } = this.#config;
    await this.#write(file, `${JSON.stringify(stored(value), undefined, 2)}\n`, what);
    this.#current = value;
    this.#stamp = await stampOf(file);
  }

  /** Reads the file if it is another one than before. True if the value is a new one. */
  async #readAgain(first: boolean): Promise<boolean> {
    const { file, empty, read } = this.#config;
    const stamp = await stampOf(file);
    if (stamp === this.#stamp) return false;
    this.#stamp = stamp;
    this.#unread = [];
    if (stamp === undefined) {
      this.#current = empty;
      return true;
    }
    try {
      const { value, problems } = read(parsedJson(await readFile(file, "utf8")));
      this.#unread = problems;
      // A file that was damaged while it was in use is no reason to forget what is known.
      if (problems.length > 0 && !first) return false;
      this.#current = value;
      return true;
    } catch (error) {
      if (systemCode(error) !== "ENOENT") this.#unread = [`The file cannot be read: ${String(error)}.`];
      return false;
    }
  }

  /** At the start: keeps the file aside and writes what could be read of it, so that it is told of only once. */
  async #putRight(): Promise<void> {
    const { file, what, log } = this.#config;
    try {
      await withFileLock(file, what, async () => {
        await this.#readAgain(true);
        if (this.#unread.length === 0) return;
        await this.#keepAside();
        await this.#save(this.#current);
      });
    } catch (error) {
      if (this.#unread.length > 0) {
        this.#tell(
          `It cannot be kept aside either, so ${what} cannot be changed: ${HoloscopeError.from(error).message}`,
        );
      }
      log.write("warn", `${path.basename(file)} could not be put right`, { error: String(error) });
    }
  }

  /** Copies the file, or moves it if it cannot be read, to a name that is not taken. Throws STORAGE_FAILED, DISK_FULL. */
  async #keepAside(): Promise<void> {
    const { file, what } = this.#config;
    const { name, ext } = path.parse(file);
    const when = new Date().toISOString().replaceAll(/[:.]/g, "-");
    for (let number = 1; ; number++) {
      const copy = `${name}.broken-${when}${number === 1 ? "" : `-${number}`}${ext}`;
      const target = path.join(path.dirname(file), copy);
      if ((await stampOf(target)) !== undefined) continue;
      try {
        await copyFile(file, target, constants.COPYFILE_EXCL).catch(() => rename(file, target));
      } catch (error) {
        throw storageError(error, `keep a copy of ${what} that it cannot read`);
      }
      this.#tell(`${this.#config.consequence} The file as it was is kept as ${copy}.`);
      this.#unread = [];
      return;
    }
  }

  #tell(hint: string): void {
    const { file, problemCode, log } = this.#config;
    const message = `${path.basename(file)}: ${this.#unread.join(" ")}`;
    log.write("warn", message, { hint });
    this.#problems = [...this.#problems, { code: problemCode, message, hint }];
  }

  #watch(): void {
    const { file, log } = this.#config;
    const stop = (error: unknown): void => {
      log.write("warn", `Changes of ${path.basename(file)} by others are seen late`, { error: String(error) });
      this.#watcher?.close();
    };
    try {
      // The folder, because a change puts a new file in place of the one that was watched.
      this.#watcher = watch(path.dirname(file), { persistent: false }, (_event, name) => {
        if (name === null || name === path.basename(file)) void this.refresh().catch(() => {});
      });
      this.#watcher.on("error", stop);
    } catch (error) {
      stop(error);
    }
  }
}

async function stampOf(file: string): Promise<Stamp> {
  return stat(file).then(
    ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
    () => undefined,
  );
}

/** undefined for what is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lost(what: string): HoloscopeError {
  return new HoloscopeError(
    "STORAGE_FAILED",
    `The machine stood still while ${what} ${what.endsWith("s") ? "were" : "was"} changed, so nothing was changed.`,
    "Try again.",
  );
}
