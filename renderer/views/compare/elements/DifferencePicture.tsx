import { useCallback, useEffect, useRef } from "react";
import type { ImageRef, RunRecord } from "../../../../app/contract/index.ts";
import type { Viewport } from "../../../logic/canvas/viewport.ts";
import { compareCatalogue } from "../../../logic/commands/catalogue.ts";
import { boxOf, type Difference, differencesAt } from "../../../logic/compare/differences.ts";
import type { OverlayMode } from "../../../store/compare-slice.ts";
import { useApp, useCommands, useImageUrl } from "../../../store/use-app.tsx";
import { useRegisteredCommands } from "../../../store/use-registered-commands.ts";
import { cx } from "../../../ui/cx.ts";
import canvas from "../../canvas/CanvasView.module.css";
import { imagePosition, useDragPan } from "../../canvas/use-drag-pan.ts";
import { useViewportController, useViewportMoves } from "../../canvas/use-viewport.ts";
import styles from "./DifferencePicture.module.css";
import { OverlayToolbar } from "./OverlayToolbar.tsx";
import { SideLayer } from "./SideLayer.tsx";
import { SwipeHandle } from "./SwipeHandle.tsx";

/** Device px for one image px from which single pixels are shown as squares. */
const pixelatedFrom = 2;

interface DifferencePictureProps {
  readonly image: ImageRef;
  readonly a: RunRecord;
  readonly b: RunRecord;
  readonly differences: readonly Difference[];
}

/** The screenshot with the boxes of both runs, divided by a line, or one after the other. */
export function DifferencePicture({ image, a, b, differences }: DifferencePictureProps) {
  const commands = useCommands();
  const url = useImageUrl(image.id);
  const overlay = useApp((state) => state.compare.overlay);
  const swipe = useApp((state) => state.compare.swipe);
  const selected = useApp((state) => differences.find(({ id }) => id === state.compare.selectedId));
  const view = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLDivElement>(null);
  const layers = useRef<(SVGGElement | null)[]>([]);
  const paint = useCallback(({ x, y, scale }: Viewport) => {
    const transform = `translate(${x}px, ${y}px) scale(${scale})`;
    picture.current?.style.setProperty("transform", transform);
    const pixelated = scale * window.devicePixelRatio >= pixelatedFrom;
    picture.current?.style.setProperty("image-rendering", pixelated ? "pixelated" : "auto");
    for (const layer of layers.current) layer?.style.setProperty("transform", transform);
  }, []);
  const viewport = useViewportController(view, image);
  useViewportMoves(viewport, paint);
  const { panning, handlers } = useDragPan(viewport, {
    // The smallest box first; a further click selects the next larger one.
    onClick: (event) => {
      const under = differencesAt(differences, ...imagePosition(viewport, event));
      const next = (under.findIndex(({ id }) => id === selected?.id) + 1) % Math.max(1, under.length);
      commands.compare.look({ selectedId: under[next]?.id });
    },
  });

  useEffect(() => {
    if (selected !== undefined) viewport.closeUp(boxOf(selected), 0.4, 4);
  }, [viewport, selected]);

  useRegisteredCommands([
    { ...compareCatalogue.flicker, run: () => commands.compare.flicker() },
    { ...compareCatalogue.swipe, run: () => commands.compare.look({ overlay: "swipe" }) },
    { ...compareCatalogue.both, run: () => commands.compare.look({ overlay: "both" }) },
    { ...compareCatalogue.swap, run: () => commands.compare.swap() },
    { ...compareCatalogue.fit, run: () => viewport.fit() },
    { ...compareCatalogue.oneToOne, run: () => viewport.oneToOne() },
    { ...compareCatalogue.zoomIn, run: () => viewport.zoomIn() },
    { ...compareCatalogue.zoomOut, run: () => viewport.zoomOut() },
  ]);

  return (
    <section className={canvas.canvas} aria-label="Both runs upon the screenshot">
      <div
        ref={view}
        className={cx(canvas.view, panning && canvas.panning)}
        data-testid="compare-picture"
        {...handlers}
      >
        <div ref={picture} className={styles.picture}>
          <img
            src={url}
            width={image.width}
            height={image.height}
            alt={image.name === undefined ? "Screenshot" : `Screenshot ${image.name}`}
            draggable={false}
          />
        </div>
        {(["a", "b"] as const).map((side, index) => (
          <svg
            key={side}
            className={styles.overlay}
            role="img"
            aria-label={`${(side === "a" ? a : b).detections.length} elements of ${side.toUpperCase()}`}
            data-testid={`overlay-layer-${side}`}
            style={{ clipPath: clipOf(side, overlay, swipe) }}
          >
            <g
              ref={(element) => {
                layers.current[index] = element;
              }}
              className={styles.boxes}
            >
              <SideLayer side={side} differences={differences} selectedId={selected?.id} />
            </g>
          </svg>
        ))}
        {overlay === "swipe" && <SwipeHandle />}
      </div>
      <OverlayToolbar />
    </section>
  );
}

/** The part of the view in which a side's boxes are seen. */
function clipOf(side: "a" | "b", overlay: OverlayMode, swipe: number): string {
  if (overlay === "both" || overlay === side) return "none";
  if (overlay !== "swipe") return "inset(0 100% 0 0)";
  return side === "a" ? `inset(0 ${100 - swipe}% 0 0)` : `inset(0 0 0 ${swipe}%)`;
}
