import { UndoStack } from "../../model/undo/undo-stack.ts";
import { type AppStore, update } from "../app-store.ts";
import { withoutToast, withToast } from "../toasts-slice.ts";

/**
 * Undo for what the window does, and the toasts that offer it. After something destructive:
 *
 *     commands.undoing.did("Deleted 3 runs", () => this.client.call(...));
 */
export class UndoCommands {
  private readonly stack = new UndoStack();
  private count = 0;

  constructor(
    private readonly store: AppStore,
    private readonly report: (error: unknown, about: string) => void,
  ) {}

  /** Says what was done and keeps how to take it back; `undo` may fail, then the user is told. */
  did(title: string, undo: () => void | Promise<void>): void {
    const id = this.nextId();
    this.stack.push({ id, title, undo });
    update(this.store, "toasts", (toasts) => withToast(toasts, { id, text: title, undoId: id }));
  }

  /** Says something that needs no answer. */
  say(text: string): void {
    update(this.store, "toasts", (toasts) => withToast(toasts, { id: this.nextId(), text }));
  }

  /** Takes back one act, the newest if none is named. */
  async undo(id?: string): Promise<void> {
    const entry = this.stack.take(id);
    if (entry === undefined) {
      if (id === undefined) this.say("Nothing to undo");
      return;
    }
    update(this.store, "toasts", (toasts) => withoutToast(toasts, (toast) => toast.undoId === entry.id));
    try {
      await entry.undo();
      this.say(`Undone: ${entry.title}`);
    } catch (error) {
      this.report(error, `Undo of "${entry.title}"`);
    }
  }

  dismissToast(id: string): void {
    update(this.store, "toasts", (toasts) => withoutToast(toasts, (toast) => toast.id === id));
  }

  private nextId(): string {
    this.count += 1;
    return `act-${this.count}`;
  }
}
