import { type PointerEvent, useCallback, useRef } from "react";
import type { ImageRef } from "../../../app/contract/index.ts";
import { overflows, type Viewport, type ViewSize, visiblePart } from "../../logic/canvas/viewport.ts";
import { useImageUrl } from "../../store/use-app.tsx";
import styles from "./Minimap.module.css";
import { useViewportMoves } from "./use-viewport.ts";
import type { ViewportController } from "./viewport-controller.ts";

/** Longest sides in CSS px. */
const limit = { width: 176, height: 132 };
/** Smallest frame that can still be seen and taken hold of, CSS px. */
const smallestPart = 8;

interface MinimapProps {
  readonly viewport: ViewportController;
  readonly image: ImageRef;
}

/** The whole screenshot small, with the part in view as a frame to drag. Only there while a part is out of view. */
export function Minimap({ viewport, image }: MinimapProps) {
  const url = useImageUrl(image.id);
  const map = useRef<HTMLDivElement>(null);
  const part = useRef<HTMLDivElement>(null);
  /** From the pointer to the middle of the frame, in image px, while it is dragged. */
  const grip = useRef<readonly [number, number] | undefined>(undefined);
  const ratio = Math.min(limit.width / image.width, limit.height / image.height);

  const follow = useCallback(
    (present: Viewport, view: ViewSize) => {
      if (map.current === null || part.current === null) return;
      map.current.hidden = !overflows(present, image, view);
      if (map.current.hidden) return;
      const [left, top, right, bottom] = visiblePart(present, view);
      const x = Math.max(0, left) * ratio;
      const y = Math.max(0, top) * ratio;
      const width = Math.max(smallestPart, Math.min(image.width, right) * ratio - x);
      const height = Math.max(smallestPart, Math.min(image.height, bottom) * ratio - y);
      part.current.style.transform = `translate(${x}px, ${y}px)`;
      part.current.style.width = `${width}px`;
      part.current.style.height = `${height}px`;
    },
    [image, ratio],
  );
  useViewportMoves(viewport, follow);

  const imagePosition = (event: PointerEvent<HTMLElement>): readonly [number, number] => {
    const frame = event.currentTarget.getBoundingClientRect();
    return [(event.clientX - frame.left) / ratio, (event.clientY - frame.top) / ratio];
  };
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (grip.current === undefined) return;
    const [x, y] = imagePosition(event);
    viewport.centreOn(x + grip.current[0], y + grip.current[1]);
  };
  const release = () => {
    grip.current = undefined;
  };
  return (
    <div
      ref={map}
      className={styles.map}
      style={{ width: image.width * ratio, height: image.height * ratio }}
      data-testid="minimap"
      hidden
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        const [x, y] = imagePosition(event);
        const [left, top, right, bottom] = visiblePart(viewport.current(), viewport.viewSize());
        const inPart = x >= left && x <= right && y >= top && y <= bottom;
        grip.current = inPart ? [(left + right) / 2 - x, (top + bottom) / 2 - y] : [0, 0];
        drag(event);
      }}
      onPointerMove={drag}
      onPointerUp={release}
      onPointerCancel={release}
    >
      <img className={styles.picture} src={url} alt="" draggable={false} decoding="async" />
      <div ref={part} className={styles.part} data-testid="minimap-part" />
    </div>
  );
}
