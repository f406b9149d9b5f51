import { type AnnotationPatch, HoloscopeError, maxListedRuns, type RunSummary } from "../../../app/contract/index.ts";
import { plural } from "../../../app/presentation/numbers.ts";
import { type LibraryFilter, noFilter, type SortKey } from "../../logic/library/filter.ts";
import { activate, extendTo, nothingSelected, toggle } from "../../logic/library/selection.ts";
import { HostCommands, type Reach } from "../host-commands.ts";
import { libraryIds, libraryRuns, libraryTargets } from "../library-slice.ts";
import type { RunFilesCommands } from "./run-files.ts";

/** What can be done with the library of all runs. */
export class LibraryCommands extends HostCommands {
  readonly #runFiles: RunFilesCommands;

  constructor(reach: Reach, runFiles: RunFilesCommands) {
    super(reach);
    this.#runFiles = runFiles;
  }

  /** Shows the library; it is read when it is shown for the first time, and kept up to date by the host's events. */
  async open(): Promise<void> {
    this.patch("screen", { current: "library" });
    await this.read();
  }

  async read(): Promise<void> {
    if (this.state.library.status === "reading") return;
    this.patch("library", { status: "reading" });
    try {
      const runs = await this.client.call("runs.list", { limit: maxListedRuns });
      this.patch("library", { status: "read", runs });
    } catch (error) {
      this.patch("library", { status: "unread" });
      this.report(error, "Library");
    }
  }

  filter(change: Partial<LibraryFilter>): void {
    this.change("library", (library) => ({ ...library, filter: { ...library.filter, ...change } }));
  }

  clearFilter(): void {
    this.patch("library", { filter: noFilter });
  }

  /** Sorts by a column; the same column again turns the order round. */
  sortBy(key: SortKey): void {
    this.change("library", (library) => ({
      ...library,
      sort: {
        key,
        descending: library.sort.key === key ? !library.sort.descending : key === "createdAt",
      },
    }));
  }

  activate(id: string): void {
    this.#select((library) => activate(library, id));
  }

  toggle(id: string): void {
    this.#select((library) => toggle(library, id));
  }

  extendTo(id: string): void {
    const shown = libraryIds(this.state.library);
    this.#select((library) => extendTo(library, id, shown));
  }

  selectAll(): void {
    const shown = libraryIds(this.state.library);
    this.#select((library) => ({ ...library, ids: new Set(shown) }));
  }

  selectNone(): void {
    this.#select((selection) => ({ ...nothingSelected, activeId: selection.activeId, anchorId: selection.anchorId }));
  }

  /** Moves the active run by rows, or to an end of the list. */
  move(rows: number, extend = false): void {
    const { library } = this.state;
    const shown = libraryIds(library);
    const at = shown.indexOf(library.selection.activeId ?? "");
    const next = shown[Math.min(shown.length - 1, Math.max(0, at + rows))];
    if (next === undefined) return;
    if (extend) this.extendTo(next);
    else this.activate(next);
  }

  /** Deletes runs; for a while the toast brings them back. By default the selected ones. */
  async delete(ids: readonly string[] = libraryTargets(this.state.library)): Promise<void> {
    if (ids.length === 0) return;
    const shown = libraryIds(this.state.library);
    const next = shown.slice(shown.indexOf(ids.at(-1) ?? "") + 1).find((id) => !ids.includes(id));
    const wanted = new Set(ids);
    const imageIds = this.state.library.runs.filter(({ id }) => wanted.has(id)).map(({ imageId }) => imageId);
    await this.attempt("Delete", async () => {
      const { deleted } = await this.client.call("runs.deleteMany", { runIds: [...ids] });
      if (next !== undefined) this.activate(next);
      const restore = async () => {
        const restored = await this.client.call("runs.restore", { runIds: deleted });
        if (restored.length === 0) throw new HoloscopeError("RUN_NOT_FOUND", "They were removed for good meanwhile.");
      };
      this.undo.did(`Deleted ${plural(deleted.length, "run")}`, restore, imageIds);
    });
  }

  /** Changes name, tags or note of a run. */
  async annotate(runId: string, change: AnnotationPatch): Promise<void> {
    await this.attempt("Run", () => this.client.call("runs.annotate", { runId, ...change }));
  }

  /** Adds a tag to the selected runs. */
  async tag(tag: string): Promise<void> {
    const { library } = this.state;
    const wanted = new Set(libraryTargets(library));
    const runs: readonly RunSummary[] = libraryRuns(library).filter(({ id }) => wanted.has(id));
    for (const { id, tags } of runs) if (!tags.includes(tag)) await this.annotate(id, { tags: [...tags, tag] });
  }

  /** Shows a run with its image; the active one if none is named. */
  async show(id = this.state.library.selection.activeId): Promise<void> {
    if (id !== undefined) await this.#runFiles.open(id);
  }

  #select(change: (selection: typeof nothingSelected) => typeof nothingSelected): void {
    this.change("library", (library) => ({ ...library, selection: change(library.selection) }));
  }
}
