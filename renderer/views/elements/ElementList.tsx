import { type KeyboardEvent, type MouseEvent, memo, useEffect, useMemo, useRef } from "react";
import type { Detection } from "../../../app/contract/index.ts";
import { chunksOf } from "../../model/chunks.ts";
import type { VisibleElements } from "../../model/declutter/filter.ts";
import { formatConfidence, formatPx } from "../../model/format.ts";
import { elementColor, labelText } from "../../model/label-colors.ts";
import { rowAfterKey } from "../../model/list-keys.ts";
import { confidenceSourceOf, confidenceSourceTexts } from "../../model/names.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import styles from "./ElementList.module.css";

const rowId = (id: string) => `element-${id}`;
/** Rows of one piece of the list: the browser skips pieces out of view whole. Must match ElementList.module.css. */
const rowsInPiece = 25;

/** Elements in the order the model wrote them. One tab stop; arrows move the selection, Shift extends it. */
export function ElementList({ elements }: { readonly elements: VisibleElements }) {
  const { items, below } = elements;
  const commands = useCommands();
  const selectedId = useApp((state) => state.view.selectedId);
  const selectedIds = useApp((state) => state.view.selectedIds);
  const hoveredId = useApp((state) => state.view.hoveredId);
  const list = useRef<HTMLDivElement>(null);
  const source = confidenceSourceOf(items);
  const order = useMemo(() => items.map(({ id }) => id), [items]);
  const pieces = useMemo(() => chunksOf(items, rowsInPiece), [items]);
  const activeIndex = selectedId === undefined ? -1 : order.indexOf(selectedId);

  useEffect(() => {
    if (selectedId === undefined) return;
    list.current?.querySelector(`#${CSS.escape(rowId(selectedId))}`)?.scrollIntoView({ block: "nearest" });
  }, [selectedId]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      commands.selection.selectAll(order);
      return;
    }
    const next = order[rowAfterKey(event.key, activeIndex, items.length) ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    if (event.shiftKey) commands.selection.extendTo(next, order);
    else commands.select(next);
  };
  const onRowClick = (event: MouseEvent<HTMLElement>) => {
    const id = event.currentTarget.dataset.element;
    if (id === undefined) return;
    if (event.shiftKey) commands.selection.extendTo(id, order);
    else if (event.ctrlKey || event.metaKey) commands.selection.toggle(id);
    else commands.select(id);
  };
  const clickRow = useRef(onRowClick);
  useEffect(() => {
    clickRow.current = onRowClick;
  });
  const stableClick = useMemo(() => (event: MouseEvent<HTMLElement>) => clickRow.current(event), []);

  return (
    <>
      <div className={styles.head} aria-hidden="true">
        <span className={styles.headLabel}>Label</span>
        <span className={styles.size}>Size px</span>
        <span className={styles.headConfidence} title={`Confidence, ${confidenceSourceTexts[source]}`}>
          Confidence
        </span>
      </div>
      <div
        ref={list}
        className={styles.list}
        role="listbox"
        tabIndex={0}
        aria-label="Elements"
        aria-multiselectable="true"
        aria-describedby="confidence-source"
        aria-activedescendant={activeIndex < 0 || selectedId === undefined ? undefined : rowId(selectedId)}
        onKeyDown={onKeyDown}
        onPointerLeave={() => commands.hover(undefined)}
      >
        {pieces.map((piece) => (
          <div key={piece[0]?.id} className={styles.piece} role="presentation">
            {piece.map((detection) => (
              <Row
                key={detection.id}
                detection={detection}
                below={below.has(detection.id)}
                selected={selectedIds.includes(detection.id)}
                hovered={detection.id === hoveredId}
                onClick={stableClick}
              />
            ))}
          </div>
        ))}
      </div>
      <p id="confidence-source" className={styles.caption}>
        Confidence {confidenceSourceTexts[source]}
        {source === "calibrated" ? "" : ", not calibrated"}
      </p>
    </>
  );
}

interface RowProps {
  readonly detection: Detection;
  readonly below: boolean;
  readonly selected: boolean;
  readonly hovered: boolean;
  readonly onClick: (event: MouseEvent<HTMLElement>) => void;
}

const Row = memo(function Row({ detection, below, selected, hovered, onClick }: RowProps) {
  const commands = useCommands();
  const [x1, y1, x2, y2] = detection.bbox;
  const color = elementColor(detection);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it takes the keys.
    <div
      id={rowId(detection.id)}
      className={styles.row}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      data-hovered={hovered}
      data-below={below}
      data-testid="element-row"
      data-element={detection.id}
      onPointerEnter={() => commands.hover(detection.id)}
      onClick={onClick}
    >
      <span className={styles.swatch} style={{ backgroundColor: color }} />
      <span className={styles.label}>
        {labelText(detection.label)}
        {detection.text !== undefined && <span className={styles.text}> {detection.text}</span>}
        {below && <span className={styles.mark}>below threshold</span>}
      </span>
      <span className={styles.size}>
        {formatPx(Math.round(x2 - x1))} × {formatPx(Math.round(y2 - y1))}
      </span>
      <span
        className={styles.confidence}
        title={`Confidence ${detection.confidence.toFixed(3)}, ${confidenceSourceTexts[detection.confidenceSource]}`}
      >
        <span className={styles.meter}>
          <span className={styles.meterFill} style={{ width: `${detection.confidence * 100}%` }} />
        </span>
        {formatConfidence(detection.confidence)}
      </span>
    </div>
  );
});
