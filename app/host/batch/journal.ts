import { type FileHandle, mkdir, open } from "node:fs/promises";
import path from "node:path";
import {
  HoloscopeError,
  type JournalLine,
  journalHeadSchema,
  journalLineSchema,
  journalSchemaName,
  journalVersion,
  type RunRecord,
} from "../../contract/index.ts";
import { withFileLock } from "../disk/file-lock.ts";
import { storageError } from "../disk/storage-error.ts";
import { Serial } from "../serial.ts";

/** Where a line lies in the file, in bytes, without its end. */
interface Place {
  readonly at: number;
  readonly bytes: number;
}

const newline = 0x0a;
const readBytes = 1024 * 1024;

/**
 * The journal of a batch: a file of JSON lines that is only ever appended to. Each line is written whole and reaches the
 * disk (fdatasync) before its image counts as done, so whatever ends the process costs only the images that were under way.
 * A last line without its end was being written then; it is cut off when the journal is opened, and its image is detected
 * again. One process has a journal at a time.
 */
export class Journal {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #appending = new Serial();
  /** Lines of the images that are done. */
  readonly #done = new Map<string, Place>();
  #bytes = 0;

  private constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  /**
   * Opens or begins a journal, and closes it after `use`. Throws BAD_REQUEST for a file that is none or a later version's,
   * STORAGE_FAILED, DISK_FULL, and what `use` throws.
   */
  static async use<T>(file: string, use: (journal: Journal) => Promise<T>): Promise<T> {
    return withFileLock(file, "the journal", async () => {
      const handle = await openToAppend(file);
      try {
        const journal = new Journal(file, handle);
        await journal.#read();
        return await use(journal);
      } finally {
        await handle.close();
      }
    });
  }

  isDone(image: string, asked: string): boolean {
    return this.#done.has(keyOf({ image, asked }));
  }

  /** The run of an image that is done, read from the file; undefined for any other. */
  async run(image: string, asked: string): Promise<RunRecord | undefined> {
    const place = this.#done.get(keyOf({ image, asked }));
    if (place === undefined) return undefined;
    const { at, bytes } = place;
    const { buffer } = await this.#handle.read(Buffer.alloc(bytes), 0, bytes, at);
    const line = journalLineSchema.parse(JSON.parse(buffer.toString("utf8")));
    return line.outcome === "done" ? line.run : undefined;
  }

  /** Resolves when the line is on the disk. */
  append(line: JournalLine): Promise<void> {
    return this.#appending.run(async () => {
      const place = await this.#write(line);
      this.#note(line, place);
    });
  }

  async #write(value: unknown): Promise<Place> {
    const text = Buffer.from(`${JSON.stringify(value)}\n`);
    try {
      await this.#handle.appendFile(text);
      await this.#handle.datasync();
    } catch (error) {
      // The next line must not continue half of this one.
      await this.#handle.truncate(this.#bytes).catch(() => {});
      throw storageError(error, "write the journal");
    }
    const place = { at: this.#bytes, bytes: text.length - 1 };
    this.#bytes += text.length;
    return place;
  }

  async #read(): Promise<void> {
    let number = 0;
    for await (const { text, place } of this.#lines()) {
      number++;
      if (number === 1) this.#parse(journalHeadSchema, text, number);
      else this.#note(this.#parse(journalLineSchema, text, number), place);
      this.#bytes = place.at + place.bytes + 1;
    }
    // What follows the last whole line was torn off by the end of its process.
    await this.#handle.truncate(this.#bytes);
    if (number > 0) return;
    await this.#write({ schema: journalSchemaName, version: journalVersion, createdAt: new Date().toISOString() });
  }

  #parse<T>(schema: { parse(value: unknown): T }, text: string, number: number): T {
    try {
      return schema.parse(JSON.parse(text));
    } catch (error) {
      throw new HoloscopeError(
        "BAD_REQUEST",
        `Line ${number} of ${path.basename(this.#file)} is not one of a batch's journal of this version.`,
        "Name another file with --journal; it is begun if it is not there.",
        String(error),
      );
    }
  }

  /** Whole lines, in order. A line may be longer than what is read at once. */
  async *#lines(): AsyncGenerator<{ readonly text: string; readonly place: Place }> {
    let rest = Buffer.alloc(0);
    let at = 0;
    for (;;) {
      const { bytesRead, buffer } = await this.#handle.read(Buffer.alloc(readBytes), 0, readBytes, at + rest.length);
      if (bytesRead === 0) return;
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
        yield { text: rest.toString("utf8", 0, end), place: { at, bytes: end } };
        rest = rest.subarray(end + 1);
        at += end + 1;
      }
    }
  }

  /** A failure is tried again by the next process, so only what is done is kept in mind. */
  #note(line: JournalLine, place: Place): void {
    if (line.outcome === "done") this.#done.set(keyOf(line), place);
  }
}

const keyOf = ({ image, asked }: { readonly image: string; readonly asked: string }): string => `${image} ${asked}`;

async function openToAppend(file: string): Promise<FileHandle> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    return await open(file, "a+", 0o600);
  } catch (error) {
    throw storageError(error, "open the journal");
  }
}
