import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { RunSummary } from "../../../app/contract/index.ts";
import type { SortKey } from "../../logic/library/filter.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { cx } from "../../ui/cx.ts";
import styles from "./LibraryGrid.module.css";
import { Cell, LibraryRow, rowId } from "./LibraryRow.tsx";

/** CSS px; the same as the row's height in the style sheet. */
const rowHeight = 46;
/** CSS px; the head stays at the top while the rows move below it. */
const headHeight = 32;

const columns: readonly { readonly key?: SortKey; readonly text: string; readonly numeric?: boolean }[] = [
  { key: "name", text: "Run" },
  { key: "detections", text: "Elements", numeric: true },
  { key: "totalMs", text: "Total", numeric: true },
  { text: "Stages" },
  { key: "modelName", text: "Model" },
  { key: "backend", text: "Backend" },
  { key: "machineName", text: "Machine" },
  { text: "Tags" },
  { key: "createdAt", text: "Date" },
];

/** The runs as rows; only those in view exist. One tab stop: arrows move, space selects, Enter opens, Delete deletes. */
export function LibraryGrid({ runs }: { readonly runs: readonly RunSummary[] }) {
  const commands = useCommands();
  const selection = useApp((state) => state.library.selection);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    initialRect: { width: 1200, height: 900 },
  });
  const activeIndex = runs.findIndex(({ id }) => id === selection.activeId);
  const scrollTo = useRef(virtual.scrollToIndex);
  useEffect(() => {
    if (activeIndex >= 0) scrollTo.current(activeIndex);
  }, [activeIndex]);

  const pageRows = () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - headHeight) / rowHeight) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const { library } = commands;
    const extend = event.shiftKey;
    const chord = event.ctrlKey || event.metaKey;
    const actions: Readonly<Record<string, () => void>> = chord
      ? { a: () => library.selectAll() }
      : {
          ArrowDown: () => library.move(1, extend),
          ArrowUp: () => library.move(-1, extend),
          PageDown: () => library.move(pageRows(), extend),
          PageUp: () => library.move(-pageRows(), extend),
          Home: () => library.move(-runs.length, extend),
          End: () => library.move(runs.length, extend),
          " ": () => selection.activeId !== undefined && library.toggle(selection.activeId),
          Enter: () => void library.show(),
          Delete: () => void library.delete(),
          Backspace: () => void library.delete(),
        };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  const items = virtual.getVirtualItems();
  const activeRendered = items.some(({ index }) => index === activeIndex);

  return (
    // biome-ignore lint/a11y/useSemanticElements: a table element cannot keep rows out of the page that are out of view.
    <div
      ref={scroller}
      className={styles.grid}
      role="grid"
      aria-label="Runs"
      aria-rowcount={runs.length + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={activeRendered && selection.activeId !== undefined ? rowId(selection.activeId) : undefined}
      tabIndex={0}
      data-testid="library-grid"
      onKeyDown={onKeyDown}
    >
      <GridHead all={runs.length > 0 && runs.every(({ id }) => selection.ids.has(id))} />
      {/* biome-ignore lint/a11y/useSemanticElements: as above. */}
      <div className={styles.rows} role="rowgroup">
        {runs.length === 0 ? (
          <NothingFound />
        ) : (
          <div className={styles.all} role="presentation" style={{ height: virtual.getTotalSize() }}>
            {items.map(({ index, start }) => {
              const run = runs[index];
              if (run === undefined) return null;
              return (
                <LibraryRow
                  key={run.id}
                  run={run}
                  index={index}
                  top={start - headHeight}
                  selected={selection.ids.has(run.id)}
                  active={run.id === selection.activeId}
                />
              );
            })}
          </div>
        )}
      </div>
    </div>
  );
}

function NothingFound() {
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of the grid above.
    // biome-ignore lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active row.
    <div role="row" className={styles.nothing}>
      <Cell>No run passes the filter.</Cell>
    </div>
  );
}

function GridHead({ all }: { readonly all: boolean }) {
  const commands = useCommands();
  const sort = useApp((state) => state.library.sort);
  const order = sort.descending ? "descending" : "ascending";
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of the grid above.
    // biome-ignore lint/a11y/useFocusableInteractive: the buttons in it take the focus.
    <div role="row" aria-rowindex={1} className={cx(styles.columns, styles.head)}>
      <Cell role="columnheader">
        <input
          type="checkbox"
          aria-label="Select all runs"
          checked={all}
          onChange={() => (all ? commands.library.selectNone() : commands.library.selectAll())}
        />
      </Cell>
      {columns.map(({ key, text, numeric }) => (
        <Cell
          key={text}
          role="columnheader"
          aria-sort={key === undefined ? undefined : key === sort.key ? order : "none"}
          className={cx(numeric === true && styles.numeric)}
        >
          {key === undefined ? (
            text
          ) : (
            <button type="button" className={styles.sort} onClick={() => commands.library.sortBy(key)}>
              {text}
              <span aria-hidden="true" className={styles.arrow}>
                {key === sort.key ? (sort.descending ? "↓" : "↑") : ""}
              </span>
            </button>
          )}
        </Cell>
      ))}
    </div>
  );
}
