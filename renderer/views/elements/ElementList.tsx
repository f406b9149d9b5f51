import { type KeyboardEvent, type MouseEvent, memo, useMemo } from "react";
import type { Detection } from "../../../app/contract/index.ts";
import { elementColor, labelText } from "../../../app/presentation/labels.ts";
import { formatPx } from "../../../app/presentation/numbers.ts";
import {
  confidenceSourceOf,
  confidenceSourceTexts,
  confidenceText,
  toldConfidence,
} from "../../../app/presentation/texts.ts";
import { chunksOf } from "../../logic/chunks.ts";
import type { VisibleElements } from "../../logic/declutter/filter.ts";
import { selectedId } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { rowId, useListbox } from "../../ui/use-listbox.ts";
import styles from "./ElementList.module.css";

/** Rows of one piece of the list: the browser skips pieces out of view whole. Must match ElementList.module.css. */
const rowsInPiece = 25;

/** Elements in the order the model wrote them. One tab stop; arrows move the selection, Shift extends it. */
export function ElementList({ elements }: { readonly elements: VisibleElements }) {
  const { items, below } = elements;
  const commands = useCommands();
  const activeId = useApp(selectedId);
  const selectedIds = useApp((state) => state.view.selectedIds);
  const hoveredId = useApp((state) => state.view.hoveredId);
  const source = confidenceSourceOf(items);
  const order = useMemo(() => items.map(({ id }) => id), [items]);
  const pieces = useMemo(() => chunksOf(items, rowsInPiece), [items]);
  const listbox = useListbox("element", {
    ids: order,
    selectedId: activeId,
    onMove: (id, event) => (event.shiftKey ? commands.selection.extendTo(id, order) : commands.selection.select(id)),
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      commands.selection.selectAll(order);
    } else listbox.onKeyDown(event);
  };
  const onClick = (event: MouseEvent) => {
    const id = rowUnder(event);
    if (id === undefined) return;
    if (event.shiftKey) commands.selection.extendTo(id, order);
    else if (event.ctrlKey || event.metaKey) commands.selection.toggle(id);
    else commands.selection.select(id);
  };

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
        className={styles.list}
        role="listbox"
        aria-label="Elements"
        aria-multiselectable="true"
        aria-describedby="confidence-source"
        {...listbox}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onPointerOver={(event) => commands.hover(rowUnder(event))}
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

/** Id of the element whose row an event comes from. Rows have no handlers of their own: there may be thousands. */
function rowUnder({ target }: MouseEvent): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>("[data-element]")?.dataset.element : undefined;
}

interface RowProps {
  readonly detection: Detection;
  readonly below: boolean;
  readonly selected: boolean;
  readonly hovered: boolean;
}

const Row = memo(function Row({ detection, below, selected, hovered }: RowProps) {
  const [x1, y1, x2, y2] = detection.bbox;
  const told = toldConfidence(detection);
  return (
    <div
      id={rowId("element", detection.id)}
      className={styles.row}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      data-hovered={hovered}
      data-below={below}
      data-testid="element-row"
      data-element={detection.id}
    >
      <span className={styles.swatch} style={{ backgroundColor: elementColor(detection) }} />
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
        title={`Confidence ${told?.toFixed(3) ?? ""}, ${confidenceSourceTexts[detection.confidenceSource]}`}
      >
        <span className={styles.meter}>
          <span className={styles.meterFill} style={{ width: `${(told ?? 0) * 100}%` }} />
        </span>
        {confidenceText(detection)}
      </span>
    </div>
  );
});
