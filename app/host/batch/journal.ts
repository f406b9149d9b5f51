import {
  type JournalLine,
  journalHeadSchema,
  journalLineSchema,
  journalSchemaName,
  journalVersion,
  type RunRecord,
} from "../../contract/index.ts";
import { privateFile } from "../disk/atomic.ts";
import { type Journal as Lines, type Place, withJournal } from "../disk/journal.ts";

/**
 * The journal of a batch: its file's first line says what it is, each other one holds what became of an image. Whatever
 * ends the process costs only the images that were under way.
 */
export class Journal {
  readonly #lines: Lines<JournalLine>;
  /** Lines of the images that are done. */
  readonly #done: Map<string, Place>;

  private constructor(lines: Lines<JournalLine>, done: Map<string, Place>) {
    this.#lines = lines;
    this.#done = done;
  }

  /**
   * Opens or begins a journal, and closes it after `use`. Throws BAD_REQUEST for a file that is none or a later version's,
   * STORAGE_FAILED, DISK_FULL, and what `use` throws.
   */
  static async use<T>(file: string, use: (journal: Journal) => Promise<T>): Promise<T> {
    const done = new Map<string, Place>();
    const config = {
      file,
      what: "the journal",
      schema: journalLineSchema,
      head: { schema: journalHeadSchema, make: newHead },
      mode: privateFile,
      onEntry: (line: JournalLine, place: Place) => note(done, line, place),
    };
    return withJournal(config, (lines) => use(new Journal(lines, done)));
  }

  isDone(image: string, asked: string): boolean {
    return this.#done.has(keyOf({ image, asked }));
  }

  /** The run of an image that is done, read from the file; undefined for any other. */
  async run(image: string, asked: string): Promise<RunRecord | undefined> {
    const place = this.#done.get(keyOf({ image, asked }));
    const line = place && (await this.#lines.read(place));
    return line?.outcome === "done" ? line.run : undefined;
  }

  /** Resolves when the line is on the disk. */
  async append(line: JournalLine): Promise<void> {
    note(this.#done, line, await this.#lines.append(line));
  }
}

const keyOf = ({ image, asked }: { readonly image: string; readonly asked: string }): string => `${image} ${asked}`;

const newHead = () => ({ schema: journalSchemaName, version: journalVersion, createdAt: new Date().toISOString() });

/** A failure is tried again by the next process, so only what is done is kept in mind. */
function note(done: Map<string, Place>, line: JournalLine, place: Place): void {
  if (line.outcome === "done") done.set(keyOf(line), place);
}
