import type { BBox, ImageRef, Point, Size } from "../contract/index.ts";
import type { BoxNumbers, DocumentElement, DocumentImage } from "./document.ts";
import { boxForms, type Reading, unitNamed, unitNames } from "./units.ts";

/** Sides may differ this much in proportion before a truth is taken to belong to another picture. */
const sameShape = 0.01;

/** Whether the file was made for a picture of another shape. */
export function otherShape(size: Size | undefined, { width, height }: Size): boolean {
  return size !== undefined && Math.abs(width / size.width / (height / size.height) - 1) > sameShape;
}

/** px of the target that 1 is, in both directions. */
export function scalesOf({ unit }: Reading, { size }: Pick<DocumentImage, "size">, target: Size): Point {
  const { width, height } = target;
  switch (unit.of) {
    case "css":
      return [unit.scale, unit.scale];
    case "fraction":
      return [width, height];
    case "percent":
      return [width / 100, height / 100];
    case "thousand":
      return [width / 1000, height / 1000];
    case "stretched":
      return size === undefined ? [1, 1] : [width / size.width, height / size.height];
    case "px":
      return size === undefined || otherShape(size, target) ? [1, 1] : [width / size.width, height / size.height];
  }
}

/** A box in px of the target, not cut at its edges. */
export function readBox({ box: [a, b, c, d], form }: DocumentElement, reading: Reading, [x, y]: Point): BBox {
  return (form ?? reading.form) === "xywh" ? [a * x, b * y, (a + c) * x, (b + d) * y] : [a * x, b * y, c * x, d * y];
}

/** What boxes look like when read in one way. Adds up over images. */
export interface Extent {
  readonly count: number;
  /** Boxes that end before they begin. */
  readonly inverted: number;
  /** Boxes that reach over an edge by more than `margin` of the side. */
  readonly beyond: number;
  /** Boxes smaller than 1 px both ways. */
  readonly tiny: number;
  /** The furthest right and lower edge as parts of the image's sides, of boxes that do not reach beyond. */
  readonly right: number;
  readonly bottom: number;
  /** The same, in the file's own numbers. */
  readonly rawRight: number;
  readonly rawBottom: number;
}

const margin = 0.01;

export function extentOf(image: DocumentImage, reading: Reading, target: Size): Extent {
  const scales = scalesOf(reading, image, target);
  const { width, height } = target;
  let [inverted, beyond, tiny, right, bottom, rawRight, rawBottom] = [0, 0, 0, 0, 0, 0, 0];
  for (const element of image.elements) {
    const [x1, y1, x2, y2] = readBox(element, reading, scales);
    if (x2 < x1 || y2 < y1) inverted += 1;
    if (x2 - x1 < 1 && y2 - y1 < 1) tiny += 1;
    const outX = x1 < -margin * width || x2 > width * (1 + margin);
    const outY = y1 < -margin * height || y2 > height * (1 + margin);
    if (outX || (outY && image.scrolls !== true)) beyond += 1;
    if (outX || outY) continue;
    right = Math.max(right, x2 / width);
    bottom = Math.max(bottom, y2 / height);
    rawRight = Math.max(rawRight, x2 / scales[0]);
    rawBottom = Math.max(rawBottom, y2 / scales[1]);
  }
  return { count: image.elements.length, inverted, beyond, tiny, right, bottom, rawRight, rawBottom };
}

/** Share of boxes that may be wrong in a file that is right otherwise. */
const tolerated = 0.1;

/** Why a reading of one image cannot be right; undefined if it can. */
export function impossible({ count, inverted, beyond, tiny, right, bottom }: Extent): string | undefined {
  if (count === 0) return undefined;
  if (tiny === count) return `all ${count === 1 ? "" : `${count} `}boxes are smaller than 1 px`;
  if (beyond > count * tolerated) return `${beyond} of ${count} boxes lie beyond the screenshot's edges`;
  if (right <= 0 || bottom <= 0) return "no box lies on the screenshot";
  if (inverted > count * tolerated) return `${inverted} of ${count} boxes end before they begin`;
  return undefined;
}

/** Fewer boxes say nothing about the place of all. */
const enough = 3;

