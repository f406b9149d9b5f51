import { type PointerEvent, useEffect, useRef, useState } from "react";
import type { Detection } from "../../../app/contract/index.ts";
import { elementsAt } from "../../logic/canvas/hit-test.ts";
import { selectedId } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { dragThreshold, imagePosition, useDragPan } from "./use-drag-pan.ts";
import type { ViewportController } from "./viewport-controller.ts";

/**
 * Dragging pans, also with the middle button or with space held. Hovering and clicking find elements, the smallest
 * first; each further click at the same place goes on to the next larger one. Ctrl, Cmd or Shift adds to the selection.
 */
export function useCanvasPointer(viewport: ViewportController, detections: readonly Detection[]) {
  const commands = useCommands();
  const activeId = useApp(selectedId);
  const lastClick = useRef<{ readonly x: number; readonly y: number } | undefined>(undefined);
  const over = useRef(false);
  const [spaceHeld, setSpaceHeld] = useState(false);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.code !== "Space" || takesSpace(event.target)) return;
      if (event.type === "keydown" && !over.current) return;
      // Otherwise space would press the focused button or scroll the page while the hand pans.
      if (over.current) event.preventDefault();
      setSpaceHeld(event.type === "keydown");
    };
    window.addEventListener("keydown", onKey);
    window.addEventListener("keyup", onKey);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("keyup", onKey);
    };
  }, []);

  const elementsUnder = (event: PointerEvent<HTMLElement>) => elementsAt(detections, ...imagePosition(viewport, event));
  const onClick = (event: PointerEvent<HTMLElement>) => {
    const under = elementsUnder(event);
    const before = lastClick.current;
    lastClick.current = { x: event.clientX, y: event.clientY };
    const [smallest] = under;
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      if (smallest !== undefined) commands.selection.toggle(smallest.id);
      return;
    }
    const samePlace =
      before !== undefined && Math.hypot(before.x - event.clientX, before.y - event.clientY) <= dragThreshold;
    const present = samePlace ? under.findIndex((each) => each.id === activeId) : -1;
    commands.selection.select(under[(present + 1) % Math.max(1, under.length)]?.id);
  };
  const onHover = (event: PointerEvent<HTMLElement> | undefined) => {
    commands.hover(event === undefined ? undefined : elementsUnder(event)[0]?.id);
  };
  const { panning, handlers } = useDragPan(viewport, { onlyPans: spaceHeld, onClick, onHover });
  return {
    panning,
    readyToPan: spaceHeld,
    handlers: {
      ...handlers,
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        over.current = true;
        handlers.onPointerMove(event);
      },
      onPointerLeave: () => {
        over.current = false;
        handlers.onPointerLeave();
      },
    },
  };
}

function takesSpace(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
