import { type PointerEvent, useRef, useState } from "react";
import type { Detection } from "../../../app/contract/index.ts";
import { elementsAt } from "../../model/hit-test.ts";
import { toImage } from "../../model/viewport.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import type { ViewportControl } from "./use-viewport.ts";

/** CSS px that a pointer may move before a click becomes a drag. */
const dragThreshold = 4;
/** CSS px by which a click may miss a box. */
const reach = 3;

interface Drag {
  readonly startX: number;
  readonly startY: number;
  x: number;
  y: number;
  moved: boolean;
}

/** Dragging pans; hovering and clicking find elements, the smallest first, and a second click the next larger. */
export function useCanvasPointer(viewport: ViewportControl, detections: readonly Detection[]) {
  const commands = useCommands();
  const selectedId = useApp((state) => state.view.selectedId);
  const drag = useRef<Drag | undefined>(undefined);
  const [panning, setPanning] = useState(false);

  const elementsUnder = (event: PointerEvent<HTMLElement>) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const present = viewport.current();
    const [x, y] = toImage(present, event.clientX - frame.left, event.clientY - frame.top);
    return elementsAt(detections, x, y, reach / present.scale);
  };

  return {
    panning,
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        if (event.button > 1) return;
        drag.current = {
          startX: event.clientX,
          startY: event.clientY,
          x: event.clientX,
          y: event.clientY,
          moved: false,
        };
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        const now = drag.current;
        if (now === undefined) {
          commands.hover(elementsUnder(event)[0]?.id);
          return;
        }
        const distance = Math.hypot(event.clientX - now.startX, event.clientY - now.startY);
        if (!now.moved && distance >= dragThreshold) {
          now.moved = true;
          event.currentTarget.setPointerCapture(event.pointerId);
          setPanning(true);
        }
        if (now.moved) viewport.panBy(event.clientX - now.x, event.clientY - now.y);
        now.x = event.clientX;
        now.y = event.clientY;
      },
      onPointerUp: (event: PointerEvent<HTMLElement>) => {
        const ended = drag.current;
        drag.current = undefined;
        setPanning(false);
        if (ended === undefined || ended.moved || event.button !== 0) return;
        const under = elementsUnder(event);
        const next = (under.findIndex((each) => each.id === selectedId) + 1) % Math.max(1, under.length);
        commands.select(under[next]?.id);
      },
      onPointerCancel: () => {
        drag.current = undefined;
        setPanning(false);
      },
      onPointerLeave: () => {
        if (drag.current?.moved !== true) {
          drag.current = undefined;
          commands.hover(undefined);
        }
      },
    },
  };
}
