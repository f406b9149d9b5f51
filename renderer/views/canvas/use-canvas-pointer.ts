import { type PointerEvent, useEffect, useRef, useState } from "react";
import type { Detection } from "../../../app/contract/index.ts";
import { elementsAt } from "../../model/canvas/hit-test.ts";
import { toImage } from "../../model/canvas/viewport.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import type { ViewportController } from "./viewport-controller.ts";

/** CSS px that a pointer may move before a click becomes a drag. */
const dragThreshold = 4;
/** CSS px by which a click may miss a box. */
const reach = 3;

interface Drag {
  readonly startX: number;
  readonly startY: number;
  /** Begun with the middle button or with space held: it only pans. */
  readonly onlyPans: boolean;
  x: number;
  y: number;
  moved: boolean;
}

/**
 * Dragging pans, also with the middle button or with space held. Hovering and clicking find elements, the smallest
 * first; clicks that stay at one place go on to the next larger one. Ctrl, Cmd or Shift adds to the selection.
 */
export function useCanvasPointer(viewport: ViewportController, detections: readonly Detection[]) {
  const commands = useCommands();
  const selectedId = useApp((state) => state.view.selectedId);
  const drag = useRef<Drag | undefined>(undefined);
  const lastClick = useRef<{ readonly x: number; readonly y: number } | undefined>(undefined);
  const over = useRef(false);
  const [panning, setPanning] = useState(false);
  const [spaceHeld, setSpaceHeld] = useState(false);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.code !== "Space" || takesSpace(event.target)) return;
      if (event.type === "keydown" && !over.current) return;
      // Else space would press the focused button or scroll the page under the hand that pans.
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

  const elementsUnder = (event: PointerEvent<HTMLElement>) => {
    const frame = event.currentTarget.getBoundingClientRect();
    const present = viewport.current();
    const [x, y] = toImage(present, event.clientX - frame.left, event.clientY - frame.top);
    return elementsAt(detections, x, y, reach / present.scale);
  };

  const click = (event: PointerEvent<HTMLElement>) => {
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
    const present = samePlace ? under.findIndex((each) => each.id === selectedId) : -1;
    commands.select(under[(present + 1) % Math.max(1, under.length)]?.id);
  };

  const end = () => {
    drag.current = undefined;
    setPanning(false);
  };

  return {
    panning,
    readyToPan: spaceHeld,
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        if (event.button > 1) return;
        // The middle button would start the browser's own scrolling.
        if (event.button === 1) event.preventDefault();
        const { clientX, clientY } = event;
        const onlyPans = event.button === 1 || spaceHeld;
        drag.current = { startX: clientX, startY: clientY, onlyPans, x: clientX, y: clientY, moved: false };
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        over.current = true;
        const now = drag.current;
        if (now === undefined) {
          commands.hover(elementsUnder(event)[0]?.id);
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
        if (ended === undefined || ended.moved || ended.onlyPans) return;
        click(event);
      },
      onPointerCancel: end,
      onPointerLeave: () => {
        over.current = false;
        if (drag.current?.moved !== true) {
          drag.current = undefined;
          commands.hover(undefined);
        }
      },
    },
  };
}

function takesSpace(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
