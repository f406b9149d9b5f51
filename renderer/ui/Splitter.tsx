import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { cx } from "./cx.ts";
import styles from "./Splitter.module.css";

interface SplitterProps {
  /** Which edge of its pane it lies on; the pane grows towards that edge. */
  readonly edge: "left" | "top";
  /** What it sizes: "Width of the results". */
  readonly label: string;
  /** Sizes of the pane in CSS px; 0 is a closed pane. */
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onResize: (px: number) => void;
  /** Opens or closes the pane. */
  readonly onToggle: () => void;
  /** Back to the size that follows the window. */
  readonly onReset: () => void;
  readonly testId?: string;
}

/** CSS px that an arrow moves it, alone and with Shift. */
const step = 16;
const bigStep = 80;

/** The movable edge of a pane: drag it, or arrows, Home and End; Enter opens and closes, a double click resets. */
export function Splitter({ edge, label, value, min, max, onResize, onToggle, onReset, testId }: SplitterProps) {
  const drag = useRef<{ readonly from: number; readonly size: number } | undefined>(undefined);
  const position = (event: PointerEvent) => (edge === "left" ? event.clientX : event.clientY);
  const resize = (px: number) => onResize(Math.round(Math.max(min, Math.min(max, px))));
  const release = () => {
    drag.current = undefined;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.shiftKey ? bigStep : step;
    const [grow, shrink] = edge === "left" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const sizes: Readonly<Record<string, number>> = { [grow]: value + by, [shrink]: value - by, Home: min, End: max };
    const size = sizes[event.key];
    if (size !== undefined) resize(size);
    else if (event.key === "Enter") onToggle();
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be dragged or focused.
    <div
      role="separator"
      tabIndex={0}
      className={cx(styles.splitter, styles[edge])}
      aria-label={label}
      aria-orientation={edge === "left" ? "vertical" : "horizontal"}
      aria-valuemin={0}
      aria-valuemax={Math.round(max)}
      aria-valuenow={Math.round(value)}
      aria-valuetext={value === 0 ? "closed" : `${Math.round(value)} px`}
      data-testid={testId}
      onKeyDown={onKeyDown}
      onDoubleClick={onReset}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { from: position(event), size: value };
      }}
      onPointerMove={(event) => {
        if (drag.current !== undefined) resize(drag.current.size + drag.current.from - position(event));
      }}
      onPointerUp={release}
      onPointerCancel={release}
    />
  );
}
