import { formatCount } from "../../model/format.ts";
import { useApp, useCommands } from "../../store/use-app.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Tip } from "../../ui/Tip.tsx";
import styles from "./CanvasToolbar.module.css";
import type { ViewportControl } from "./use-viewport.ts";

interface CanvasToolbarProps {
  readonly viewport: ViewportControl;
  readonly zoomIn: () => void;
  readonly zoomOut: () => void;
}

/** Zoom and visibility. 100 % is one image px on one device px. */
export function CanvasToolbar({ viewport, zoomIn, zoomOut }: CanvasToolbarProps) {
  const commands = useCommands();
  const visible = useApp((state) => state.view.boxesVisible);
  const percent = Math.round(viewport.scale * window.devicePixelRatio * 100);
  return (
    <div className={styles.bar} role="toolbar" aria-label="Zoom and boxes">
      <Tip text={visible ? "Hide boxes (H)" : "Show boxes (H)"}>
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
      <span className={styles.divider} />
      <Tip text="Zoom out (-)">
        <Button look="quiet" square aria-label="Zoom out" onClick={zoomOut}>
          <Icon name="minus" />
        </Button>
      </Tip>
      <output className={styles.percent} aria-label="Zoom" data-testid="zoom">
        {formatCount(percent)} %
      </output>
      <Tip text="Zoom in (+)">
        <Button look="quiet" square aria-label="Zoom in" onClick={zoomIn}>
          <Icon name="plus" />
        </Button>
      </Tip>
      <span className={styles.divider} />
      <Tip text="Fit the window (0)">
        <Button look="quiet" square aria-label="Fit the window" onClick={viewport.fit}>
          <Icon name="fit" />
        </Button>
      </Tip>
      <Tip text="Actual pixels (1)">
        <Button look="quiet" square className={styles.one} aria-label="Actual pixels" onClick={viewport.oneToOne}>
          1:1
        </Button>
      </Tip>
    </div>
  );
}
