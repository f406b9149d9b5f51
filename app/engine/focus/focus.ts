import { type Detection, defined, type EngineRequest, type FocusReport, type Size } from "../../contract/index.ts";
import { imageTokens, inputSize, type SizingRule } from "../geometry.ts";
import { cropImage } from "../image/crop.ts";
import { decodeImage, openImage, type Picture, type RgbImage } from "../image/decode.ts";
import { fromCrop, inReadingOrder, isKnown } from "./merge.ts";
import { focusRegion, isContainer, largestShare } from "./region.ts";
import { changedBounds, compareTiles, meetsChange, type TileMap } from "./tiles.ts";

export type FocusRequest = NonNullable<Extract<EngineRequest, { type: "detect" }>["focus"]>;

/** What part of an image is detected, and what is taken over from an earlier run. */
export interface Focus {
  /** Absent without focus mode. */
  readonly report?: FocusReport;
  /** What the model is shown: the image or a crop of it, at full resolution; undefined if there is nothing to detect. */
  readonly view: Picture | undefined;
  /** Elements of the earlier run that are still there; their ids, and those of `place`, hold until `merge` renews them. */
  readonly kept: readonly Detection[];
  /** An element found in the view, in px of the source image; undefined if it is to be left out. */
  place(detection: Detection): Detection | undefined;
  /** All elements of the run, ready for the result. */
  merge(found: readonly Detection[]): readonly Detection[];
}

/** The whole image, nothing kept. */
function wholeImage(image: Picture, report?: FocusReport): Focus {
  return {
    ...defined({ report }),
    view: image,
    kept: [],
    place: (detection) => detection,
    merge: (found) => found,
  };
}

/**
 * Compares the image with the earlier run's. Elements of that run which no changed tile touches are kept, as are those
 * that only enclose the change; in the crop only what meets a changed tile is new. Without a request, without pixels, or
 * with an earlier image that cannot be read any more or has another size, the whole image is detected. Never rejects.
 */
export async function focusOn(
  request: FocusRequest | undefined,
  image: Picture,
  sizing: Pick<SizingRule, "factor">,
): Promise<Focus> {
  if (request === undefined || image.rgb === undefined) return wholeImage(image);
  const previousRunId = request.previousRunId;
  const uncompared = { outcome: "full", changedTiles: 0, totalTiles: 0, keptDetections: 0, previousRunId } as const;
  let before: RgbImage;
  try {
    before = await decodeImage(await openImage(request.previousImagePath));
  } catch {
    return wholeImage(image, { ...uncompared, reason: "The earlier screenshot can no longer be read." });
  }
  if (before.width !== image.width || before.height !== image.height) {
    return wholeImage(image, { ...uncompared, reason: "The earlier screenshot has another size." });
  }
  return compared(request, image, compareTiles(before, image), sizing.factor);
}
function compared(request: FocusRequest, image: RgbImage, tiles: TileMap, step: number): Focus {
  const { previousDetections: previous, previousRunId } = request;
  const counted = { changedTiles: tiles.count, totalTiles: tiles.columns * tiles.rows, previousRunId };
  const change = changedBounds(tiles, image);
  if (change === undefined) {
    return {
      report: {
        ...counted,
        outcome: "unchanged",
        reason: "No pixel differs from the earlier screenshot.",
        keptDetections: previous.length,
      },
      view: undefined,
      kept: inReadingOrder(previous),
      place: () => undefined,
      merge: () => inReadingOrder(previous),
    };
  }
  const touched = previous.filter(({ bbox }) => meetsChange(tiles, bbox) && !isContainer(bbox, change));
  const region = focusRegion(
    change,
    touched.map(({ bbox }) => bbox),
    image,
    step,
  );
  if (region === undefined) {
    const reason = `What changed, with its surroundings, is more than ${largestShare * 100} % of the image.`;
    return wholeImage(image, { ...counted, outcome: "full", reason, keptDetections: 0 });
  }
  const kept = inReadingOrder(previous.filter((element) => !touched.includes(element)));
  let ids = kept.length;
  return {
    report: {
      ...counted,
      outcome: "cropped",
      reason: `${tiles.count} of ${counted.totalTiles} tiles changed.`,
      region,
      keptDetections: kept.length,
    },
    view: cropImage(image, region),
    kept,
    place(detection) {
      const placed = fromCrop(detection, region);
      return meetsChange(tiles, placed.bbox) && !isKnown(placed.bbox, kept)
        ? { ...placed, id: `e${++ids}` }
        : undefined;
    },
    merge: (found) => inReadingOrder([...kept, ...found]),
  };
}

/**
 * Image tokens that the view may have: its share of those that the whole image would get. So a crop of an image that a
 * full pass shrinks is shrunk as much, and its controls look as large to the model as they would there.
 */
export function viewTokens(maxImageTokens: number, sizing: SizingRule, image: Size, view: Size): number {
  if (view.width === image.width && view.height === image.height) return maxImageTokens;
  const tokens = imageTokens(inputSize(image, sizing, maxImageTokens), sizing.factor);
  return Math.round((tokens * view.width * view.height) / (image.width * image.height));
}

/** Tokens that the whole image would have at the view's density. */
export function wholeImageTokens(tokens: number, image: Size, view: Size): number {
  return (tokens * image.width * image.height) / (view.width * view.height);
}
