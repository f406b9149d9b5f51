import { group } from "d3-array";
import {
  type BBox,
  defined,
  HoloscopeError,
  type ImageRef,
  type Size,
  type Truth,
  type TruthElement,
  truthLimits,
} from "../contract/index.ts";
import { formatSize } from "../presentation/numbers.ts";
import {
  type DocumentElement,
  type DocumentImage,
  imageTitle,
  mergedSkips,
  Skips,
  type TruthDocument,
} from "./document.ts";
import { meansImage, type NameLevel, nameKeys, nameLevels } from "./image-names.ts";
import { extentOf, impossible, improbable, otherShape, possibleReadings, readBox, scalesOf } from "./reading.ts";
import { type BoxForm, type BoxUnit, type Reading, readingText } from "./units.ts";

/** What a user decided about a file that leaves it open. */
export interface TruthChoice {
  readonly unit?: BoxUnit | undefined;
  readonly form?: BoxForm | undefined;
  /** The image of the file that is the given open one, whatever it is called. */
  readonly byHand?: { readonly image: DocumentImage; readonly imageId: string } | undefined;
}

export interface PlacedTruth {
  readonly imageId: string;
  readonly truth: Truth;
}

/** A way to read the boxes, and what it makes of them. */
export interface PossibleReading {
  readonly reading: Reading;
  readonly text: string;
  readonly truth: Truth;
}

/** An image whose boxes cannot be what their format says. Nothing is placed until a user decides. */
export interface Doubt {
  readonly image: DocumentImage;
  readonly target: ImageRef;
  /** Continues "The unit of the boxes cannot be right: ". */
  readonly reason: string;
  /** The most probable first; the last is how the format is usually read. */
  readonly readings: readonly PossibleReading[];
}

/** What of a truth file belongs to which open image. */
export interface Placement {
  readonly placed: readonly PlacedTruth[];
  /** Images of the file that are not open. */
  readonly waiting: readonly DocumentImage[];
  readonly doubts: readonly Doubt[];
  /** Images that are open but cannot take what the file says of them. */
  readonly problems: readonly { readonly about: string; readonly error: HoloscopeError }[];
}

interface Pair {
  readonly image: DocumentImage;
  readonly target: ImageRef;
}

/**
 * Brings a truth file together with the open images: by the image's hash, by its name (see image-names.ts), by hand, or,
 * where the file names no image, with the shown one. Boxes in a unit that cannot be right become doubts, unless the
 * choice says what they are. Throws BAD_REQUEST if a file about one unnamed image finds none shown.
 */
export function placeTruth(
  document: TruthDocument,
  open: readonly ImageRef[],
  shown: ImageRef | undefined,
  choice: TruthChoice = {},
): Placement {
  const pairs = pairsOf(document, open, shown, choice.byHand);
  const paired = new Set(pairs.map(({ image }) => image));
  const read = pairs.map((pair) => ({ ...pair, ...readingOf(pair, choice) }));
  const takenAsPx = ({ image, reading, forced }: Pair & Chosen): boolean =>
    !image.sure && !forced && reading.unit.of === "px";
  const unlikely = improbable(
    read
      .filter((each) => takenAsPx(each) && each.reason === undefined)
      .map(({ image, target, reading }) => [extentOf(image, reading, target), target, image] as const),
  );

  const placed: PlacedTruth[] = [];
  const doubts: Doubt[] = [];
  const problems: Placement["problems"][number][] = [];
  for (const each of read) {
    const { image, target, reading, reason, forced } = each;
    const doubt = reason ?? (takenAsPx(each) ? unlikely : undefined);
    try {
      if (doubt === undefined) {
        placed.push({ imageId: target.id, truth: truthOf(document, image, target, reading, forced) });
      } else {
        doubts.push({ image, target, reason: doubt, readings: readingsOf(document, image, target, reading) });
      }
    } catch (error) {
      problems.push({ about: target.name ?? document.source, error: HoloscopeError.from(error) });
    }
  }
  return { placed, waiting: document.images.filter((image) => !paired.has(image)), doubts, problems };
}

