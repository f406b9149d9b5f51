import { type BBox, HoloscopeError, type Point, type Size, type Truth } from "../../../app/contract/index.ts";

/** One element as a truth file has it. */
export interface DocumentElement {
  readonly label?: string | undefined;
  readonly text?: string | undefined;
  /** [x1, y1, x2, y2] in the units of its image. */
  readonly bbox: BBox;
  readonly point?: Point | undefined;
}

/** What a truth file says of one image. */
export interface DocumentImage {
  /** File name, maybe with folders; absent where the format names none. */
  readonly name?: string | undefined;
  /** SHA-256 of the image file, where the format has it. */
  readonly imageId?: string | undefined;
  /**
   * What 1 is: a px of an image of `size` (of the shown image, where that is unknown), the image's whole width or
   * height, or a CSS px of which one is `scale` px of the image.
   */
  readonly unit:
    | { readonly of: "px"; readonly size?: Size | undefined }
    | { readonly of: "image" }
    | { readonly of: "css"; readonly scale: number };
  readonly elements: readonly DocumentElement[];
}

/** A truth file of any format, read but not yet brought together with open images. */
export interface TruthDocument {
  readonly format: Truth["format"];
  /** Name of the file. */
  readonly source: string;
  readonly images: readonly DocumentImage[];
}

/** [x, y, width, height] -> [x1, y1, x2, y2]. */
export function fromCorner(x: number, y: number, width: number, height: number): BBox {
  return [x, y, x + width, y + height];
}

/** Entries by a key, in the order of their first. */
export function groupBy<T, K>(entries: readonly T[], keyOf: (entry: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** The error of a file that was recognised but breaks its format. */
export function invalidTruth(problem: string, expected: string): HoloscopeError {
  return new HoloscopeError("BAD_REQUEST", problem, expected);
}
