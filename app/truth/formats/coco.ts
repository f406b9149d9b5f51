import { group } from "d3-array";
import { z } from "zod";
import { imageIdSchema, type Size } from "../../contract/index.ts";
import { type DocumentElement, type DocumentImage, invalidTruth, type ReadImages, Skips } from "../document.ts";
import { isRecord, listOf, looseBox, looseId, looseSize, looseText } from "../loose.ts";
import { boxOfSegmentation } from "../shapes.ts";
import type { Reading } from "../units.ts";

/**
 * COCO object detection (cocodataset.org, "Data format"): `bbox` is [x, y, width, height] in px of the image. Read as
 * tools really write it: ids may be texts, any field may be missing or null, `images` may be one object. An annotation
 * without a usable box takes the one around its segmentation. Crowd annotations (`iscrowd` 1) mark regions, not
 * elements, and are left out.
 */
const imageSchema = z.object({
  id: looseId,
  file_name: looseText,
  /** Where others keep the name: COCO itself, its 2014 edition, CVAT and Datumaro. */
  coco_url: looseText,
  flickr_url: looseText,
  path: looseText,
  /** Of Roboflow: the name before it renamed the file. */
  extra: z.object({ name: looseText }).optional().catch(undefined),
  width: z.unknown().optional(),
  height: z.unknown().optional(),
  /** Ours: the hash of the file. */
  sha256: imageIdSchema.optional().catch(undefined),
});

const annotationSchema = z.object({
  image_id: looseId,
  category_id: looseId.optional().catch(undefined),
  bbox: z.unknown().optional(),
  segmentation: z.unknown().optional(),
  iscrowd: z.unknown().optional(),
  /** Not of COCO: exports of other tools, ours too, put the element's text here. */
  text: looseText,
});
type Annotation = z.output<typeof annotationSchema>;

const categorySchema = z.object({ id: looseId, name: looseText });

const readings: readonly Reading[] = [{ form: "xywh", unit: { of: "px" } }];

interface CocoImage {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly imageId: string | undefined;
  readonly size: Size | undefined;
}

/** Images without annotations are kept: nothing is to be found in them. Throws BAD_REQUEST. */
export function readCoco(value: unknown): ReadImages {
  const file = isRecord(value) ? value : {};
  const skips = new Skips();
  const annotations = annotationsOf(listOf(file.annotations), skips);
  const labels = labelsOf(file.categories);
  const listed = file.images !== undefined && file.images !== null;
  const images = listed ? imagesOf(listOf(file.images), skips) : unlisted(annotations);
  const ofImage = group(annotations, ({ image_id: id }) => id);
  const known = new Set(images.flatMap(({ ids }) => ids));
  const dangling = annotations.filter(({ image_id: id }) => !known.has(id));
  if (dangling.length > 0 && dangling.length === annotations.length) {
    throw invalidTruth(
      `No annotation belongs to an image of the file: image_id is ${dangling[0]?.image_id ?? ""}, the images have ${[...known].slice(0, 3).join(", ") || "no ids"}.`,
      "Export the images together with their annotations.",
    );
  }
  skips.add("of images that the file does not list", dangling.length);
  return {
    images: images.map(({ ids, names, imageId, size }) => {
      const own = new Skips();
      const elements = ids
        .flatMap((id) => ofImage.get(id) ?? [])
        .flatMap((annotation) => elementOf(annotation, labels, own));
      return { names, imageId, size, readings, elements, skipped: own.list() };
    }),
    skipped: skips.list(),
  };
}

/** Detections in COCO's result format: a list of annotations with scores, which names images by their ids alone. */
export function readCocoResults(value: unknown): ReadImages {
  const skips = new Skips();
  const annotations = annotationsOf(listOf(value), skips);
  const images = [...group(annotations, ({ image_id: id }) => id)].map(([, own]): DocumentImage => {
    const lost = new Skips();
    const elements = own.flatMap((annotation) => elementOf(annotation, new Map(), lost));
    return { names: [], readings, elements, skipped: lost.list() };
  });
  return { images: named(images, [...new Set(annotations.map(({ image_id: id }) => id))]), skipped: skips.list() };
}

/** Several images need something to be told apart by; a single one belongs to the shown screenshot. */
function named(images: readonly DocumentImage[], ids: readonly string[]): readonly DocumentImage[] {
  return images.length === 1 ? images : images.map((image, index) => ({ ...image, names: [ids[index] ?? ""] }));
}

function annotationsOf(values: readonly unknown[], skips: Skips): readonly Annotation[] {
  return values.flatMap((each) => {
    const annotation = annotationSchema.safeParse(each);
    if (!annotation.success) skips.add("without an image_id");
    return annotation.success ? [annotation.data] : [];
  });
}

function labelsOf(categories: unknown): ReadonlyMap<string, string> {
  const parsed = listOf(categories).flatMap((each) => {
    const category = categorySchema.safeParse(each);
    return category.success && category.data.name !== undefined
      ? [[category.data.id, category.data.name] as const]
      : [];
  });
  return new Map(parsed);
}

/** Images that have the same name and size are one: some tools list an image once for each annotator. */
function imagesOf(values: readonly unknown[], skips: Skips): readonly CocoImage[] {
  const images = values.flatMap((each) => {
    const image = imageSchema.safeParse(each);
    if (!image.success) {
      skips.add("without an id");
      return [];
    }
    const { id, file_name, coco_url, flickr_url, path, extra, width, height, sha256 } = image.data;
    const names = [file_name, extra?.name, path, coco_url, flickr_url].filter((name) => name !== undefined);
    return [{ id, names: [...new Set(names)], imageId: sha256, size: looseSize(width, height) }];
  });
  const groups = group(images, ({ id, names: [name], size }) =>
    name === undefined ? JSON.stringify({ id }) : JSON.stringify({ name: name.normalize("NFC"), size }),
  );
  return [...groups.values()].map((group) => ({
    ids: [...new Set(group.map(({ id }) => id))],
    names: [...new Set(group.flatMap(({ names }) => names))],
    imageId: group[0]?.imageId,
    size: group[0]?.size,
  }));
}

/** The images of a file that lists none, as the annotations name them. */
function unlisted(annotations: readonly Annotation[]): readonly CocoImage[] {
  const ids = [...new Set(annotations.map(({ image_id: id }) => id))];
  return ids.map((id) => ({ ids: [id], names: ids.length === 1 ? [] : [id], imageId: undefined, size: undefined }));
}

function elementOf(
  { bbox, segmentation, category_id: category, iscrowd, text }: Annotation,
  labels: ReadonlyMap<string, string>,
  skips: Skips,
): readonly DocumentElement[] {
  if (iscrowd === 1 || iscrowd === true || iscrowd === "1") {
    skips.add("marked as crowd (iscrowd)");
    return [];
  }
  const given = looseBox(bbox);
  const box = given !== undefined && given[2] >= 0 && given[3] >= 0 ? given : undefined;
  const around = box === undefined ? boxOfSegmentation(segmentation) : undefined;
  const used =
    box ??
    (around === undefined
      ? undefined
      : ([around[0], around[1], around[2] - around[0], around[3] - around[1]] as const));
  if (used === undefined) {
    skips.add(given === undefined ? "without a usable box" : "with a box of negative size");
    return [];
  }
  return [{ label: category === undefined ? undefined : labels.get(category), text, box: used }];
}
