/** The fields of a WheelEvent that tell what the user means. */
export interface WheelInput {
  readonly deltaX: number;
  readonly deltaY: number;
  /** 0 px, 1 lines, 2 pages. */
  readonly deltaMode: number;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  /** Chromium's older figure: multiples of 120 for a wheel's notches, three times deltaY for a trackpad. */
  readonly wheelDeltaY?: number;
}

export type WheelIntent =
  | { readonly kind: "zoom"; readonly factor: number }
  | { readonly kind: "pan"; readonly dx: number; readonly dy: number };

/** px of a line or page, where a wheel counts in these. */
const unitPx = 33;
/** ms within which further events belong to one gesture. */
const gestureMs = 180;
const wheelSpeed = 0.0018;
const pinchSpeed = 0.01;

/**
 * Whether two fingers move on a trackpad: only they move sideways without Shift, and only for them Chromium's older
 * figure is -3 * deltaY but no multiple of 120.
 */
function isTrackpadScroll({ deltaMode, deltaX, deltaY, wheelDeltaY }: WheelInput): boolean {
  if (deltaMode !== 0) return false;
  if (deltaX !== 0) return true;
  return wheelDeltaY !== undefined && wheelDeltaY !== 0 && wheelDeltaY === -3 * deltaY && wheelDeltaY % 120 !== 0;
}

/**
 * Reads wheel events: a mouse wheel, and a trackpad's pinch (which comes as ctrl + wheel), zoom; two fingers on a
 * trackpad pan, as does a wheel with shift. One event alone can be ambiguous, so a gesture stays what it began as.
 */
export class WheelReader {
  #panning = false;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** @param at ms on any clock that only grows. */
  read(event: WheelInput, at: number): WheelIntent {
    const continues = at - this.#lastAt < gestureMs;
    this.#lastAt = at;
    const unit = event.deltaMode === 0 ? 1 : unitPx;
    if (event.ctrlKey || event.metaKey) {
      this.#panning = false;
      // A pinch comes in small steps; ctrl with a real wheel must not jump.
      const step = Math.min(40, Math.max(-40, event.deltaY * unit));
      return { kind: "zoom", factor: Math.exp(-step * pinchSpeed) };
    }
    this.#panning = (continues && this.#panning) || event.shiftKey || isTrackpadScroll(event);
    if (!this.#panning) return { kind: "zoom", factor: Math.exp(-event.deltaY * unit * wheelSpeed) };
    const sideways = event.shiftKey && event.deltaX === 0;
    const dx = (sideways ? event.deltaY : event.deltaX) * unit;
    return { kind: "pan", dx: dx === 0 ? 0 : -dx, dy: sideways || event.deltaY === 0 ? 0 : -event.deltaY * unit };
  }
}
