import { type PointerEvent, useRef, useState } from "react";
import { toImage } from "../../../model/canvas/viewport.ts";
import { type Difference, differencesAt } from "../../../model/compare/differences.ts";
import { useApp, useCommands } from "../../../store/use-app.tsx";
import type { ViewportController } from "../../canvas/viewport-controller.ts";

/** CSS px that a pointer may move before a click becomes a drag. */
const dragThreshold = 4;
/** CSS px by which a click may miss a box. */
const reach = 3;

/** Dragging pans; clicking selects, the smallest box first, and a second click the next larger. */
export function useDifferencePointer(viewport: ViewportController, differences: readonly Difference[]) {
  const commands = useCommands();
  const selectedId = useApp((state) => state.compare.selectedId);
  const drag = useRef<{ x: number; y: number; moved: boolean } | undefined>(undefined);
  const [panning, setPanning] = useState(false);
  const end = () => {
    drag.current = undefined;
    setPanning(false);
  };
  return {
    "data-panning": panning,
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button <= 1) drag.current = { x: event.clientX, y: event.clientY, moved: false };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const now = drag.current;
      if (now === undefined) return;
      const [dx, dy] = [event.clientX - now.x, event.clientY - now.y];
      if (!now.moved && Math.hypot(dx, dy) < dragThreshold) return;
      if (!now.moved) {
        if (event.isTrusted) event.currentTarget.setPointerCapture(event.pointerId);
        setPanning(true);
      }
      viewport.panBy(dx, dy);
      drag.current = { x: event.clientX, y: event.clientY, moved: true };
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const ended = drag.current;
      end();
      if (ended === undefined || ended.moved || event.button !== 0) return;
      const frame = event.currentTarget.getBoundingClientRect();
      const present = viewport.current();
      const [x, y] = toImage(present, event.clientX - frame.left, event.clientY - frame.top);
      const under = differencesAt(differences, x, y, reach / present.scale);
      const next = (under.findIndex(({ id }) => id === selectedId) + 1) % Math.max(1, under.length);
      commands.compare.look({ selectedId: under[next]?.id });
    },
    onPointerCancel: end,
  };
}
