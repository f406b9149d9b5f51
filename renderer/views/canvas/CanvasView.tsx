import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Detection, ImageRef } from "../../../app/contract/index.ts";
import { canvasCatalogue, catalogue } from "../../logic/commands/catalogue.ts";
import { selectedDetection, visibleElements } from "../../store/selectors.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { useRegisteredCommands } from "../../store/use-registered-commands.ts";
import { cx } from "../../ui/cx.ts";
import { CanvasToolbar } from "./CanvasToolbar.tsx";
import styles from "./CanvasView.module.css";
import { Minimap } from "./Minimap.tsx";
import { RunProgress } from "./RunProgress.tsx";
import { ShrunkNote } from "./ShrunkNote.tsx";
import { Stage } from "./Stage.tsx";
import { useCanvasPointer } from "./use-canvas-pointer.ts";
import { useViewportController } from "./use-viewport.ts";

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
  const boxesVisible = useApp((state) => state.prefs.boxesVisible);
  const [unreadable, setUnreadable] = useState(false);

  const view = useRef<HTMLDivElement>(null);
  const viewport = useViewportController(view, image);
  const pointer = useCanvasPointer(viewport, boxesVisible ? items : noDetections);

  useEffect(() => {
    if (selected !== undefined) viewport.reveal(selected.bbox);
  }, [selected, viewport]);

  useRegisteredCommands([
    { ...canvasCatalogue.fit, run: () => viewport.fit() },
    { ...canvasCatalogue.actualPixels, run: () => viewport.oneToOne() },
    { ...canvasCatalogue.zoomIn, run: () => viewport.zoomIn() },
    { ...canvasCatalogue.zoomOut, run: () => viewport.zoomOut() },
    { ...catalogue.toggleBoxes, run: () => commands.toggleBoxes() },
    { ...canvasCatalogue.toggleLabels, run: () => commands.declutter.toggleTags() },
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
        <ShrunkNote />
        <CanvasToolbar viewport={viewport} />
      </div>
    </section>
  );
}
