import type { AppStore } from "../app-store.ts";
import { StoreCommands } from "../store-commands.ts";
import { withoutToast, withToast } from "../toasts-slice.ts";

/** One thing that was done and how to take it back. */
interface UndoEntry {
  readonly id: string;
  /** What was done, in the past tense: "Closed shop.png". */
  readonly title: string;
  /** Ids of the images without which it cannot be taken back. */
  readonly imageIds: readonly string[];
  readonly undo: () => void | Promise<void>;
}

/** Older acts are forgotten: what they refer to is likely gone. */
const maxEntries = 50;

/**
 * Undo for what the window does, and the toasts that offer it. After something destructive:
 *
 *     commands.undo.did("Deleted 3 runs", () => this.client.call(...));
 */
export class UndoCommands extends StoreCommands {
  /** What can be taken back, newest last. */
  #entries: readonly UndoEntry[] = [];
  #count = 0;

  readonly #report: (error: unknown, about: string) => void;

  constructor(store: AppStore, report: (error: unknown, about: string) => void) {
    super(store);
    this.#report = report;
  }

  /**
   * Says what was done and keeps how to take it back; `undo` may fail, then the user is told.
   * @param imageIds images that it is about, if any; see `forget`
   */
  did(title: string, undo: () => void | Promise<void>, imageIds: readonly string[] = []): void {
    const id = this.#nextId();
    this.#entries = [...this.#entries, { id, title, undo, imageIds }].slice(-maxEntries);
    this.change("toasts", (toasts) => withToast(toasts, { id, text: title, undoId: id }));
  }

  /** Takes the offer away to undo what was about images that are all gone. */
  forget(gone: ReadonlySet<string>): void {
    const left = this.#entries.filter(({ imageIds: ids }) => ids.length === 0 || ids.some((id) => !gone.has(id)));
    const lost = this.#entries.filter((entry) => !left.includes(entry)).map(({ id }) => id);
    this.#entries = left.map((entry) => ({ ...entry, imageIds: entry.imageIds.filter((id) => !gone.has(id)) }));
    this.change("toasts", (toasts) =>
      withoutToast(toasts, ({ undoId }) => undoId !== undefined && lost.includes(undoId)),
    );
  }

  /** Says something that needs no answer. */
  say(text: string): void {
    this.change("toasts", (toasts) => withToast(toasts, { id: this.#nextId(), text }));
  }

  /** Takes back one act, the newest if none is named. */
  async undo(id?: string): Promise<void> {
    const entry = id === undefined ? this.#entries.at(-1) : this.#entries.find((each) => each.id === id);
    if (entry === undefined) {
      if (id === undefined) this.say("Nothing to undo");
      return;
    }
    this.#entries = this.#entries.filter((each) => each !== entry);
    this.change("toasts", (toasts) => withoutToast(toasts, (toast) => toast.undoId === entry.id));
    try {
      await entry.undo();
      this.say(`Undone: ${entry.title}`);
    } catch (error) {
      this.#report(error, `Undo of "${entry.title}"`);
    }
  }

  dismissToast(id: string): void {
    this.change("toasts", (toasts) => withoutToast(toasts, (toast) => toast.id === id));
  }

  #nextId(): string {
    this.#count += 1;
    return `act-${this.#count}`;
  }
}
