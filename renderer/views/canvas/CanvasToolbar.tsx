import { useCallback, useRef } from "react";
import type { Viewport } from "../../model/canvas/viewport.ts";
import { formatCount } from "../../model/format.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { tipText } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Tip } from "../../ui/Tip.tsx";
import styles from "./CanvasToolbar.module.css";
import { canvasCommands } from "./canvas-commands.ts";
import { useViewportMoves } from "./use-viewport.ts";
import type { ViewportController } from "./viewport-controller.ts";

interface CanvasToolbarProps {
  readonly viewport: ViewportController;
  readonly zoomIn: () => void;
  readonly zoomOut: () => void;
}

/** Zoom and visibility. 100 % is one image px on one device px. */
export function CanvasToolbar({ viewport, zoomIn, zoomOut }: CanvasToolbarProps) {
  const commands = useCommands();
  const visible = useApp((state) => state.view.boxesVisible);
  const tagsVisible = useApp((state) => state.view.tagsVisible);
  return (
    <div className={styles.bar} role="toolbar" aria-label="Zoom and boxes">
      <Tip text={tipText(canvasCommands.toggleBoxes, visible ? "Hide boxes" : "Show boxes")}>
        <Button
          look="quiet"
          square
          aria-label="Show boxes"
          aria-pressed={visible}
          data-testid="toggle-boxes"
          onClick={() => commands.toggleBoxes()}
        >
          <Icon name={visible ? "eye" : "eyeOff"} />
        </Button>
      </Tip>
      <Tip text={tipText(canvasCommands.toggleLabels, tagsVisible ? "Hide labels" : "Show labels where there is room")}>
        <Button
          look="quiet"
          square
          aria-label="Show labels"
          aria-pressed={tagsVisible}
          data-testid="toggle-labels"
          onClick={() => commands.declutter.toggleTags()}
        >
          <Icon name={tagsVisible ? "tag" : "tagOff"} />
        </Button>
      </Tip>
      <span className={styles.divider} />
      <Tip text={tipText(canvasCommands.zoomOut)}>
        <Button look="quiet" square aria-label="Zoom out" onClick={zoomOut}>
          <Icon name="minus" />
        </Button>
      </Tip>
      <ZoomFigure viewport={viewport} />
      <Tip text={tipText(canvasCommands.zoomIn)}>
        <Button look="quiet" square aria-label="Zoom in" onClick={zoomIn}>
          <Icon name="plus" />
        </Button>
      </Tip>
      <span className={styles.divider} />
      <Tip text={tipText(canvasCommands.fit)}>
        <Button look="quiet" square aria-label="Fit the window" onClick={() => viewport.fit()}>
          <Icon name="fit" />
        </Button>
      </Tip>
      <Tip text={tipText(canvasCommands.actualPixels)}>
        <Button
          look="quiet"
          square
          className={styles.one}
          aria-label="Actual pixels"
          onClick={() => viewport.oneToOne()}
        >
          1:1
        </Button>
      </Tip>
    </div>
  );
}

/** The magnification in device px; written straight into the page, since it changes with each frame. */
function ZoomFigure({ viewport }: { readonly viewport: ViewportController }) {
  const output = useRef<HTMLOutputElement>(null);
  const show = useCallback(({ scale }: Viewport) => {
    const text = `${formatCount(Math.round(scale * window.devicePixelRatio * 100))} %`;
    if (output.current !== null && output.current.textContent !== text) output.current.textContent = text;
  }, []);
  useViewportMoves(viewport, show);
  return <output ref={output} className={styles.percent} aria-label="Zoom" data-testid="zoom" />;
}