/** Which image of the file is which open one. What several could be is left to the user. */
function pairsOf(
  document: TruthDocument,
  open: readonly ImageRef[],
  shown: ImageRef | undefined,
  byHand: TruthChoice["byHand"],
): readonly Pair[] {
  const pairs: Pair[] = [];
  if (byHand !== undefined) {
    const target = open.find(({ id }) => id === byHand.imageId);
    return target === undefined ? [] : [{ image: byHand.image, target }];
  }
  const taken = new Set<ImageRef>();
  const take = (image: DocumentImage, targets: readonly ImageRef[]) => {
    for (const target of targets) {
      taken.add(target);
      pairs.push({ image, target });
    }
  };
  let rest = [...document.images];
  const round = (targetsOf: (image: DocumentImage) => readonly ImageRef[]) => {
    const found = rest.map((image) => ({ image, targets: targetsOf(image).filter((target) => !taken.has(target)) }));
    const claims = group(
      found.flatMap(({ targets }) => targets),
      (target) => target,
    );
    // Two images of the file that mean the same open one cannot both be right.
    const clear = found.filter(
      ({ targets }) => targets.length > 0 && targets.every((target) => claims.get(target)?.length === 1),
    );
    for (const { image, targets } of clear) take(image, targets);
    const done = new Set(clear.map(({ image }) => image));
    rest = rest.filter((image) => !done.has(image));
  };
  round(({ imageId }) => (imageId === undefined ? [] : open.filter(({ id }) => id === imageId)));
  for (const level of nameLevels) {
    const named = namesOnLevel(open, level);
    round(({ names }) => {
      const found = [
        ...new Set(names.flatMap((name) => [...nameKeys(name, level)]).flatMap((key) => named.get(key) ?? [])),
      ];
      // Below the full name, two open images that fit are one too many.
      return level === 0 || found.length === 1 ? found : [];
    });
  }
  const [single] = rest;
  if (single === undefined || document.images.length > 1) return pairs;
  if (single.names.length === 0 && single.imageId === undefined) {
    const own = open.filter(
      ({ name }) => name !== undefined && meansImage({ names: sidecarNames(document.source) }, name, 1),
    );
    if (own.length === 1) take(single, own);
    else if (shown !== undefined) take(single, [shown]);
    else {
      throw new HoloscopeError(
        "BAD_REQUEST",
        "The file does not say which image it is about.",
        "Open its screenshot first, then the ground truth.",
      );
    }
  } else if (shown !== undefined && shown.name === undefined && single.names.length > 0) take(single, [shown]);
  return pairs;
}

function namesOnLevel(open: readonly ImageRef[], level: NameLevel): ReadonlyMap<string, readonly ImageRef[]> {
  const named = new Map<string, ImageRef[]>();
  for (const image of open) {
    if (image.name === undefined) continue;
    for (const key of nameKeys(image.name, level)) named.set(key, [...(named.get(key) ?? []), image]);
  }
  return named;
}

/** "shot.dom.json" may lie beside "shot.png". */
function sidecarNames(source: string): readonly string[] {
  const stem = source.replace(/\.[^.]*$/, "");
  return [source, stem];
}

interface Chosen {
  readonly reading: Reading;
  /** Why no reading of the format can be right. */
  readonly reason?: string | undefined;
  /** The user said how to read it. */
  readonly forced: boolean;
}

function readingOf({ image, target }: Pair, { unit, form }: TruthChoice): Chosen {
  const forced = unit !== undefined || form !== undefined;
  const usual = usualReading(image);
  const options = forced ? forcedReadings(image, unit, form) : image.readings;
  const possible = options.find((reading) => impossible(extentOf(image, reading, target)) === undefined);
  if (forced) return { reading: possible ?? options[0] ?? usual, forced };
  const isPx = (possible ?? usual).unit.of === "px";
  if (image.size !== undefined && isPx && otherShape(image.size, target)) {
    const reason = `the file was made for an image of ${formatSize(image.size)}, and the screenshot has ${formatSize(target)}`;
    return { reading: possible ?? usual, reason, forced };
  }
  if (possible !== undefined || image.sure === true) return { reading: possible ?? usual, forced };
  return { reading: usual, reason: impossible(extentOf(image, usual, target)), forced };
}

