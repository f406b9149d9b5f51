import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, truncate } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { HoloscopeError } from "../../contract/index.ts";
import { Serial } from "../serial.ts";
import { withFileLock } from "./file-lock.ts";
import { storageError, systemCode } from "./storage-error.ts";

/** Bytes of one entry. A longer line is not one of ours, and must not fill the memory. */
const maxLineBytes = 64 * 1024 * 1024;
const lineFeed = 0x0a;

/** Where an entry lies in the file, in bytes, without its line feed. */
export interface Place {
  readonly at: number;
  readonly bytes: number;
}

export interface JournalConfig<T> {
  readonly file: string;
  /** Its content in a sentence: "the journal". */
  readonly what: string;
  /** What each line must be. */
  readonly schema: z.ZodType<T>;
  /** What the first line must be in place of an entry, and what a new file begins with. */
  readonly head?: { readonly schema: z.ZodType; readonly make: () => unknown };
  /** Rights of a new file; those of the user's own new files if left out. */
  readonly mode?: number;
  /** Called with each entry that the file already has, in its order. May throw, which ends the reading. */
  readonly onEntry: (entry: T, place: Place) => void;
}

/**
 * What was done so far of work that may be interrupted at any moment, in a file of the user's with one JSON value on
 * each line, to which lines are only ever added. A line counts once its line feed is written: what follows the last
 * line feed was torn by a kill or a power cut, and is cut off at the next opening.
 */
export class Journal<T> {
  /** Bytes of a torn last line that were cut off; 0 without one. */
  readonly tornBytes: number;
  readonly #handle: FileHandle;
  readonly #config: JournalConfig<T>;
  readonly #isHeld: () => boolean;
  readonly #serial = new Serial();
  /** Of all whole lines. */
  #bytes: number;

  constructor(config: JournalConfig<T>, handle: FileHandle, isHeld: () => boolean, found: Found) {
    this.#config = config;
    this.#handle = handle;
    this.#isHeld = isHeld;
    this.#bytes = found.wholeBytes;
    this.tornBytes = found.tornBytes;
  }

  /** Adds an entry. When this resolves, no kill and no power cut loses it. Throws DISK_FULL or STORAGE_FAILED. */
  append(entry: T): Promise<Place> {
    return this.#add(entry);
  }

  /** Begins a new file. Throws as {@link append}. */
  async begin(): Promise<void> {
    const { head } = this.#config;
    if (head !== undefined && this.#bytes === 0) await this.#add(head.make());
  }

  /** An entry that the file has. */
  async read({ at, bytes }: Place): Promise<T> {
    const { buffer } = await this.#handle.read(Buffer.alloc(bytes), 0, bytes, at);
    return this.#config.schema.parse(JSON.parse(buffer.toString("utf8")));
  }

  #add(value: unknown): Promise<Place> {
    return this.#serial.run(async () => {
      const { what } = this.#config;
      if (!this.#isHeld()) throw taken(what);
      const line = Buffer.from(`${JSON.stringify(value)}\n`);
      try {
        await this.#handle.appendFile(line);
        await this.#handle.datasync();
      } catch (error) {
        // The next line must not continue half of this one.
        await this.#handle.truncate(this.#bytes).catch(() => {});
        throw storageError(error, `add to ${what}`);
      }
      const place = { at: this.#bytes, bytes: line.length - 1 };
      this.#bytes += line.length;
      return place;
    });
  }
}

/** What the file already has: whole lines, and a torn one that was cut off. */
interface Found {
  readonly wholeBytes: number;
  readonly tornBytes: number;
}

/**
 * Lets work add to a journal, after all that the file already has was handed to `onEntry`; a missing file begins empty.
 * Meanwhile no other process can have it. Throws DISK_FULL or STORAGE_FAILED, BAD_REQUEST naming the line that is no
 * entry, and what `work` throws.
 */
export async function withJournal<T, R>(
  config: JournalConfig<T>,
  work: (journal: Journal<T>) => Promise<R>,
): Promise<R> {
  const { file, what, mode } = config;
  // Before the lock, which would make the folder private: this one is the user's own.
  await mkdir(path.dirname(file), { recursive: true }).catch((error: unknown) => {
    throw storageError(error, `create the folder of ${what}`);
  });
  return withFileLock(file, what, async (isHeld) => {
    const found = await readEntries(config);
    const handle = await open(file, "a+", mode).catch((error: unknown) => {
      throw storageError(error, `add to ${what}`);
    });
    try {
      const journal = new Journal(config, handle, isHeld, found);
      await journal.begin();
      return await work(journal);
    } finally {
      await handle.close();
    }
  });
}

/** Hands over the whole lines of a file and cuts off what follows them. */
async function readEntries<T>(config: JournalConfig<T>): Promise<Found> {
  const { file, what } = config;
  let [line, wholeBytes, restBytes] = [0, 0, 0];
  let rest: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      let begin = 0;
      for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, begin)) {
        line += 1;
        const bytes = Buffer.concat([...rest, chunk.subarray(begin, end)]);
        takeLine(config, bytes.toString("utf8"), line, { at: wholeBytes, bytes: bytes.length });
        wholeBytes += bytes.length + 1;
        [rest, restBytes, begin] = [[], 0, end + 1];
      }
      rest.push(chunk.subarray(begin));
      restBytes += chunk.length - begin;
      if (restBytes > maxLineBytes) throw notAnEntry(config, line + 1, "it is longer than 64 MB");
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { wholeBytes: 0, tornBytes: 0 };
    throw storageError(error, `read ${what}`);
  }
  if (restBytes > 0) {
    await truncate(file, wholeBytes).catch((error: unknown) => {
      throw storageError(error, `put ${what} right`);
    });
  }
  return { wholeBytes, tornBytes: restBytes };
}

function takeLine<T>(config: JournalConfig<T>, text: string, line: number, place: Place): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notAnEntry(config, line, "it is not JSON");
  }
  if (line === 1 && config.head !== undefined) fitting(config, config.head.schema, value, line);
  else config.onEntry(fitting(config, config.schema, value, line), place);
}

function fitting<T, V>(config: JournalConfig<T>, schema: z.ZodType<V>, value: unknown, line: number): V {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? "" : ` at "${issue.path.map(String).join(".")}"`;
  throw notAnEntry(config, line, `it does not fit${field}: ${issue?.message ?? "unknown problem"}`);
}

function notAnEntry<T>({ file, what }: JournalConfig<T>, line: number, reason: string): HoloscopeError {
  return new HoloscopeError(
    "BAD_REQUEST",
    `Line ${line} of ${what} ${path.basename(file)} cannot be used: ${reason}.`,
    "Give the path of another file to begin anew, or remove that line.",
  );
}

function taken(what: string): HoloscopeError {
  return new HoloscopeError(
    "STORAGE_FAILED",
    `The machine stood still while ${what} was open, so another process may have it now.`,
    "Give the same command again: it goes on where this one ended.",
  );
}
