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

export interface JournalConfig<T> {
  readonly file: string;
  /** Its content in a sentence: "the journal". */
  readonly what: string;
  /** What each line must be. */
  readonly schema: z.ZodType<T>;
  /** Called with each entry that the file already has, in its order. May throw, which ends the reading. */
  readonly onEntry: (entry: T) => void;
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

  constructor(config: JournalConfig<T>, handle: FileHandle, isHeld: () => boolean, tornBytes: number) {
    this.#config = config;
    this.#handle = handle;
    this.#isHeld = isHeld;
    this.tornBytes = tornBytes;
  }

  /** Adds an entry. When this resolves, no kill and no power cut loses it. Throws DISK_FULL or STORAGE_FAILED. */
  append(entry: T): Promise<void> {
    return this.#serial.run(async () => {
      const { what } = this.#config;
      if (!this.#isHeld()) throw taken(what);
      try {
        await this.#handle.appendFile(`${JSON.stringify(entry)}\n`);
        await this.#handle.datasync();
      } catch (error) {
        throw storageError(error, `add to ${what}`);
      }
    });
  }
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
  const { file, what } = config;
  // Before the lock, which would make the folder private: this one is the user's own.
  await mkdir(path.dirname(file), { recursive: true }).catch((error: unknown) => {
    throw storageError(error, `create the folder of ${what}`);
  });
  return withFileLock(file, what, async (isHeld) => {
    const tornBytes = await readEntries(config);
    const handle = await open(file, "a").catch((error: unknown) => {
      throw storageError(error, `add to ${what}`);
    });
    try {
      return await work(new Journal(config, handle, isHeld, tornBytes));
    } finally {
      await handle.close();
    }
  });
}

/** Hands over the whole lines of a file and cuts off what follows them. Resolves with the bytes cut off. */
async function readEntries<T>(config: JournalConfig<T>): Promise<number> {
  const { file, what } = config;
  let [line, wholeBytes, restBytes] = [0, 0, 0];
  let rest: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      let begin = 0;
      for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, begin)) {
        line += 1;
        const bytes = Buffer.concat([...rest, chunk.subarray(begin, end)]);
        takeLine(config, bytes.toString("utf8"), line);
        wholeBytes += bytes.length + 1;
        [rest, restBytes, begin] = [[], 0, end + 1];
      }
      rest.push(chunk.subarray(begin));
      restBytes += chunk.length - begin;
      if (restBytes > maxLineBytes) throw notAnEntry(config, line + 1, "it is longer than 64 MB");
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return 0;
    throw storageError(error, `read ${what}`);
  }
  if (restBytes > 0) {
    await truncate(file, wholeBytes).catch((error: unknown) => {
      throw storageError(error, `put ${what} right`);
    });
  }
  return restBytes;
}

function takeLine<T>(config: JournalConfig<T>, text: string, line: number): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notAnEntry(config, line, "it is not JSON");
  }
  const entry = config.schema.safeParse(value);
  if (!entry.success) {
    const [issue] = entry.error.issues;
    const place = issue === undefined || issue.path.length === 0 ? "" : ` at "${issue.path.map(String).join(".")}"`;
    throw notAnEntry(config, line, `it does not fit${place}: ${issue?.message ?? "unknown problem"}`);
  }
  config.onEntry(entry.data);
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
