import { type KeyboardEvent, memo, useEffect, useRef } from "react";
import type { Detection } from "../../../app/contract/index.ts";
import { formatConfidence, formatPx } from "../../model/format.ts";
import { labelColor, labelText } from "../../model/label-colors.ts";
import { confidenceSourceText } from "../../model/names.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import styles from "./ElementList.module.css";

const rowId = (id: string) => `element-${id}`;

/** Elements in the order the model wrote them. One tab stop; arrows move the selection. */
export function ElementList({ detections }: { readonly detections: readonly Detection[] }) {
  const commands = useCommands();
  const selectedId = useApp((state) => state.view.selectedId);
  const hoveredId = useApp((state) => state.view.hoveredId);
  const list = useRef<HTMLDivElement>(null);
  const selectedIndex = detections.findIndex((each) => each.id === selectedId);

  useEffect(() => {
    if (selectedId === undefined) return;
    list.current?.querySelector(`#${CSS.escape(rowId(selectedId))}`)?.scrollIntoView({ block: "nearest" });
  }, [selectedId]);

  const onKeyDown = (event: KeyboardEvent) => {
    const last = detections.length - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: Math.min(last, selectedIndex + 1),
      ArrowUp: selectedIndex < 0 ? last : Math.max(0, selectedIndex - 1),
      Home: 0,
      End: last,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    commands.select(detections[next]?.id);
  };

  return (
    <>
      <div className={styles.head} aria-hidden="true">
        <span className={styles.headLabel}>Label</span>
        <span className={styles.size}>Size px</span>
        <span className={styles.headConfidence} title={`Confidence, ${confidenceSourceText}`}>
          Confidence
        </span>
      </div>
      <div
        ref={list}
        className={styles.list}
        role="listbox"
        tabIndex={0}
        aria-label="Elements"
        aria-describedby="confidence-source"
        aria-activedescendant={selectedIndex < 0 || selectedId === undefined ? undefined : rowId(selectedId)}
        onKeyDown={onKeyDown}
        onPointerLeave={() => commands.hover(undefined)}
      >
        {detections.map((detection) => (
          <Row
            key={detection.id}
            detection={detection}
            selected={detection.id === selectedId}
            hovered={detection.id === hoveredId}
          />
        ))}
      </div>
      <p id="confidence-source" className={styles.caption}>
        Confidence is {confidenceSourceText}; it is not calibrated.
      </p>
    </>
  );
}

interface RowProps {
  readonly detection: Detection;
  readonly selected: boolean;
  readonly hovered: boolean;
}

const Row = memo(function Row({ detection, selected, hovered }: RowProps) {
  const commands = useCommands();
  const [x1, y1, x2, y2] = detection.bbox;
  const color = labelColor(detection.label);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox around it takes the keys.
    <div
      id={rowId(detection.id)}
      className={styles.row}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      data-hovered={hovered}
      data-testid="element-row"
      data-element={detection.id}
      onPointerEnter={() => commands.hover(detection.id)}
      onClick={() => commands.select(detection.id)}
    >
      <span className={styles.swatch} style={{ backgroundColor: color }} />
      <span className={styles.label}>
        {labelText(detection.label)}
        {detection.text !== undefined && <span className={styles.text}> {detection.text}</span>}
      </span>
      <span className={styles.size}>
        {formatPx(Math.round(x2 - x1))} × {formatPx(Math.round(y2 - y1))}
      </span>
      <span
        className={styles.confidence}
        title={`Confidence ${detection.confidence.toFixed(3)}, ${confidenceSourceText}`}
      >
        <span className={styles.meter}>
          <span className={styles.meterFill} style={{ width: `${detection.confidence * 100}%` }} />
        </span>
        {formatConfidence(detection.confidence)}
      </span>
    </div>
  );
});