function usualReading({ readings }: DocumentImage): Reading {
  return readings[0] ?? { form: "xywh", unit: { of: "px" } };
}

function forcedReadings(
  image: DocumentImage,
  unit: BoxUnit | undefined,
  form: BoxForm | undefined,
): readonly Reading[] {
  const known = image.readings.map((reading) => ({ form: form ?? reading.form, unit: unit ?? reading.unit }));
  const usual = usualReading(image);
  const other: Reading = { form: form ?? (usual.form === "xywh" ? "xyxy" : "xywh"), unit: unit ?? usual.unit };
  return [...known, other];
}

/** At most this many ways are offered, beside the usual one. */
const maxReadings = 4;

function readingsOf(
  document: TruthDocument,
  image: DocumentImage,
  target: ImageRef,
  usual: Reading,
): readonly PossibleReading[] {
  const likely = possibleReadings(image, target)
    .filter((reading) => readingText(reading) !== readingText(usual))
    .slice(0, maxReadings);
  return [...likely, usual].map((reading) => ({
    reading,
    text: readingText(reading, sizeRead(reading, image, target)),
    truth: truthOf(document, image, target, reading, true),
  }));
}

/** The size that px are of; that of an image of another shape counts only where it is stretched. */
function sizeRead({ unit }: Reading, { size }: DocumentImage, target: Size): Size | undefined {
  return unit.of !== "stretched" && otherShape(size, target) ? undefined : size;
}

/** The truth of a doubted image, read as a user decided. Throws BAD_REQUEST if it has too many elements. */
export function readAs(document: TruthDocument, { image, target }: Doubt, reading: Reading): PlacedTruth {
  return { imageId: target.id, truth: truthOf(document, image, target, reading, true) };
}

function truthOf(
  { format, source }: TruthDocument,
  image: DocumentImage,
  target: ImageRef,
  reading: Reading,
  forced: boolean,
): Truth {
  const scales = scalesOf(reading, image, target);
  const skips = new Skips();
  const elements: TruthElement[] = [];
  for (const element of image.elements) {
    const [x1, y1, x2, y2] = readBox(element, reading, scales);
    const bbox = clipped([x1, y1, x2, y2], target);
    if (bbox[2] > bbox[0] && bbox[3] > bbox[1]) {
      elements.push(elementOf(element, `t${elements.length + 1}`, bbox, scales));
    } else skips.add(x2 > x1 && y2 > y1 ? "outside the screenshot" : "without area");
  }
  if (elements.length > truthLimits.elements) {
    throw new HoloscopeError(
      "BAD_REQUEST",
      `The file has ${elements.length} elements for ${imageTitle(image)}; at most ${truthLimits.elements} are accepted.`,
      "Leave out elements that no user sees.",
    );
  }
  const skipped = [...mergedSkips(image.skipped, skips.list())];
  return {
    format,
    source: source.slice(0, truthLimits.sourceLength),
    elements,
    ...defined({
      skipped: skipped.length === 0 ? undefined : skipped,
      reading: forced ? readingText(reading, sizeRead(reading, image, target)) : undefined,
    }),
  };
}

function elementOf(
  { label, text, point }: DocumentElement,
  id: string,
  bbox: BBox,
  [scaleX, scaleY]: readonly [number, number],
): TruthElement {
  const cut = (value: string | undefined, length: number) => (value?.trim() ? value.slice(0, length) : undefined);
  return {
    id,
    bbox,
    ...defined({
      label: cut(label, truthLimits.labelLength),
      text: cut(text, truthLimits.textLength),
      point: point === undefined ? undefined : ([point[0] * scaleX, point[1] * scaleY] as [number, number]),
    }),
  };
}

/** Without what lies outside the image, as parts of a scrolled page do. */
function clipped([x1, y1, x2, y2]: BBox, { width, height }: Size): BBox {
  const inX = (x: number) => Math.min(width, Math.max(0, x));
  const inY = (y: number) => Math.min(height, Math.max(0, y));
  return [inX(x1), inY(y1), inX(x2), inY(y2)];
}
