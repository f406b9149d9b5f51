import { type AnnotationPatch, maxListedRuns, type RunSummary } from "../../../app/contract/index.ts";
import type { WindowClient } from "../../client/client.ts";
import { plural } from "../../model/format.ts";
import { type LibraryFilter, noFilter, type SortKey } from "../../model/library/filter.ts";
import { activate, extendTo, nothingSelected, toggle } from "../../model/library/selection.ts";
import { type AppStore, patch, update } from "../app-store.ts";
import { libraryIds, libraryRuns, libraryTargets } from "../library-slice.ts";
import type { RunFiles } from "./run-files.ts";
import type { UndoCommands } from "./undo-commands.ts";

export interface LibraryNeeds {
  readonly client: WindowClient;
  readonly store: AppStore;
  readonly runFiles: RunFiles;
  readonly undoing: UndoCommands;
  readonly report: (error: unknown, about?: string) => void;
}

/** What can be done with the library of all runs. */
export class LibraryCommands {
  constructor(private readonly needs: LibraryNeeds) {}

  /** Shows the library; it is read when it is shown for the first time, and kept up to date by the host's events. */
  async open(): Promise<void> {
    patch(this.needs.store, "screen", { current: "library" });
    await this.read();
  }

  async read(): Promise<void> {
    const { store, client, report } = this.needs;
    if (store.getState().library.status === "reading") return;
    patch(store, "library", { status: "reading" });
    try {
      const runs = await client.call("runs.list", { limit: maxListedRuns });
      patch(store, "library", { status: "read", runs });
    } catch (error) {
      patch(store, "library", { status: "unread" });
      report(error, "Library");
    }
  }

  filter(change: Partial<LibraryFilter>): void {
    update(this.needs.store, "library", (library) => ({ ...library, filter: { ...library.filter, ...change } }));
  }

  clearFilter(): void {
    patch(this.needs.store, "library", { filter: noFilter });
  }

  /** Sorts by a column; the same column again turns the order round. */
  sortBy(key: SortKey): void {
    update(this.needs.store, "library", (library) => ({
      ...library,
      sort: {
        key,
        descending: library.sort.key === key ? !library.sort.descending : key === "createdAt",
      },
    }));
  }

  activate(id: string): void {
    this.select((library) => activate(library, id));
  }

  toggle(id: string): void {
    this.select((library) => toggle(library, id));
  }

  extendTo(id: string): void {
    const shown = libraryIds(this.needs.store.getState().library);
    this.select((library) => extendTo(library, id, shown));
  }

  selectAll(): void {
    const shown = libraryIds(this.needs.store.getState().library);
    this.select((library) => ({ ...library, ids: new Set(shown) }));
  }

  selectNone(): void {
    this.select((selection) => ({ ...nothingSelected, activeId: selection.activeId, anchorId: selection.anchorId }));
  }

  /** Moves the active run by rows, or to an end of the list. */
  move(rows: number, extend = false): void {
    const { library } = this.needs.store.getState();
    const shown = libraryIds(library);
    const at = shown.indexOf(library.selection.activeId ?? "");
    const next = shown[Math.min(shown.length - 1, Math.max(0, at + rows))];
    if (next === undefined) return;
    if (extend) this.extendTo(next);
    else this.activate(next);
  }

  /** Deletes runs; for a while the toast brings them back. By default the selected ones. */
  async delete(ids: readonly string[] = libraryTargets(this.needs.store.getState().library)): Promise<void> {
    const { store, client, undoing, report } = this.needs;
    if (ids.length === 0) return;
    const shown = libraryIds(store.getState().library);
    const next = shown.slice(shown.indexOf(ids.at(-1) ?? "") + 1).find((id) => !ids.includes(id));
    try {
      const { deleted } = await client.call("runs.deleteMany", { runIds: [...ids] });
      if (next !== undefined) this.activate(next);
      undoing.did(`Deleted ${plural(deleted.length, "run")}`, async () => {
        await client.call("runs.restore", { runIds: deleted });
      });
    } catch (error) {
      report(error, "Delete");
    }
  }

  /** Changes name, tags or note of a run. */
  async annotate(runId: string, change: AnnotationPatch): Promise<void> {
    try {
      await this.needs.client.call("runs.annotate", { runId, ...change });
    } catch (error) {
      this.needs.report(error, "Run");
    }
  }

  /** Adds a tag to the selected runs. */
  async tag(tag: string): Promise<void> {
    const { library } = this.needs.store.getState();
    const wanted = new Set(libraryTargets(library));
    const runs: readonly RunSummary[] = libraryRuns(library).filter(({ id }) => wanted.has(id));
    for (const { id, tags } of runs) if (!tags.includes(tag)) await this.annotate(id, { tags: [...tags, tag] });
  }

  /** Shows a run with its image; the active one if none is named. */
  async show(id = this.needs.store.getState().library.selection.activeId): Promise<void> {
    if (id !== undefined) await this.needs.runFiles.open(id);
  }

  private select(change: (selection: typeof nothingSelected) => typeof nothingSelected): void {
    update(this.needs.store, "library", (library) => ({ ...library, selection: change(library.selection) }));
  }
}
