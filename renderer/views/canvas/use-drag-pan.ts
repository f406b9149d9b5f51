import { type PointerEvent, useRef, useState } from "react";
import { toImage } from "../../logic/canvas/viewport.ts";
import type { ViewportController } from "./viewport-controller.ts";

/** CSS px that a pointer may move before a click becomes a drag. */
export const dragThreshold = 4;
/** CSS px by which a click may miss a box. */
const reach = 3;

interface Drag {
  readonly startX: number;
  readonly startY: number;
  /** Begun with the middle button or with space held: its end is no click. */
  readonly onlyPans: boolean;
  x: number;
  y: number;
  moved: boolean;
}

interface DragPanOptions {
  /** The left button only pans too. */
  readonly onlyPans?: boolean;
  readonly onClick: (event: PointerEvent<HTMLElement>) => void;
  /** The pointer moves over the view without a drag; undefined when it leaves. */
  readonly onHover?: (event: PointerEvent<HTMLElement> | undefined) => void;
}

/** Pointer handlers of a view: dragging with the left or the middle button pans, what is no drag is a click. */
export function useDragPan(viewport: ViewportController, { onlyPans = false, onClick, onHover }: DragPanOptions) {
  const drag = useRef<Drag | undefined>(undefined);
  const [panning, setPanning] = useState(false);
  const end = () => {
    drag.current = undefined;
    setPanning(false);
  };
  return {
    panning,
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        const { button, clientX: x, clientY: y } = event;
        if (button > 1) return;
        // The middle button would start the browser's own scrolling.
        if (button === 1) event.preventDefault();
        drag.current = { startX: x, startY: y, onlyPans: onlyPans || button === 1, x, y, moved: false };
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        const now = drag.current;
        if (now === undefined) {
          onHover?.(event);
          return;
        }
        const distance = Math.hypot(event.clientX - now.startX, event.clientY - now.startY);
        if (!now.moved && distance >= dragThreshold) {
          now.moved = true;
          if (event.isTrusted) event.currentTarget.setPointerCapture(event.pointerId);
          setPanning(true);
        }
        if (now.moved) viewport.panBy(event.clientX - now.x, event.clientY - now.y);
        now.x = event.clientX;
        now.y = event.clientY;
      },
      onPointerUp: (event: PointerEvent<HTMLElement>) => {
        const ended = drag.current;
        end();
        if (ended !== undefined && !ended.moved && !ended.onlyPans) onClick(event);
      },
      onPointerCancel: end,
      onPointerLeave: () => {
        if (drag.current?.moved === true) return;
        drag.current = undefined;
        onHover?.(undefined);
      },
    },
  };
}

/** Where a pointer is: x, y in px of the image, and by how many of them it may miss a box. */
export function imagePosition(viewport: ViewportController, event: PointerEvent<HTMLElement>) {
  const frame = event.currentTarget.getBoundingClientRect();
  const present = viewport.current();
  const [x, y] = toImage(present, event.clientX - frame.left, event.clientY - frame.top);
  return [x, y, reach / present.scale] as const;
}
