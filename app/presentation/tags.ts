import { sum } from "d3-array";
import { type BBox, boxArea, intersection } from "../contract/index.ts";

/** A tag that wants a place beside its box. All lengths in px of the view: of the window, or of a whole image. */
export interface TagRequest {
  readonly id: string;
  readonly bbox: BBox;
  readonly width: number;
  readonly height: number;
  /** The part of the tag, 0..1, that may lie upon boxes; 0.3 unless told, Infinity for a tag that matters more. */
  readonly mayHide?: number;
  /** Where every place is taken it lies upon another tag, rather than nowhere. */
  readonly always?: boolean;
}

export interface PlacedTag {
  readonly id: string;
  /** [x1, y1, x2, y2] px of the view. */
  readonly area: BBox;
}

/** px of a cell of the grids that find neighbours quickly. */
const cell = 64;
/** Boxes of more than this many tags' area are surfaces, such as cards: a tag upon them hides nothing. */
const surfaceFrom = 40;

/** Things on the plane, found by the cells they touch. */
class Grid<T> {
  readonly #cells = new Map<string, T[]>();

  add([x1, y1, x2, y2]: BBox, value: T): void {
    for (const key of keysOf([x1, y1, x2, y2])) {
      const members = this.#cells.get(key);
      if (members === undefined) this.#cells.set(key, [value]);
      else members.push(value);
    }
  }

  /** What lies in the cells that an area touches, each once. */
  near(area: BBox): ReadonlySet<T> {
    return new Set(keysOf(area).flatMap((key) => this.#cells.get(key) ?? []));
  }
}

function keysOf([x1, y1, x2, y2]: BBox): string[] {
  const keys: string[] = [];
  for (let column = Math.floor(x1 / cell); column <= Math.floor(x2 / cell); column += 1) {
    for (let row = Math.floor(y1 / cell); row <= Math.floor(y2 / cell); row += 1) keys.push(`${column} ${row}`);
  }
  return keys;
}

/** px² that two boxes share. */
const sharedArea = (a: BBox, b: BBox): number => boxArea(intersection(a, b));

/** Corners at which a tag may start, best first: outside above and below, beside, then inside a box with room. */
function candidates({ bbox, width, height, mayHide = 0 }: TagRequest, roomInside: boolean) {
  const [x1, y1, x2, y2] = bbox;
  const corners: readonly (readonly [number, number])[] = [
    [x1, y1 - height],
    [x1, y2],
    [x2 - width, y1 - height],
    [x2 - width, y2],
    [x2, y1],
    [x1 - width, y1],
  ];
  return roomInside || mayHide >= 1 ? [...corners, [x1, y1] as const] : corners;
}

/** Whether a tag in the box's corner leaves enough of what the box holds. */
function hasRoomInside({ bbox: [x1, y1, x2, y2], width, height }: TagRequest): boolean {
  return x2 - x1 >= width * 1.4 && y2 - y1 >= height * 2.2;
}

/**
 * Places tags beside their boxes so that no two overlap and all lie inside the view. Earlier requests choose first; a
 * tag that finds no room, or would hide too much of the boxes, is left out. Boxes out of view get none.
 * @param taken tags that already have a place; one of the same id is in nobody's way but others'.
 */
export function placeTags(
  requests: readonly TagRequest[],
  view: { readonly width: number; readonly height: number },
  taken: readonly PlacedTag[] = [],
): readonly PlacedTag[] {
  const frame: BBox = [0, 0, view.width, view.height];
  const inView = requests.filter(({ bbox }) => overlap(bbox, frame));
  const boxes = new Grid<TagRequest>();
  for (const each of inView) {
    if (boxArea(each.bbox) <= surfaceFrom * each.width * each.height) boxes.add(intersection(each.bbox, frame), each);
  }
  const tags = new Grid<PlacedTag>();
  for (const each of taken) tags.add(each.area, each);
  const placed: PlacedTag[] = [];
  for (const request of inView) {
    const { id, width, height, mayHide = 0.3, always = false } = request;
    if (width > view.width || height > view.height) continue;
    // What may hide nothing does not lie upon what its own box holds either.
    const roomInside = mayHide > 0 && hasRoomInside(request);
    let best: { readonly area: BBox; readonly hidden: number } | undefined;
    for (const [x, y] of candidates(request, roomInside)) {
      // A box that is cut by the view's edge keeps its tag in sight.
      const left = Math.min(view.width - width, Math.max(0, x));
      const top = Math.min(view.height - height, Math.max(0, y));
      const area: BBox = [left, top, left + width, top + height];
      const covered = sum(tags.near(area), (tag) => (tag.id === id ? 0 : sharedArea(area, tag.area)));
      if (covered > 0 && !always) continue;
      const hides = sum(boxes.near(area), (box) => (box === request && roomInside ? 0 : sharedArea(area, box.bbox)));
      // A tag that cannot be read is worse than a box that is partly hidden.
      const hidden = hides + 100 * covered;
      if (best === undefined || hidden < best.hidden) best = { area, hidden };
      if (hidden === 0) break;
    }
    if (best === undefined || best.hidden > mayHide * width * height) continue;
    const tag = { id, area: best.area };
    tags.add(tag.area, tag);
    placed.push(tag);
  }
  return placed;
}

function overlap(a: BBox, b: BBox): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}
