import { type KeyboardEvent, useEffect, useRef } from "react";
import { rowAfterKey } from "../logic/list-keys.ts";

interface ListboxOptions {
  /** Ids of the rows in their order. */
  readonly ids: readonly string[];
  readonly selectedId: string | undefined;
  /** Called with the row that a key leads to. */
  readonly onMove: (id: string, event: KeyboardEvent) => void;
}

/** The DOM id of a row in the list box of that name. */
export const rowId = (list: string, id: string): string => `${list}-${id}`;

/**
 * Props of an element with `role="listbox"`, whose rows have `role="option"` and the id of `rowId`. It is one tab stop;
 * arrows, Home and End move the selection, and the selected row is scrolled into view.
 */
export function useListbox(list: string, { ids, selectedId, onMove }: ListboxOptions) {
  const ref = useRef<HTMLDivElement>(null);
  const index = selectedId === undefined ? -1 : ids.indexOf(selectedId);
  useEffect(() => {
    if (selectedId === undefined) return;
    ref.current?.querySelector(`#${CSS.escape(rowId(list, selectedId))}`)?.scrollIntoView({ block: "nearest" });
  }, [list, selectedId]);
  return {
    ref,
    tabIndex: 0,
    "aria-activedescendant": index < 0 || selectedId === undefined ? undefined : rowId(list, selectedId),
    onKeyDown: (event: KeyboardEvent) => {
      const next = ids[rowAfterKey(event.key, index, ids.length) ?? -1];
      if (next === undefined) return;
      event.preventDefault();
      onMove(next, event);
    },
  };
}
