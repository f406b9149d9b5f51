import { HoloscopeError, type Point, type Size, type Truth, type TruthSkip, truthLimits } from "../contract/index.ts";
import type { BoxForm, Reading } from "./units.ts";

/** The four numbers of a box, as the file has them; a `Reading` says what they are. */
export type BoxNumbers = readonly [number, number, number, number];

/** One element as a truth file has it. */
export interface DocumentElement {
  readonly label?: string | undefined;
  readonly text?: string | undefined;
  readonly box: BoxNumbers;
  /** What the box's numbers are, where this one element leaves no doubt. */
  readonly form?: BoxForm | undefined;
  /** [x, y] in the unit of the box. */
  readonly point?: Point | undefined;
}

/** What a truth file says of one image. */
export interface DocumentImage {
  /** What the file calls the image: file names, maybe with folders, or addresses. Empty where it names none. */
  readonly names: readonly string[];
  /** SHA-256 of the image file, where the format has it. */
  readonly imageId?: string | undefined;
  /** px of the image that the file was made for, where it says so. */
  readonly size?: Size | undefined;
  /** How the boxes may be read in this format; the most usual first, never empty. */
  readonly readings: readonly Reading[];
  /** The format leaves no doubt about the unit, so that odd boxes are cut rather than asked about. */
  readonly sure?: boolean | undefined;
  /** The boxes are of a whole page, of which the image may show the upper part only. */
  readonly scrolls?: boolean | undefined;
  readonly elements: readonly DocumentElement[];
  readonly skipped: readonly TruthSkip[];
}

/** A truth file of any format, read but not yet brought together with open images. */
export interface TruthDocument {
  readonly format: Truth["format"];
  /** Name of the file. */
  readonly source: string;
  readonly images: readonly DocumentImage[];
  /** Entries that belong to no image of the file. */
  readonly skipped: readonly TruthSkip[];
}

/** What a reader of one format gives back. */
export type ReadImages = Pick<TruthDocument, "images"> & Partial<Pick<TruthDocument, "skipped">>;

/** Counts entries that cannot be used, by their reason: one bad entry costs itself, not the file. */
export class Skips {
  readonly #counts = new Map<string, number>();

  /** @param reason what follows the number, whether it is 1 or 3: "without a usable box". */
  add(reason: string, count = 1): void {
    if (count > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
  }

  list(): readonly TruthSkip[] {
    return [...this.#counts]
      .map(([reason, count]) => ({ reason: reason.slice(0, truthLimits.reasonLength), count }))
      .slice(0, truthLimits.skips);
  }
}

/** Several counts as one. */
export function mergedSkips(...lists: readonly (readonly TruthSkip[])[]): readonly TruthSkip[] {
  const skips = new Skips();
  for (const { reason, count } of lists.flat()) skips.add(reason, count);
  return skips.list();
}

/** "1 without a usable box, 2 marked as crowd"; empty if nothing was skipped. */
export function skipsText(skipped: readonly TruthSkip[]): string {
  return skipped.map(({ reason, count }) => `${count} ${reason}`).join(", ");
}

/** How an image of a file is called where a user sees it. */
export function imageTitle({ names, imageId }: DocumentImage): string {
  return names[0] ?? imageId?.slice(0, 8) ?? "an image without a name";
}

/** The error of a file that cannot be used. */
export function invalidTruth(problem: string, expected: string): HoloscopeError {
  return new HoloscopeError("BAD_REQUEST", problem, expected);
}
