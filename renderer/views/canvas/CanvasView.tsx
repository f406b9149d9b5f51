import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Detection, ImageRef } from "../../../app/contract/index.ts";
import { selectedDetection, visibleElements } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { cx } from "../../ui/cx.ts";
import { CanvasToolbar } from "./CanvasToolbar.tsx";
import styles from "./CanvasView.module.css";
import { canvasCommands } from "./canvas-commands.ts";
import { Minimap } from "./Minimap.tsx";
import { RunProgress } from "./RunProgress.tsx";
import { Stage } from "./Stage.tsx";
import { useCanvasPointer } from "./use-canvas-pointer.ts";
import { useViewportController } from "./use-viewport.ts";

const zoomStep = 1.25;
/** CSS px that an arrow key pans. */
const panStep = 60;
const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [panStep, 0],
  ArrowRight: [-panStep, 0],
  ArrowUp: [0, panStep],
  ArrowDown: [0, -panStep],
};
const noDetections: readonly Detection[] = [];

/** The screenshot with its elements, at any zoom. */
export function CanvasView({ image }: { readonly image: ImageRef }) {
  const commands = useCommands();
  const { items } = useApp(visibleElements);
  const selected = useApp(selectedDetection);
  const hovered = useApp((state) => items.find((each) => each.id === state.view.hoveredId));
  const boxesVisible = useApp((state) => state.view.boxesVisible);
  const [unreadable, setUnreadable] = useState(false);

  const view = useRef<HTMLDivElement>(null);
  const viewport = useViewportController(view, image);
  const pointer = useCanvasPointer(viewport, boxesVisible ? items : noDetections);

  useEffect(() => {
    if (selected !== undefined) viewport.reveal(selected.bbox);
  }, [selected, viewport]);

  const zoomIn = () => viewport.zoomBy(zoomStep);
  const zoomOut = () => viewport.zoomBy(1 / zoomStep);
  useRegisteredCommands([
    { ...canvasCommands.fit, run: () => viewport.fit() },
    { ...canvasCommands.actualPixels, run: () => viewport.oneToOne() },
    { ...canvasCommands.zoomIn, run: zoomIn },
    { ...canvasCommands.zoomOut, run: zoomOut },
    { ...canvasCommands.toggleBoxes, run: () => commands.toggleBoxes() },
    { ...canvasCommands.toggleLabels, run: () => commands.declutter.toggleTags() },
  ]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = arrows[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    viewport.panBy(...step);
  };

  return (
    <section className={styles.canvas} aria-label="Screenshot">
      <div
        ref={view}
        className={cx(
          styles.view,
          hovered !== undefined && styles.pointing,
          pointer.readyToPan && styles.ready,
          pointer.panning && styles.panning,
        )}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys pan it.
        tabIndex={0}
        aria-label="Canvas: arrow keys pan, plus and minus zoom"
        data-testid="canvas"
        onKeyDown={onKeyDown}
        {...pointer.handlers}
      >
        <Stage
          image={image}
          viewport={viewport}
          hovered={hovered}
          onReadable={(readable) => setUnreadable(!readable)}
        />
        {unreadable && <p className={styles.unreadable}>The stored image cannot be shown. Open the file again.</p>}
      </div>
      <Minimap viewport={viewport} image={image} />
      <div className={styles.footer}>
        <RunProgress />
        <CanvasToolbar viewport={viewport} zoomIn={zoomIn} zoomOut={zoomOut} />
      </div>
    </section>
  );
}
