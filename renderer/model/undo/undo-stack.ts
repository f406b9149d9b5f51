/** One thing that was done and how to take it back. */
export interface UndoEntry {
  readonly id: string;
  /** What was done, in the past tense: "Closed shop.png". */
  readonly title: string;
  readonly undo: () => void | Promise<void>;
}

/** Older acts are forgotten: what they refer to is likely gone. */
const maxEntries = 50;

/** What can be taken back, newest last. */
export class UndoStack {
  private entries: readonly UndoEntry[] = [];

  get newest(): UndoEntry | undefined {
    return this.entries.at(-1);
  }

  push(entry: UndoEntry): void {
    this.entries = [...this.entries, entry].slice(-maxEntries);
  }

  /** Takes out one entry, the newest if no id is given. */
  take(id: string | undefined = this.newest?.id): UndoEntry | undefined {
    const entry = this.entries.find((each) => each.id === id);
    this.entries = this.entries.filter((each) => each !== entry);
    return entry;
  }
}
