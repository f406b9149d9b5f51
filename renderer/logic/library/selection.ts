/** Selected runs of the library, and the active one, which keys act on. */
export interface LibrarySelection {
  readonly ids: ReadonlySet<string>;
  readonly activeId: string | undefined;
  /** Where a range that is being extended began. */
  readonly anchorId: string | undefined;
}

export const nothingSelected: LibrarySelection = { ids: new Set(), activeId: undefined, anchorId: undefined };

/** Makes one run the active one without changing what is selected. */
export function activate(selection: LibrarySelection, id: string): LibrarySelection {
  return { ...selection, activeId: id, anchorId: id };
}

/** Selects or deselects one run and makes it the active one. */
export function toggle(selection: LibrarySelection, id: string): LibrarySelection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, activeId: id, anchorId: id };
}

/** Selects everything from the anchor to a run, in the order shown. */
export function extendTo(selection: LibrarySelection, id: string, shown: readonly string[]): LibrarySelection {
  const anchorId = selection.anchorId ?? selection.activeId ?? id;
  const from = shown.indexOf(anchorId);
  const to = shown.indexOf(id);
  if (from < 0 || to < 0) return activate(selection, id);
  return { ids: new Set(shown.slice(Math.min(from, to), Math.max(from, to) + 1)), activeId: id, anchorId };
}

/** Forgets runs that are gone. */
export function without(selection: LibrarySelection, gone: ReadonlySet<string>): LibrarySelection {
  const keep = (id: string | undefined) => (id === undefined || gone.has(id) ? undefined : id);
  return {
    ids: new Set([...selection.ids].filter((id) => !gone.has(id))),
    activeId: keep(selection.activeId),
    anchorId: keep(selection.anchorId),
  };
}

/** What a command on the library is about: the selected runs, else the active one. In the order shown. */
export function targets(selection: LibrarySelection, shown: readonly string[]): readonly string[] {
  const selected = shown.filter((id) => selection.ids.has(id));
  if (selected.length > 0) return selected;
  return selection.activeId !== undefined && shown.includes(selection.activeId) ? [selection.activeId] : [];
}
