import { type AppStore, patch } from "../app-store.ts";

/** Selecting elements of the shown run: one, several, a stretch of the list. */
export class SelectionCommands {
  constructor(private readonly store: AppStore) {}

  /** Selects one element alone, or none. */
  select(id: string | undefined): void {
    patch(this.store, "view", { selectedId: id, selectedIds: id === undefined ? [] : [id] });
  }

  /** Adds an element to the selection or takes it out; the one taken last is the active one. */
  toggle(id: string): void {
    const { selectedIds } = this.store.getState().view;
    const next = selectedIds.includes(id) ? selectedIds.filter((each) => each !== id) : [...selectedIds, id];
    patch(this.store, "view", { selectedId: next.at(-1), selectedIds: next });
  }

  /** Selects the stretch of `order` from where the selection began to `id`, which becomes the active element. */
  extendTo(id: string, order: readonly string[]): void {
    const anchor = this.store.getState().view.selectedIds[0] ?? id;
    const [from, to] = [order.indexOf(anchor), order.indexOf(id)];
    if (from < 0 || to < 0) {
      this.select(id);
      return;
    }
    const stretch = from <= to ? order.slice(from, to + 1) : order.slice(to, from + 1).reverse();
    patch(this.store, "view", { selectedId: id, selectedIds: stretch });
  }

  selectAll(ids: readonly string[]): void {
    patch(this.store, "view", { selectedId: ids.at(-1), selectedIds: ids });
  }

  /** For when another run is shown: ids belong to a run. */
  clear(): void {
    patch(this.store, "view", { hoveredId: undefined, selectedId: undefined, selectedIds: [] });
    patch(this.store, "filter", { only: undefined });
  }
}
