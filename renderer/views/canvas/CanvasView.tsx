import { useCallback, useEffect, useRef, useState } from "react";
import type { Detection, ImageRef } from "../../../app/contract/index.ts";
import type { Viewport } from "../../model/viewport.ts";
import { selectedDetection, shownDetections } from "../../store/selectors.ts";
import { useApp, useCommands, useImageUrl, useMenuCommand } from "../../store/use-app.tsx";
import { cx } from "../../ui/cx.ts";
import { useShortcuts } from "../../ui/use-shortcuts.ts";
import { BoxLayer } from "./BoxLayer.tsx";
import { CanvasToolbar } from "./CanvasToolbar.tsx";
import styles from "./CanvasView.module.css";
import { ElementTag } from "./ElementTag.tsx";
import { RunProgress } from "./RunProgress.tsx";
import { useCanvasPointer } from "./use-canvas-pointer.ts";
import { useViewport } from "./use-viewport.ts";

/** Magnification (CSS px for one image px) from which single pixels are shown as squares. */
const pixelatedFrom = 2;
const zoomStep = 1.25;
const noDetections: readonly Detection[] = [];

/** The screenshot with its elements, at any zoom. */
export function CanvasView({ image }: { readonly image: ImageRef }) {
  const commands = useCommands();
  const url = useImageUrl(image.id);
  const detections = useApp(shownDetections);
  const selected = useApp(selectedDetection);
  const hovered = useApp((state) => detections.find((each) => each.id === state.view.hoveredId));
  const boxesVisible = useApp((state) => state.view.boxesVisible);
  const [unreadable, setUnreadable] = useState(false);

  const view = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLImageElement>(null);
  const boxes = useRef<SVGGElement>(null);
  const tags = useRef<HTMLDivElement>(null);
  const paint = useCallback(({ x, y, scale }: Viewport) => {
    const transform = `translate(${x}px, ${y}px) scale(${scale})`;
    picture.current?.style.setProperty("transform", transform);
    boxes.current?.style.setProperty("transform", transform);
    boxes.current?.style.setProperty("--unscale", String(1 / scale));
    for (const [name, value] of [
      ["--x", x],
      ["--y", y],
      ["--scale", scale],
      ["--width", view.current?.clientWidth ?? 0],
      ["--height", view.current?.clientHeight ?? 0],
    ] as const) {
      tags.current?.style.setProperty(name, String(value));
    }
  }, []);
  const viewport = useViewport(view, image, paint);
  const pointer = useCanvasPointer(viewport, boxesVisible ? detections : noDetections);

  const { reveal } = viewport;
  const revealNow = useRef(reveal);
  useEffect(() => {
    revealNow.current = reveal;
  });
  useEffect(() => {
    if (selected !== undefined) revealNow.current(selected.bbox);
  }, [selected]);

  const toggleBoxes = useCallback(() => commands.toggleBoxes(), [commands]);
  useMenuCommand("toggle-boxes", toggleBoxes);
  const zoomIn = () => viewport.zoomBy(zoomStep);
  const zoomOut = () => viewport.zoomBy(1 / zoomStep);
  useShortcuts({
    "0": viewport.fit,
    "1": viewport.oneToOne,
    "+": zoomIn,
    "=": zoomIn,
    "-": zoomOut,
    h: toggleBoxes,
  });

  return (
    <section className={styles.canvas} aria-label="Screenshot">
      <div
        ref={view}
        className={cx(styles.view, pointer.panning && styles.panning, hovered !== undefined && styles.pointing)}
        data-testid="canvas"
        {...pointer.handlers}
      >
        <img
          ref={picture}
          className={cx(styles.picture, viewport.scale >= pixelatedFrom && styles.pixelated)}
          src={url}
          width={image.width}
          height={image.height}
          alt={image.name === undefined ? "Screenshot" : `Screenshot ${image.name}`}
          draggable={false}
          data-testid="screenshot"
          onLoad={() => setUnreadable(false)}
          onError={() => setUnreadable(true)}
        />
        <svg className={styles.overlay} role="img" aria-label={overlayText(detections.length, boxesVisible)}>
          <g ref={boxes} className={styles.boxes}>
            {boxesVisible && <BoxLayer detections={detections} selectedId={selected?.id} hoveredId={hovered?.id} />}
          </g>
        </svg>
        <div ref={tags} className={styles.tags}>
          {boxesVisible && selected !== undefined && <ElementTag detection={selected} />}
          {boxesVisible && hovered !== undefined && hovered.id !== selected?.id && <ElementTag detection={hovered} />}
        </div>
        {unreadable && <p className={styles.unreadable}>The stored image cannot be shown. Open the file again.</p>}
      </div>
      <div className={styles.footer}>
        <RunProgress />
        <CanvasToolbar viewport={viewport} zoomIn={zoomIn} zoomOut={zoomOut} />
      </div>
    </section>
  );
}

function overlayText(count: number, visible: boolean): string {
  if (!visible) return "Boxes are hidden";
  return `${count} marked elements; the element list names them`;
}
