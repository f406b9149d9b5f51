import { StoreCommands } from "../store-commands.ts";

/** Selecting elements of the shown run: one, several, a stretch of the list. */
export class SelectionCommands extends StoreCommands {
  /** Selects one element alone, or none. */
  select(id: string | undefined): void {
    this.patch("view", { selectedIds: id === undefined ? [] : [id] });
  }

  /** Adds an element to the selection or takes it out; the one taken last is the active one. */
  toggle(id: string): void {
    const { selectedIds } = this.state.view;
    const next = selectedIds.includes(id) ? selectedIds.filter((each) => each !== id) : [...selectedIds, id];
    this.patch("view", { selectedIds: next });
  }

  /** Selects the stretch of `order` from where the selection began to `id`, which becomes the active element. */
  extendTo(id: string, order: readonly string[]): void {
    const anchor = this.state.view.selectedIds[0] ?? id;
    const [from, to] = [order.indexOf(anchor), order.indexOf(id)];
    if (from < 0 || to < 0) {
      this.select(id);
      return;
    }
    const stretch = from <= to ? order.slice(from, to + 1) : order.slice(to, from + 1).reverse();
    this.patch("view", { selectedIds: stretch });
  }

  selectAll(ids: readonly string[]): void {
    this.patch("view", { selectedIds: ids });
  }

  /** For when another run is shown: ids belong to a run. */
  clear(): void {
    this.patch("view", { hoveredId: undefined, selectedIds: [] });
    this.patch("filter", { only: undefined });
  }
}
