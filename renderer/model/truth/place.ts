import {
  type BBox,
  HoloscopeError,
  type ImageRef,
  type Point,
  type Truth,
  type TruthElement,
  truthLimits,
} from "../../../app/contract/index.ts";
import type { DocumentElement, DocumentImage, TruthDocument } from "./document.ts";

/** What of a truth file belongs to which open image. */
export interface Placement {
  readonly placed: readonly { readonly imageId: string; readonly truth: Truth }[];
  /** Images of the file that are not open. */
  readonly waiting: readonly DocumentImage[];
  /** Images that are open but do not fit what the file says of them. */
  readonly problems: readonly { readonly about: string; readonly error: HoloscopeError }[];
}

/**
 * Brings a truth file together with the open images: by the image's hash, by its file name (folders and case do not
 * matter), or, where the file names no image, with the shown one. A file about a single image also takes a shown image
 * that has no name, such as a pasted one. Throws BAD_REQUEST if a file without names finds no image shown.
 */
export function placeTruth(document: TruthDocument, open: readonly ImageRef[], shown: ImageRef | undefined): Placement {
  const placed: Placement["placed"][number][] = [];
  const waiting: DocumentImage[] = [];
  const problems: Placement["problems"][number][] = [];
  for (const image of document.images) {
    const targets = targetsOf(image, document.images.length === 1, open, shown);
    if (targets.length === 0) waiting.push(image);
    for (const target of targets) {
      try {
        placed.push({ imageId: target.id, truth: truthOf(document, image, target) });
      } catch (error) {
        problems.push({ about: target.name ?? document.source, error: HoloscopeError.from(error) });
      }
    }
  }
  return { placed, waiting, problems };
}

function targetsOf(
  { name, imageId }: DocumentImage,
  single: boolean,
  open: readonly ImageRef[],
  shown: ImageRef | undefined,
): readonly ImageRef[] {
  if (imageId !== undefined && open.some(({ id }) => id === imageId)) return open.filter(({ id }) => id === imageId);
  if (name === undefined) {
    if (imageId !== undefined) return [];
    if (shown !== undefined) return [shown];
    throw new HoloscopeError(
      "BAD_REQUEST",
      "The file does not say which image it is about.",
      "Open its screenshot first, then the ground truth.",
    );
  }
  const wanted = fileNameOf(name);
  const named = open.filter((image) => image.name !== undefined && fileNameOf(image.name) === wanted);
  if (named.length === 0 && single && shown !== undefined && shown.name === undefined) return [shown];
  return named;
}

/** Last part of a path of any system, for comparison. */
function fileNameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).toLowerCase();
}

/** Sides may differ this much in proportion before a truth is taken to belong to another picture. */
const sameShape = 0.01;

function truthOf({ format, source }: TruthDocument, image: DocumentImage, target: ImageRef): Truth {
  const [scaleX, scaleY] = scalesOf(image, target);
  const elements = image.elements
    .map((element) => ({ element, bbox: clipped(element.bbox, scaleX, scaleY, target) }))
    .filter(({ bbox: [x1, y1, x2, y2] }) => x2 > x1 && y2 > y1)
    .map(({ element, bbox }, index) => elementOf(element, `t${index + 1}`, bbox, scaleX, scaleY));
  if (elements.length > truthLimits.elements) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      `The file has ${elements.length} elements for this image; at most ${truthLimits.elements} are accepted.`,
      "Leave out elements that no user sees.",
    );
  }
  return { format, source: source.slice(0, truthLimits.sourceLength), elements };
}

function scaledPoint([x, y]: Point, scaleX: number, scaleY: number): Point {
  return [x * scaleX, y * scaleY];
}

function elementOf(
  { label, text, point }: DocumentElement,
  id: string,
  bbox: BBox,
  scaleX: number,
  scaleY: number,
): TruthElement {
  return {
    id,
    bbox,
    ...(label === undefined || label === "" ? {} : { label: label.slice(0, truthLimits.labelLength) }),
    ...(text === undefined || text === "" ? {} : { text: text.slice(0, truthLimits.textLength) }),
    ...(point === undefined ? {} : { point: scaledPoint(point, scaleX, scaleY) }),
  };
}

function scalesOf({ unit }: DocumentImage, { width, height }: ImageRef): readonly [number, number] {
  if (unit.of === "image") return [width, height];
  if (unit.of === "css") return [unit.scale, unit.scale];
  if (unit.size === undefined) return [1, 1];
  const [x, y] = [width / unit.size.width, height / unit.size.height];
  if (Math.abs(x / y - 1) > sameShape) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      `The ground truth is of an image of ${unit.size.width} × ${unit.size.height} px; this one has ${width} × ${height} px.`,
      "Open the screenshot that the ground truth was made from.",
    );
  }
  return [x, y];
}

/** In px of the image, without what lies outside it, as parts of a scrolled page do. */
function clipped([x1, y1, x2, y2]: BBox, scaleX: number, scaleY: number, { width, height }: ImageRef): BBox {
  const inX = (x: number) => Math.min(width, Math.max(0, x * scaleX));
  const inY = (y: number) => Math.min(height, Math.max(0, y * scaleY));
  return [inX(x1), inY(y1), inX(x2), inY(y2)];
}
