import { type BBox, type Detection, defined, type Point, type Size } from "../contract/index.ts";
import { elementColor, elementNumber, inkOn, labelText } from "./labels.ts";
import { placeTags, type TagRequest } from "./tags.ts";

/** Longer tags are cut: a label may be a sentence. */
const maxTagCharacters = 32;

/**
 * The pixel font of tags, in its own px: a letter's size, the way to the next one, and what is left around the letters.
 * Below a letter nothing is left, since few letters reach so far down.
 */
export const tagFont = { width: 5, height: 9, advance: 6, padding: 2 } as const;

/** What boxes are drawn upon where their image is not at hand. */
export const plainGround = "#f3f4f6";

/** A box to draw, in px of the picture. */
export interface OverlayBox {
  readonly bbox: BBox;
  readonly point?: Point;
  /** Text of the tag at the box; empty for none. */
  readonly tag: string;
  /** Words that follow in the tag where there is room for them. */
  readonly label?: string;
  /** CSS hex colour. */
  readonly color: string;
}

/** How the boxes of a picture are drawn. All lengths in px of the picture. */
interface OverlayLayout {
  /** Thickness of a frame's line. */
  readonly line: number;
  /** Side of one px of `tagFont`; in quarters. */
  readonly unit: number;
  readonly tags: readonly OverlayTag[];
}

export interface OverlayTag {
  readonly area: BBox;
  /** Upper left corner of the first letter. */
  readonly textAt: readonly [x: number, y: number];
  readonly text: string;
  /** CSS hex colours. */
  readonly color: string;
  readonly ink: string;
}

/** Elements as they are drawn: in the colour of their label, tagged with their number. */
export function overlayBoxes(
  elements: readonly Pick<Detection, "id" | "label" | "bbox" | "point" | "color">[],
): readonly OverlayBox[] {
  return elements.map(({ id, label, bbox, point, color }) => ({
    bbox,
    ...defined({ point }),
    tag: elementNumber(id),
    label: labelText(label),
    color: elementColor({ label, color }),
  }));
}

/**
 * Where boxes and tags go in a picture, the same for every way to one. Lines and letters follow the shorter side, so that
 * a long page has those of the screens it is made of. Each box gets its tag; the label follows it where that hides nothing.
 */
export function layOutOverlay(boxes: readonly OverlayBox[], size: Size): OverlayLayout {
  // A larger screen shows more things as well as sharper ones: letters grow with the square root of its side.
  const unit = Math.max(1.25, Math.round(6 * Math.sqrt(Math.min(size.width, size.height) / 1080)) / 4);
  const height = Math.round((tagFont.height + tagFont.padding) * unit);
  const requests = (texts: readonly string[], rule: Pick<TagRequest, "mayHide" | "always">): readonly TagRequest[] =>
    boxes.flatMap(({ bbox: [x1, y1, x2, y2] }, index) => {
      const { length } = [...(texts[index] ?? "")];
      const width = Math.round((length * tagFont.advance - 1 + 2 * tagFont.padding) * unit);
      const bbox: BBox = [Math.round(x1), Math.round(y1), Math.round(x2), Math.round(y2)];
      return length === 0 ? [] : [{ id: String(index), bbox, width, height, ...rule }];
    });
  const short = boxes.map(({ tag }) => shown(tag));
  const long = boxes.map(({ tag, label }) => (label === undefined ? "" : shown(`${tag} ${label}`)));
  const least = placeTags(requests(short, { mayHide: Number.POSITIVE_INFINITY, always: true }), size);
  const wider = placeTags(requests(long, { mayHide: 0 }), size, least);
  const areas = new Map(least.map(({ id, area }) => [id, { area, text: short[Number(id)] ?? "" }]));
  for (const { id, area } of wider) areas.set(id, { area, text: long[Number(id)] ?? "" });
  return {
    line: Math.round(1.4 * unit),
    unit,
    tags: [...areas].map(([id, { area, text }]) => {
      const color = boxes[Number(id)]?.color ?? "#000000";
      const textAt = [area[0] + tagFont.padding * unit, area[1] + tagFont.padding * unit] as const;
      return { area, textAt, text, color, ink: inkOn(color) };
    }),
  };
}

function shown(text: string): string {
  return [...text].slice(0, maxTagCharacters).join("");
}
