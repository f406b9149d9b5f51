import { useCallback, useEffect, useRef } from "react";
import type { ImageRef, RunRecord } from "../../../../app/contract/index.ts";
import type { Viewport } from "../../../model/canvas/viewport.ts";
import { compareCatalogue } from "../../../model/compare/catalogue.ts";
import { boxOf, type Difference } from "../../../model/compare/differences.ts";
import type { OverlayMode } from "../../../store/compare-slice.ts";
import { useApp, useCommands, useImageUrl } from "../../../store/use-app.tsx";
import { useRegisteredCommands } from "../../../store/use-registered-commands.ts";
import { useViewportController, useViewportMoves } from "../../canvas/use-viewport.ts";
import styles from "./DifferencePicture.module.css";
import { OverlayToolbar } from "./OverlayToolbar.tsx";
import { SideLayer } from "./SideLayer.tsx";
import { SwipeHandle } from "./SwipeHandle.tsx";
import { useDifferencePointer } from "./use-difference-pointer.ts";
import { zoomToBox } from "./zoom-to-box.ts";

const zoomStep = 1.25;
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
  const pointer = useDifferencePointer(viewport, differences);

  useEffect(() => {
    if (selected !== undefined) zoomToBox(viewport, boxOf(selected));
  }, [viewport, selected]);

  useRegisteredCommands([
    { ...compareCatalogue.flicker, run: () => commands.compare.flicker() },
    { ...compareCatalogue.swipe, run: () => commands.compare.look({ overlay: "swipe" }) },
    { ...compareCatalogue.both, run: () => commands.compare.look({ overlay: "both" }) },
    { ...compareCatalogue.swap, run: () => commands.compare.swap() },
    { ...compareCatalogue.fit, run: () => viewport.fit() },
    { ...compareCatalogue.oneToOne, run: () => viewport.oneToOne() },
    { ...compareCatalogue.zoomIn, run: () => viewport.zoomBy(zoomStep) },
    { ...compareCatalogue.zoomOut, run: () => viewport.zoomBy(1 / zoomStep) },
  ]);

  return (
    <section className={styles.canvas} aria-label="Both runs upon the screenshot">
      <div ref={view} className={styles.view} data-testid="compare-picture" {...pointer}>
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
