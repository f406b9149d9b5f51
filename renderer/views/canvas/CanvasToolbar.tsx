import { useCallback, useRef } from "react";
import { formatCount } from "../../../app/presentation/numbers.ts";
import type { Viewport } from "../../logic/canvas/viewport.ts";
import { canvasCatalogue, catalogue } from "../../logic/commands/catalogue.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { tipText } from "../../store/use-registered-commands.ts";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Tip } from "../../ui/Tip.tsx";
import styles from "./CanvasToolbar.module.css";
import { ScaleMenu } from "./ScaleMenu.tsx";
import { useViewportMoves } from "./use-viewport.ts";
import type { ViewportController } from "./viewport-controller.ts";

const { fit, actualPixels, zoomIn, zoomOut, toggleLabels } = canvasCatalogue;

/** Zoom and visibility. 100 % is one image px on one device px. */
export function CanvasToolbar({ viewport }: { readonly viewport: ViewportController }) {
  const commands = useCommands();
  const visible = useApp((state) => state.prefs.boxesVisible);
  const tagsVisible = useApp((state) => state.view.tagsVisible);
  return (
    <div className={styles.bar} role="toolbar" aria-label="Zoom and boxes">
      <IconButton
        icon={visible ? "eye" : "eyeOff"}
        label="Show boxes"
        tip={tipText(catalogue.toggleBoxes, visible ? "Hide boxes" : "Show boxes")}
        aria-pressed={visible}
        data-testid="toggle-boxes"
        onClick={() => commands.toggleBoxes()}
      />
      <IconButton
        icon={tagsVisible ? "tag" : "tagOff"}
        label="Show labels"
        tip={tipText(toggleLabels, tagsVisible ? "Hide labels" : "Show labels where there is room")}
        aria-pressed={tagsVisible}
        data-testid="toggle-labels"
        onClick={() => commands.declutter.toggleTags()}
      />
      <span className={styles.divider} />
      <IconButton icon="minus" label="Zoom out" tip={tipText(zoomOut)} onClick={() => viewport.zoomOut()} />
      <ZoomFigure viewport={viewport} />
      <IconButton icon="plus" label="Zoom in" tip={tipText(zoomIn)} onClick={() => viewport.zoomIn()} />
      <span className={styles.divider} />
      <IconButton icon="fit" label="Fit the window" tip={tipText(fit)} onClick={() => viewport.fit()} />
      <Tip text={tipText(actualPixels)}>
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
      <span className={styles.divider} />
      <ScaleMenu />
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