/**
 * Why px are improbable, judged by all images of a file that are open together: one image may well have its few
 * elements in a corner, all images hardly do. undefined if nothing speaks against them.
 */
export function improbable(
  extents: readonly (readonly [Extent, ImageRef, Pick<DocumentImage, "scrolls">])[],
): string | undefined {
  const known = extents.filter(([{ count }]) => count > 0);
  const boxes = known.reduce((sum, [{ count }]) => sum + count, 0);
  if (boxes < (known.every(([, image]) => namedHiDpi(image)) ? 1 : enough)) return undefined;
  // A page goes on below the screenshot, so only its width tells.
  const cornered = ({ right, bottom }: Extent, scrolls = false) => right <= 0.5 && (scrolls || bottom <= 0.5);
  if (known.every(([extent, image, { scrolls }]) => maybeHiDpi(image) && cornered(extent, scrolls))) {
    return "all boxes lie in the upper left quarter of the screenshot, as those of a page in CSS px do where it was shot at scale 2";
  }
  const thousandths = ({ rawRight, rawBottom }: Extent) =>
    rawRight <= 1000 && rawBottom <= 1000 && rawRight > 900 && rawBottom > 900;
  if (known.every(([extent, { width, height }]) => thousandths(extent) && Math.max(width, height) > 1100)) {
    return "all numbers lie between 0 and 1000 and fill that range both ways, as thousandths of the screenshot do";
  }
  return undefined;
}

function namedHiDpi({ name }: ImageRef): boolean {
  return name !== undefined && /@[23]x\b/i.test(name);
}

/** Whether the image may be of a screen with scale 2 or 3: half of it is still as large as a window or a telephone. */
function maybeHiDpi(image: ImageRef): boolean {
  const { width, height } = image;
  return namedHiDpi(image) || width >= 1500 || (height > 1.5 * width && width >= 600);
}

/**
 * Readings under which the boxes make sense in the target, the most probable first: the one whose boxes fill the image
 * best. All units are tried, in the forms that the numbers allow.
 */
export function possibleReadings(image: DocumentImage, target: Size): readonly Reading[] {
  const forms = new Set([
    ...(cornersByOrder(image.elements.map(({ box }) => box)) ? (["xyxy"] as const) : []),
    ...image.readings.map(({ form }) => form),
    ...boxForms,
  ]);
  const stretchable = otherShape(image.size, target);
  const resized = image.size !== undefined && image.size.width !== target.width;
  const units = unitNames
    .map(unitNamed)
    .filter((unit) => unit !== undefined)
    .filter((unit) => unit.of !== "stretched" || stretchable)
    // px of an image of another size are not those of the screenshot; of one of another shape they are taken as such.
    .filter((unit) => unit.of !== "css" || unit.scale !== 1 || (resized && !stretchable));
  const tried = [...forms].flatMap((form, order) =>
    units.map((unit) => {
      const reading = { form, unit };
      const extent = extentOf(image, reading, target);
      const fill = Math.max(extent.right, extent.bottom);
      return {
        reading,
        extent,
        fill,
        rank: [Number(unit.of !== "stretched"), order, Number(fill < nearlyFull), -fill],
      };
    }),
  );
  const possible = tried.filter(({ extent }) => impossible(extent) === undefined && extent.inverted === 0);
  const best = Math.max(0, ...possible.map(({ fill }) => fill));
  return possible
    .filter(({ fill }) => fill > best * comparable)
    .sort(
      (a, b) => a.rank.map((part, index) => part - (b.rank[index] ?? 0)).find((difference) => difference !== 0) ?? 0,
    )
    .map(({ reading }) => reading);
}

/** So many boxes that are wider than they lie from the left, and higher than from the top, are corners in truth. */
const sureOrder = 4;

/** Whether boxes are two corners by their numbers alone: no list of widths and heights has that order by chance. */
export function cornersByOrder(boxes: readonly BoxNumbers[]): boolean {
  return boxes.length >= sureOrder && boxes.every(([a, b, c, d]) => c >= a && d >= b);
}

/** Boxes that reach so far fill the image; how far exactly says nothing more. */
const nearlyFull = 0.9;
/** Readings that fill less than this share of what the best fills are not offered. */
const comparable = 0.7;
