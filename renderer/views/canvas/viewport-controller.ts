import type { BBox, Size } from "../../../app/contract/index.ts";
import {
  centred,
  clampViewport,
  fitViewport,
  revealBox,
  snapped,
  type Viewport,
  type ViewSize,
  zoomAt,
} from "../../logic/canvas/viewport.ts";

export type ViewportListener = (viewport: Viewport, view: ViewSize) => void;

/** Factor of one step of zooming in. */
const zoomStep = 1.25;
/** Smallest magnification, as a part of the fitted one. */
const minOfFit = 0.5;
/** ms without a change after which the picture counts as at rest. */
const restAfter = 140;

/**
 * Zoom and pan of one image in one view, outside React: while it moves, listeners are called once for each display
 * frame, and once more when it has come to rest. A fitted image stays fitted when the view changes its size.
 */
export class ViewportController {
  /** What is shown. */
  #present: Viewport = { x: 0, y: 0, scale: 1 };
  /** The same before it was snapped to device pixels, so that a drag with pauses does not add up what snapping moved. */
  #exact: Viewport = this.#present;
  #view: ViewSize = { width: 1, height: 1 };
  #fitted = true;
  #frame: number | undefined;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #rested: Viewport = this.#present;
  readonly #moveListeners = new Set<ViewportListener>();
  readonly #restListeners = new Set<ViewportListener>();

  readonly #image: Size;

  constructor(image: Size) {
    this.#image = image;
  }

  /** Follows the size of the view. Returns the function that ends it. */
  attach(element: HTMLElement): () => void {
    const measure = () => {
      this.#view = { width: element.clientWidth, height: element.clientHeight };
      this.#set(this.#fitted ? fitViewport(this.#image, this.#view) : this.#exact, this.#fitted);
      this.#settle();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
      if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
      clearTimeout(this.#restTimer);
      this.#frame = undefined;
    };
  }

  current(): Viewport {
    return this.#present;
  }

  viewSize(): ViewSize {
    return this.#view;
  }

  /** The viewport as it was when it came to rest last: the same reference until it does again. */
  atRest(): Viewport {
    return this.#rested;
  }

  /** Calls back once for each display frame in which the viewport has changed. */
  onMove(listener: ViewportListener): () => void {
    this.#moveListeners.add(listener);
    return () => this.#moveListeners.delete(listener);
  }

  onRest(listener: ViewportListener): () => void {
    this.#restListeners.add(listener);
    return () => this.#restListeners.delete(listener);
  }

  fit(): void {
    this.#set(fitViewport(this.#image, this.#view), true);
  }

  /** One image px on one device px, centred. */
  oneToOne(): void {
    this.#set(centred(this.#image, this.#view, 1 / window.devicePixelRatio), false);
  }

  /** At the view's centre, or at a position in the view (CSS px). */
  zoomBy(factor: number, atX = this.#view.width / 2, atY = this.#view.height / 2): void {
    const smallest = Math.min(1, fitViewport(this.#image, this.#view).scale) * minOfFit;
    this.#set(zoomAt(this.#exact, factor, atX, atY, smallest), false);
  }

  zoomIn(): void {
    this.zoomBy(zoomStep);
  }

  zoomOut(): void {
    this.zoomBy(1 / zoomStep);
  }

  /** CSS px. */
  panBy(dx: number, dy: number): void {
    const { x, y, scale } = this.#exact;
    this.#set({ x: x + dx, y: y + dy, scale }, false);
  }

  /** Brings an image position (px) to the view's centre. */
  centreOn(imageX: number, imageY: number): void {
    const { scale } = this.#present;
    this.#set({ x: this.#view.width / 2 - imageX * scale, y: this.#view.height / 2 - imageY * scale, scale }, false);
  }

  /** Brings a box into view if no part of it is. */
  reveal(bbox: BBox): void {
    const next = revealBox(this.#present, bbox, this.#view);
    if (next !== this.#present) this.#set(next, false);
  }

  /**
   * Brings a box (px of the image) to the middle of the view, so large that it fills the part `fill` (0..1) of the
   * view's width or height, but with at most `closest` CSS px for one image px.
   */
  closeUp([x1, y1, x2, y2]: BBox, fill: number, closest: number): void {
    const { width, height } = this.#view;
    const scale = Math.min(closest, (width * fill) / Math.max(1, x2 - x1), (height * fill) / Math.max(1, y2 - y1));
    this.zoomBy(scale / this.#present.scale);
    this.centreOn((x1 + x2) / 2, (y1 + y2) / 2);
  }

  #set(next: Viewport, fitted: boolean): void {
    this.#fitted = fitted;
    this.#exact = clampViewport(next, this.#image, this.#view);
    this.#present = this.#exact;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      for (const listener of this.#moveListeners) listener(this.#present, this.#view);
    });
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => this.#settle(), restAfter);
  }

  #settle(): void {
    clearTimeout(this.#restTimer);
    this.#present = snapped(this.#exact, window.devicePixelRatio);
    this.#rested = this.#present;
    for (const listener of this.#moveListeners) listener(this.#present, this.#view);
    for (const listener of this.#restListeners) listener(this.#present, this.#view);
  }
}
