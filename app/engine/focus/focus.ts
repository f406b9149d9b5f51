import type { Detection, DetectSettings, EngineRequest, FocusReport, Size } from "../../contract/index.ts";
import { imageTokens, type SizingRule } from "../geometry.ts";
import { cropImage } from "../image/crop.ts";
import { decodeImage, openImage, type RgbImage } from "../image/decode.ts";
import { inputSize } from "../source.ts";
import { fromCrop, inReadingOrder, isKnown } from "./merge.ts";
import { focusRegion, isContainer, largestShare } from "./region.ts";
import { changedBounds, compareTiles, meetsChange, type TileMap } from "./tiles.ts";

export type FocusRequest = NonNullable<Extract<EngineRequest, { type: "detect" }>["focus"]>;

/** What part of an image is detected and what is taken over from an earlier run. */
export interface Focus {
  /** Absent without focus mode. */
  readonly report?: FocusReport;
  /** What the model is shown: the image or a crop of it, at full resolution; undefined if there is nothing to detect. */
  readonly view: RgbImage | undefined;
  /** Elements of the earlier run that stand; their ids, and those of `place`, hold until `merge` renews them. */
  readonly kept: readonly Detection[];
  /** An element found in the view, in px of the source image; undefined if it is to be left out. */
  place(detection: Detection): Detection | undefined;
  /** All elements of the run, ready for the result. */
  merge(found: readonly Detection[]): readonly Detection[];
}

/** The whole image, nothing kept. */
function wholeImage(image: RgbImage, report?: FocusReport): Focus {
  return {
    ...(report === undefined ? {} : { report }),
    view: image,
    kept: [],
    place: (detection) => detection,
    merge: (found) => found,
  };
}

/**
 * Compares the image with the earlier run's. The earlier elements that no changed tile touches stand, as do those that
 * only enclose the change; in the crop only what meets a changed tile is new. An earlier image that cannot be read any
 * more, or has another size, means a full pass. Never rejects.
 */
export async function focusOn(
  request: FocusRequest | undefined,
  image: RgbImage,
  sizing: Pick<SizingRule, "factor">,
): Promise<Focus> {
  if (request === undefined) return wholeImage(image);
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
 * The settings for the view: its share of the image tokens that the whole image would get. So a crop of an image that a
 * full pass shrinks is shrunk as much, and its controls look as large to the model as they would there.
 */
export function viewSettings(
  settings: DetectSettings,
  sizing: SizingRule,
  image: Size,
  { view }: Focus,
): DetectSettings {
  if (view === undefined || (view.width === image.width && view.height === image.height)) return settings;
  const tokens = imageTokens(inputSize(sizing, settings, image), sizing.factor);
  const share = (view.width * view.height) / (image.width * image.height);
  return { ...settings, maxImageTokens: Math.round(tokens * share) };
}

/** Tokens that the whole image would have at the view's density. */
export function wholeImageTokens(tokens: number, image: Size, view: Size): number {
  return (tokens * image.width * image.height) / (view.width * view.height);
}

/** Elements that are shown and those that are kept apart. */
export function byConfidence(
  elements: readonly Detection[],
  { minConfidence }: DetectSettings,
): { readonly detections: Detection[]; readonly belowThreshold: Detection[] } {
  return {
    detections: elements.filter(({ confidence }) => confidence >= minConfidence),
    belowThreshold: elements.filter(({ confidence }) => confidence < minConfidence),
  };
}
