import { type BBox, boxArea } from "../../../app/contract/index.ts";
import type { ViewSize } from "./viewport.ts";

/** A label that wants a place beside its box. All in CSS px of the view. */
export interface LabelRequest {
  readonly id: string;
  readonly bbox: BBox;
  readonly width: number;
  readonly height: number;
  /** Is placed whatever it hides, except another label. */
  readonly important?: boolean;
}

export interface PlacedLabel {
  readonly id: string;
  readonly left: number;
  readonly top: number;
}

/** px of a cell of the grids that find neighbours quickly. */
const cell = 64;
/** Boxes of more than so many labels' area are surfaces, such as cards: a label upon them hides nothing. */
const surfaceFrom = 40;
/** The part of a label that may lie upon other boxes. */
const mayHide = 0.3;

/** Things on the plane, found by the cells they touch. */
class Grid<T> {
  private readonly cells = new Map<string, T[]>();

  add([x1, y1, x2, y2]: BBox, value: T): void {
    for (const key of keysOf([x1, y1, x2, y2])) {
      const members = this.cells.get(key);
      if (members === undefined) this.cells.set(key, [value]);
      else members.push(value);
    }
  }

  /** What lies in the cells that an area touches, each once. */
  near(area: BBox): ReadonlySet<T> {
    return new Set(keysOf(area).flatMap((key) => this.cells.get(key) ?? []));
  }
}

function keysOf([x1, y1, x2, y2]: BBox): string[] {
  const keys: string[] = [];
  for (let column = Math.floor(x1 / cell); column <= Math.floor(x2 / cell); column += 1) {
    for (let row = Math.floor(y1 / cell); row <= Math.floor(y2 / cell); row += 1) keys.push(`${column} ${row}`);
  }
  return keys;
}

function overlap(a: BBox, b: BBox): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

/** px² that two boxes share. */
function sharedArea(a: BBox, b: BBox): number {
  return (
    Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]))
  );
}

/** Corners at which a label may start, best first: outside above and below, beside, then inside a box with room. */
function candidates({ bbox, width, height, important }: LabelRequest): readonly (readonly [number, number])[] {
  const [x1, y1, x2, y2] = bbox;
  const roomInside = x2 - x1 >= width * 1.4 && y2 - y1 >= height * 2.2;
  return [
    [x1, y1 - height],
    [x1, y2],
    [x2 - width, y1 - height],
    [x2 - width, y2],
    [x2, y1],
    [x1 - width, y1],
    ...(roomInside || important ? ([[x1, y1]] as const) : []),
  ];
}

/**
 * Places labels beside their boxes so that no two overlap and all lie inside the view. Earlier requests choose first;
 * a label that finds no room, or would hide too much of other boxes, is left out. Boxes out of view get none.
 */
export function placeLabels(requests: readonly LabelRequest[], view: ViewSize): readonly PlacedLabel[] {
  const frame: BBox = [0, 0, view.width, view.height];
  const inView = requests.filter(({ bbox }) => overlap(bbox, frame));
  const boxes = new Grid<LabelRequest>();
  for (const each of inView) {
    if (boxArea(each.bbox) <= surfaceFrom * each.width * each.height) boxes.add(each.bbox, each);
  }
  const taken = new Grid<BBox>();
  const placed: PlacedLabel[] = [];
  for (const request of inView) {
    const { id, width, height, important = false } = request;
    if (width > view.width || height > view.height) continue;
    let best: { readonly area: BBox; readonly hidden: number } | undefined;
    for (const [x, y] of candidates(request)) {
      // A box that is cut by the view's edge keeps its label in sight.
      const left = Math.min(view.width - width, Math.max(0, x));
      const top = Math.min(view.height - height, Math.max(0, y));
      const area: BBox = [left, top, left + width, top + height];
      if ([...taken.near(area)].some((other) => overlap(area, other))) continue;
      const hidden = hiddenBy(area, request, boxes);
      if (best === undefined || hidden < best.hidden) best = { area, hidden };
      if (hidden === 0) break;
    }
    if (best === undefined || (!important && best.hidden > mayHide * width * height)) continue;
    taken.add(best.area, best.area);
    placed.push({ id, left: best.area[0], top: best.area[1] });
  }
  return placed;
}

/** px² of other boxes that a label at this place would hide. */
function hiddenBy(area: BBox, own: LabelRequest, boxes: Grid<LabelRequest>): number {
  let hidden = 0;
  for (const other of boxes.near(area)) if (other !== own) hidden += sharedArea(area, other.bbox);
  return hidden;
}
