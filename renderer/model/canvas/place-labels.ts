import type { BBox } from "../../../app/contract/index.ts";
import type { ViewSize } from "./viewport.ts";

/** A label that wants a place beside its box. All in CSS px of the view. */
export interface LabelRequest {
  readonly id: string;
  readonly bbox: BBox;
  readonly width: number;
  readonly height: number;
  /** Is placed whatever it covers, except another label. */
  readonly important?: boolean;
}

export interface PlacedLabel {
  readonly id: string;
  readonly left: number;
  readonly top: number;
}

/** px of a cell of the grids that find neighbours quickly. */
const cell = 64;

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

  some(area: BBox, test: (value: T) => boolean): boolean {
    return keysOf(area).some((key) => this.cells.get(key)?.some(test) === true);
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
 * a label that finds no room, or could only hide the middle of another box, is left out. Boxes out of view get none.
 */
export function placeLabels(requests: readonly LabelRequest[], view: ViewSize): readonly PlacedLabel[] {
  const middles = new Grid<{ readonly id: string; readonly x: number; readonly y: number }>();
  const frame: BBox = [0, 0, view.width, view.height];
  const inView = requests.filter(({ bbox }) => overlap(bbox, frame));
  for (const { id, bbox } of inView) {
    const [x, y] = [(bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2];
    middles.add([x, y, x, y], { id, x, y });
  }
  const taken = new Grid<BBox>();
  const placed: PlacedLabel[] = [];
  for (const request of inView) {
    const { id, width, height, important = false } = request;
    if (width > view.width || height > view.height) continue;
    const areas = candidates(request).map(([x, y]): BBox => {
      // A box that is cut by the view's edge keeps its label in sight.
      const left = Math.min(view.width - width, Math.max(0, x));
      const top = Math.min(view.height - height, Math.max(0, y));
      return [left, top, left + width, top + height];
    });
    const free = areas.filter((area) => !taken.some(area, (other) => overlap(area, other)));
    const clear = free.find((area) => !middles.some(area, (middle) => middle.id !== id && inside(middle, area)));
    const chosen = clear ?? (important ? free[0] : undefined);
    if (chosen === undefined) continue;
    taken.add(chosen, chosen);
    placed.push({ id, left: chosen[0], top: chosen[1] });
  }
  return placed;
}

function inside({ x, y }: { readonly x: number; readonly y: number }, [x1, y1, x2, y2]: BBox): boolean {
  return x > x1 && x < x2 && y > y1 && y < y2;
}
