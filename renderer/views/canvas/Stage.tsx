import { useLayoutEffect, useRef, useState } from "react";
import type { Detection, ImageRef } from "../../../app/contract/index.ts";
import { selectedDetection, visibleElements } from "../../store/selectors.ts";
import { useApp, useImageUrl } from "../../store/use-app.tsx";
import { TruthLayer } from "../truth/TruthLayer.tsx";
import { BoxLayer } from "./BoxLayer.tsx";
import { FocusOutline } from "./FocusOutline.tsx";
import { TextMeasure } from "./measure-text.ts";
import styles from "./Stage.module.css";
import { StagePainter } from "./stage-painter.ts";
import { TagLayer } from "./TagLayer.tsx";
import { useRestedViewport } from "./use-viewport.ts";
import type { ViewportController } from "./viewport-controller.ts";

interface StageProps {
  readonly image: ImageRef;
  readonly viewport: ViewportController;
  readonly hovered: Detection | undefined;
  /** Called when the stored image could, or could not, be shown. */
  readonly onReadable: (readable: boolean) => void;
}

/** The screenshot with boxes and labels: what moves when the view is panned and zoomed. */
export function Stage({ image, viewport, hovered, onReadable }: StageProps) {
  const url = useImageUrl(image.id);
  const { items, below } = useApp(visibleElements);
  const active = useApp(selectedDetection);
  const selectedIds = useApp((state) => state.view.selectedIds);
  const boxesVisible = useApp((state) => state.prefs.boxesVisible);
  const tagsVisible = useApp((state) => state.view.tagsVisible);
  const rested = useRestedViewport(viewport);
  const labels = useRef<HTMLDivElement>(null);
  const selected = active !== undefined && items.includes(active) ? active : undefined;
  const [measure, setMeasure] = useState<TextMeasure>();
  useLayoutEffect(() => {
    if (labels.current !== null) setMeasure(new TextMeasure(getComputedStyle(labels.current).font));
  }, []);
  const parts = usePaintedParts(viewport, image, labels);

  return (
    <div ref={parts.stage} className={styles.stage}>
      <img
        ref={parts.picture}
        className={styles.picture}
        src={url}
        width={image.width}
        height={image.height}
        alt={image.name === undefined ? "Screenshot" : `Screenshot ${image.name}`}
        draggable={false}
        data-testid="screenshot"
        onLoad={() => onReadable(true)}
        onError={() => onReadable(false)}
      />
      <svg ref={parts.boxes} className={styles.overlay} role="img" aria-label={overlayText(items.length, boxesVisible)}>
        <g ref={parts.scaled}>
          {boxesVisible && <FocusOutline />}
          {boxesVisible && (
            <BoxLayer detections={items} below={below} selectedIds={selectedIds} hoveredId={hovered?.id} />
          )}
          <TruthLayer viewport={viewport} />
        </g>
      </svg>
      <div ref={labels} className={styles.labels} aria-hidden="true">
        {boxesVisible && measure !== undefined && (
          <TagLayer
            measure={measure}
            viewport={rested}
            view={viewport.viewSize()}
            detections={items}
            below={below}
            showAll={tagsVisible}
            selected={selected}
            hovered={hovered}
          />
        )}
      </div>
    </div>
  );
}

/** Lets a painter follow the viewport. */
function usePaintedParts(
  viewport: ViewportController,
  image: ImageRef,
  labels: { readonly current: HTMLElement | null },
) {
  const [refs] = useState(() => ({
    stage: { current: null as HTMLDivElement | null },
    picture: { current: null as HTMLImageElement | null },
    boxes: { current: null as SVGSVGElement | null },
    scaled: { current: null as SVGGElement | null },
  }));
  useLayoutEffect(() => {
    const [stage, picture, boxes, scaled] = [
      refs.stage.current,
      refs.picture.current,
      refs.boxes.current,
      refs.scaled.current,
    ];
    if (!stage || !picture || !boxes || !scaled || !labels.current) return;
    const painter = new StagePainter({ stage, picture, boxes, scaled, labels: labels.current }, image);
    painter.rest(viewport.current());
    const ends = [viewport.onMove((now) => painter.move(now)), viewport.onRest((now) => painter.rest(now))];
    return () => {
      for (const end of ends) end();
    };
  }, [refs, viewport, image, labels]);
  return refs;
}

function overlayText(count: number, visible: boolean): string {
  if (!visible) return "Boxes are hidden";
  return `${count} marked elements; the element list names them`;
}
