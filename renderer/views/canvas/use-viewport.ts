import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { BBox, Size } from "../../../app/contract/index.ts";
import {
  centred,
  clampViewport,
  fitViewport,
  revealBox,
  type Viewport,
  type ViewSize,
  zoomAt,
} from "../../model/viewport.ts";

export interface ViewportControl {
  /** CSS px for one image px, for what must render again when it changes. */
  readonly scale: number;
  /** The present viewport, without rendering. */
  readonly current: () => Viewport;
  readonly fit: () => void;
  /** One image px on one device px, centred. */
  readonly oneToOne: () => void;
  /** At the view's centre, or at a position in the view (CSS px). */
  readonly zoomBy: (factor: number, atX?: number, atY?: number) => void;
  readonly panBy: (dx: number, dy: number) => void;
  readonly reveal: (bbox: BBox) => void;
}

/** Smallest magnification, as a part of the fitted one. */
const minOfFit = 0.5;

/**
 * Zoom and pan of an image in a view. Each change goes straight to `paint`, without a React render of the boxes;
 * only `scale` is state. A fitted image stays fitted when the view changes its size.
 */
export function useViewport(
  view: RefObject<HTMLElement | null>,
  image: Size,
  paint: (viewport: Viewport) => void,
): ViewportControl {
  const viewport = useRef<Viewport>({ x: 0, y: 0, scale: 1 });
  const size = useRef<ViewSize>({ width: 1, height: 1 });
  const fitted = useRef(true);
  const [scale, setScale] = useState(1);
  const { width, height } = image;

  const show = useCallback(
    (next: Viewport) => {
      viewport.current = clampViewport(next, { width, height }, size.current);
      paint(viewport.current);
      setScale(viewport.current.scale);
    },
    [width, height, paint],
  );
  const fit = useCallback(() => {
    fitted.current = true;
    show(fitViewport({ width, height }, size.current));
  }, [width, height, show]);

  useLayoutEffect(() => {
    const element = view.current;
    if (element === null) return;
    const measure = () => {
      size.current = { width: element.clientWidth, height: element.clientHeight };
      if (fitted.current) fit();
      else show(viewport.current);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [view, fit, show]);

  const zoomBy = useCallback(
    (factor: number, atX = size.current.width / 2, atY = size.current.height / 2) => {
      fitted.current = false;
      const smallest = Math.min(1, fitViewport({ width, height }, size.current).scale) * minOfFit;
      show(zoomAt(viewport.current, factor, atX, atY, smallest));
    },
    [width, height, show],
  );

  useEffect(() => {
    const element = view.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const frame = element.getBoundingClientRect();
      // Pixels, lines and pages of a wheel; a trackpad's pinch comes as ctrl + wheel with small steps.
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 33;
      const speed = event.ctrlKey ? 0.01 : 0.0018;
      zoomBy(Math.exp(-event.deltaY * unit * speed), event.clientX - frame.left, event.clientY - frame.top);
    };
    // React's wheel listeners are passive: only a native one can keep the page from scrolling.
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [view, zoomBy]);

  return useMemo(
    () => ({
      scale,
      current: () => viewport.current,
      fit,
      oneToOne: () => {
        fitted.current = false;
        show(centred({ width, height }, size.current, 1 / window.devicePixelRatio));
      },
      zoomBy,
      panBy: (dx, dy) => {
        fitted.current = false;
        const { x, y, scale: same } = viewport.current;
        show({ x: x + dx, y: y + dy, scale: same });
      },
      reveal: (bbox) => {
        const next = revealBox(viewport.current, bbox, size.current);
        if (next === viewport.current) return;
        fitted.current = false;
        show(next);
      },
    }),
    [scale, fit, show, zoomBy, width, height],
  );
}
