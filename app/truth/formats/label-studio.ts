import { z } from "zod";
import type { Size } from "../../contract/index.ts";
import { type DocumentElement, type DocumentImage, type ReadImages, Skips } from "../document.ts";
import { firstText, isRecord, listOf, looseNumber, looseSize } from "../loose.ts";
import { boxAroundPoints, corners, turnedBox } from "../shapes.ts";
import type { Reading } from "../units.ts";

const readings: readonly Reading[] = [{ form: "xyxy", unit: { of: "percent" } }];

const rectangleSchema = z.object({
  x: looseNumber,
  y: looseNumber,
  width: looseNumber.pipe(z.number().min(0)),
  height: looseNumber.pipe(z.number().min(0)),
  rotation: looseNumber.optional().catch(undefined),
});
const ellipseSchema = z.object({ x: looseNumber, y: looseNumber, radiusX: looseNumber, radiusY: looseNumber });

/** Fields of a task that hold the result of the labelling, in Label Studio's editions. */
const resultFields = ["annotations", "completions", "predictions"] as const;

/** Whether it is a task of Label Studio's JSON, or a row of its JSON-MIN. */
export function isLabelStudioTask(value: unknown): boolean {
  if (!isRecord(value)) return false;
  if (isRecord(value.data) && resultFields.some((field) => Array.isArray(value[field]))) return true;
  return minimalRegions(value).length > 0;
}

/**
 * Label Studio (labelstud.io, "Export results"): a task for each image; regions are in percent of the image, turned
 * around their upper left corner. Of several people's annotations of one task the first that was not cancelled counts.
 */
export function readLabelStudio(value: unknown): ReadImages {
  const skips = new Skips();
  const images = (isRecord(value) ? [value] : listOf(value)).flatMap((task) => {
    if (isLabelStudioTask(task) && isRecord(task)) return [imageOf(task)];
    skips.add("not a task");
    return [];
  });
  return { images, skipped: skips.list() };
}

function imageOf(task: Readonly<Record<string, unknown>>): DocumentImage {
  const skips = new Skips();
  const minimal = minimalRegions(task);
  const regions = minimal.length > 0 ? minimal : resultOf(task, skips);
  const data = isRecord(task.data) ? task.data : task;
  const name = firstText(data.image, data.img, data.image_url, task.file_upload, ...imageTexts(data));
  const size = regions.map(sizeOf).find((known) => known !== undefined);
  return {
    names: name === undefined ? [] : [name],
    size,
    readings,
    sure: true,
    elements: regions.flatMap((region) => elementOf(region, size, skips)),
    skipped: skips.list(),
  };
}

/** Values of a task's data that look like the path of an image; the field has the name that the project gave it. */
function imageTexts(data: Readonly<Record<string, unknown>>): readonly string[] {
  const texts = Object.values(data).filter((value) => typeof value === "string");
  return texts.filter((text) => /\.(?:png|jpe?g|webp|gif|avif|bmp)(?:[?#]|$)/i.test(text.slice(-500)));
}

function resultOf(task: Readonly<Record<string, unknown>>, skips: Skips): readonly Readonly<Record<string, unknown>>[] {
  const all = resultFields
    .map((field) => listOf(task[field]).filter(isRecord))
    .find((annotations) => annotations.length > 0);
  const kept = (all ?? []).filter(({ was_cancelled: cancelled }) => cancelled !== true);
  skips.add("by further annotators", Math.max(0, kept.length - 1));
  return listOf(kept[0]?.result).filter(isRecord);
}

/** JSON-MIN has the regions themselves, as a list under the name of the label. */
function minimalRegions(row: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  const list = Object.values(row).find(
    (value) => Array.isArray(value) && isRecord(value[0]) && "original_width" in value[0] && !("value" in value[0]),
  );
  return listOf(list).filter(isRecord);
}

function sizeOf({
  original_width: width,
  original_height: height,
}: Readonly<Record<string, unknown>>): Size | undefined {
  return looseSize(width, height);
}

function elementOf(
  region: Readonly<Record<string, unknown>>,
  size: Size | undefined,
  skips: Skips,
): readonly DocumentElement[] {
  const value = isRecord(region.value) ? region.value : region;
  const label = Object.entries(value)
    .filter(([field]) => field === "labels" || field.endsWith("labels"))
    .map(([, labels]) => firstText(...listOf(labels)))
    .find((text) => text !== undefined);
  const box = boxOf(value, size);
  if (box !== undefined) return [{ label, text: firstText(...listOf(value.text)), box }];
  // Choices, ratings and texts belong to a region or to the whole image; they mark nothing of their own.
  if ("x" in value || "points" in value || "rle" in value) skips.add("without a usable box");
  return [];
}

function boxOf(value: Readonly<Record<string, unknown>>, size: Size | undefined) {
  const ellipse = ellipseSchema.safeParse(value);
  if (ellipse.success) {
    const { x, y, radiusX, radiusY } = ellipse.data;
    return corners(x - radiusX, y - radiusY, 2 * radiusX, 2 * radiusY);
  }
  const rectangle = rectangleSchema.safeParse(value);
  if (rectangle.success) {
    const { x, y, width, height, rotation = 0 } = rectangle.data;
    return turnedBox(corners(x, y, width, height), rotation, size === undefined ? 1 : size.height / size.width);
  }
  return boxAroundPoints(value.points);
}
