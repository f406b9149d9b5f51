import type { KeyboardEvent, PointerEvent } from "react";
import { useApp, useCommands } from "../../../store/use-app.tsx";
import styles from "./SwipeHandle.module.css";

/** Percent of the view's width by which a key moves the handle. */
const step = 2;
const page = 10;

/** The line between A and B: dragged by pointer, moved by arrow keys. */
export function SwipeHandle() {
  const commands = useCommands();
  const swipe = useApp((state) => state.compare.swipe);
  const moveTo = (percent: number) => commands.compare.look({ swipe: Math.min(100, Math.max(0, percent)) });

  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: swipe - step,
      ArrowDown: swipe - step,
      ArrowRight: swipe + step,
      ArrowUp: swipe + step,
      PageDown: swipe - page,
      PageUp: swipe + page,
      Home: 0,
      End: 100,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    moveTo(next);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const frame = event.currentTarget.parentElement?.getBoundingClientRect();
    if (frame !== undefined && frame.width > 0) moveTo(((event.clientX - frame.left) / frame.width) * 100);
  };

  return (
    <div
      className={styles.handle}
      style={{ left: `${swipe}%` }}
      role="slider"
      tabIndex={0}
      aria-label="Line between A on the left and B on the right"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(swipe)}
      aria-valuetext={`A on the left ${Math.round(swipe)} percent`}
      data-testid="swipe-handle"
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onPointerMove}
    >
      <span className={styles.tagA}>A</span>
      <span className={styles.grip} />
      <span className={styles.tagB}>B</span>
    </div>
  );
}
