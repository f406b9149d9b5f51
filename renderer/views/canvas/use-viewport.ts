import { type RefObject, useEffect, useLayoutEffect, useState, useSyncExternalStore } from "react";
import type { Size } from "../../../app/contract/index.ts";
import type { Viewport } from "../../logic/canvas/viewport.ts";
import { WheelReader } from "../../logic/canvas/wheel.ts";
import { ViewportController, type ViewportListener } from "./viewport-controller.ts";

/** Zoom and pan of an image; one controller for the life of the component. */
export function useViewportController(view: RefObject<HTMLElement | null>, image: Size): ViewportController {
  const [controller] = useState(() => new ViewportController(image));
  useLayoutEffect(() => (view.current === null ? undefined : controller.attach(view.current)), [controller, view]);

  useEffect(() => {
    const element = view.current;
    if (element === null) return;
    const reader = new WheelReader();
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const intent = reader.read(event, event.timeStamp);
      if (intent.kind === "pan") {
        controller.panBy(intent.dx, intent.dy);
        return;
      }
      const frame = element.getBoundingClientRect();
      controller.zoomBy(intent.factor, event.clientX - frame.left, event.clientY - frame.top);
    };
    // React's wheel listeners are passive: only a native one can keep the page from scrolling.
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [controller, view]);
  return controller;
}

/** Calls back once for each display frame in which the viewport has changed, and at once with the present one. */
export function useViewportMoves(controller: ViewportController, listener: ViewportListener): void {
  useLayoutEffect(() => {
    listener(controller.current(), controller.viewSize());
    return controller.onMove(listener);
  }, [controller, listener]);
}

/** The viewport at rest: the component renders again when it has come to rest somewhere else. */
export function useRestedViewport(controller: ViewportController): Viewport {
  return useSyncExternalStore(
    (changed) => controller.onRest(changed),
    () => controller.atRest(),
  );
}
