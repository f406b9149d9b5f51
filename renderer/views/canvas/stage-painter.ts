import type { Size } from "../../../app/contract/index.ts";
import type { Viewport } from "../../logic/canvas/viewport.ts";

/** Device px for one image px from which single pixels are shown as squares. */
const pixelatedFrom = 2;
/**
 * How far the magnification may leave the drawn one before the stage is drawn anew while it still moves. Above, it is
 * only less sharp until it rests; below, the compositor has to put ever more painted tiles together for each frame.
 */
const movingRange = { from: 0.6, to: 3 };
/** A stage that is drawn anew while it shrinks is drawn this much smaller than it is, to last longer. */
const ahead = 0.75;

export interface StageParts {
  /** The one compositor layer: picture, boxes and labels. */
  readonly stage: HTMLElement;
  readonly picture: HTMLImageElement;
  readonly boxes: SVGSVGElement;
  /** Scales its children from image px to the drawn magnification. */
  readonly scaled: SVGGElement;
  readonly labels: HTMLElement;
}

/**
 * Draws the stage at a magnification and moves it from there by a transform alone. While it moves, nothing is laid out
 * or painted: the compositor shifts and scales what was painted. At rest it is drawn anew at the exact magnification,
 * so that pixels are crisp and strokes keep their width.
 */
export class StagePainter {
  #drawnScale = 0;
  /** Magnification for which the labels were placed. */
  #labelScale = 1;

  readonly #parts: StageParts;
  readonly #image: Size;

  constructor(parts: StageParts, image: Size) {
    this.#parts = parts;
    this.#image = image;
  }

  move({ x, y, scale }: Viewport): void {
    const ratio = scale / this.#drawnScale;
    if (ratio < movingRange.from) this.#draw(scale * ahead);
    else if (!(ratio <= movingRange.to)) this.#draw(scale);
    const rest = scale / this.#drawnScale;
    this.#parts.stage.style.transform = `translate(${x}px, ${y}px)${rest === 1 ? "" : ` scale(${rest})`}`;
  }

  rest(viewport: Viewport): void {
    this.#labelScale = viewport.scale;
    this.#draw(viewport.scale);
    this.move(viewport);
  }

  #draw(scale: number): void {
    const { picture, boxes, scaled, labels } = this.#parts;
    labels.style.transform = this.#labelScale === scale ? "" : `scale(${scale / this.#labelScale})`;
    if (this.#drawnScale === scale) return;
    this.#drawnScale = scale;
    const [width, height] = [`${this.#image.width * scale}px`, `${this.#image.height * scale}px`];
    for (const part of [picture, boxes]) {
      part.style.width = width;
      part.style.height = height;
    }
    picture.style.imageRendering = scale * window.devicePixelRatio >= pixelatedFrom ? "pixelated" : "auto";
    scaled.setAttribute("transform", `scale(${scale})`);
    scaled.style.setProperty("--unscale", String(1 / scale));
  }
}
