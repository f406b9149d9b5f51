import { group } from "d3-array";
import { z } from "zod";
import type { Size, Truth } from "../../contract/index.ts";
import { type DocumentElement, type ReadImages, Skips } from "../document.ts";
import { firstText, isRecord, listOf, looseBox, looseNumbers, loosePoint, looseSize } from "../loose.ts";
import { cornersByOrder } from "../reading.ts";
import { boxAround, boxAroundPoints } from "../shapes.ts";
import type { Reading } from "../units.ts";

/** Formats that are lists with one entry for each element, whose box is a list of four numbers. */
export type EntryFormat = Extract<Truth["format"], "screenspot" | "osworld-g" | "omniparser" | "qwen" | "boxes">;

const px = { of: "px" } as const;
const fraction = { of: "fraction" } as const;
const xywhPx: Reading = { form: "xywh", unit: px };
const xyxyPx: Reading = { form: "xyxy", unit: px };
const xyxyFraction: Reading = { form: "xyxy", unit: fraction };
const xywhFraction: Reading = { form: "xywh", unit: fraction };

/**
 * How each format writes boxes, the most usual first:
 * - ScreenSpot and v2 (SeeClick): [x, y, width, height] in px; on Hugging Face (rootsautomation) two corners as
 *   fractions; re-issues also have two corners in px, as ScreenSpot-Pro has (known by `img_size`);
 * - OSWorld-G: `box_coordinates` [x, y, width, height] in px of `image_size`;
 * - OmniParser: two corners as fractions;
 * - Qwen2.5-VL: `bbox_2d`, two corners in px of the model's input; Qwen3-VL: the same in thousandths. The two look alike,
 *   so what fits the screenshot is asked for where it matters (reading.ts).
 */
const usual: Readonly<Record<EntryFormat, readonly Reading[]>> = {
  screenspot: [xywhPx, xyxyPx],
  "osworld-g": [xywhPx, xyxyPx],
  omniparser: [xyxyPx],
  qwen: [xyxyPx],
  boxes: [xywhPx, xyxyPx],
};

const nameFields = [
  "img_filename",
  "file_name",
  "image_path",
  "img_path",
  "image",
  "filename",
  "image_name",
  "img",
] as const;
const boxFields = ["bbox", "bbox_2d", "box_coordinates", "box", "bounding_box"] as const;
const labelFields = ["label", "ui_type", "data_type", "type", "category", "class", "role"] as const;
const textFields = [
  "instruction",
  "question",
  "content",
  "text",
  "text_content",
  "caption",
  "prompt_to_evaluate",
  "name",
] as const;

const entrySchema = z.record(z.string(), z.unknown());

interface Entry {
  readonly name: string | undefined;
  readonly size: Size | undefined;
  readonly element: DocumentElement;
}

/** By its fields what kind of list an entry is from; undefined if it has no list of numbers for a box. */
export function entryFormat(entry: unknown): EntryFormat | undefined {
  if (!isRecord(entry)) return undefined;
  if ("bbox_2d" in entry || "point_2d" in entry) return "qwen";
  if ("box_coordinates" in entry) return "osworld-g";
  const has = boxFields.some((field) => Array.isArray(entry[field]) || (field in entry && entry[field] === null));
  if (!has) return undefined;
  if ("interactivity" in entry && "content" in entry) return "omniparser";
  return nameFields.some((field) => firstText(entry[field]) !== undefined) ? "screenspot" : "boxes";
}

/** Reads such a list; an entry without a usable box is skipped. */
export function readEntries(value: unknown, format: EntryFormat): ReadImages {
  const skips = new Skips();
  const entries = listOf(value).flatMap((each) => entryOf(each, skips));
  const readings = readingsOf(format, entries);
  const images = [...group(entries, ({ name }) => name)].map(([name, own]) => ({
    names: name === undefined ? [] : [name],
    size: own.find(({ size }) => size !== undefined)?.size,
    readings,
    elements: own.map(({ element }) => element),
    skipped: [],
  }));
  return {
    images: images.length === 0 ? [{ names: [], readings, elements: [], skipped: [] }] : images,
    skipped: skips.list(),
  };
}

function entryOf(value: unknown, skips: Skips): readonly Entry[] {
  const entry = entrySchema.safeParse(value);
  if (!entry.success) {
    skips.add("not an object");
    return [];
  }
  const fields = entry.data;
  const field = boxFields.find((name) => fields[name] !== undefined && fields[name] !== null);
  const box = field === undefined ? undefined : boxOf(fields[field]);
  if (box === undefined) {
    skips.add("without a usable box");
    return [];
  }
  const label = firstText(...labelFields.map((name) => fields[name]), listOf(fields.GUI_types)[0]);
  const text = firstText(...textFields.map((name) => fields[name]));
  const [width, height] = looseNumbers(fields.img_size ?? fields.image_size, 2) ?? [];
  return [
    {
      name: firstText(...nameFields.map((name) => fields[name])),
      size: looseSize(width ?? fields.width, height ?? fields.height),
      element: { label, text, ...box, point: loosePoint(fields.point_2d ?? fields.point) },
    },
  ];
}

/** Four numbers; two points, or a polygon of more, are corners whatever the format's form is. */
function boxOf(value: unknown): Pick<DocumentElement, "box" | "form"> | undefined {
  const box = looseBox(value);
  if (box !== undefined) return { box };
  const around = boxAroundPoints(value) ?? boxAround(looseNumbers(value, 6) ?? []);
  return around === undefined ? undefined : { box: around, form: "xyxy" };
}

/**
 * The order in which the forms are tried. Fractions are known by their size, for the file and not for each entry: a
 * single px box may happen to have small numbers. Two corners are known by an order that no list of widths has by chance.
 */
function readingsOf(format: EntryFormat, entries: readonly Entry[]): readonly Reading[] {
  const boxes = entries.filter(({ element }) => element.form === undefined).map(({ element: { box } }) => box);
  const ordered = boxes.every(([a, b, c, d]) => c >= a && d >= b);
  if (boxes.length > 0 && boxes.every((box) => box.every((side) => side >= -0.01 && side <= 1.01))) {
    const whole = boxes.every((box) => box.every(Number.isInteger));
    if (!whole) return ordered ? [xyxyFraction, xywhFraction] : [xywhFraction];
  }
  if (format === "screenspot" && ordered && entries.every(({ size }) => size !== undefined)) return [xyxyPx, xywhPx];
  const [first = xywhPx] = usual[format];
  if (first.form !== "xywh") return usual[format];
  if (!ordered) return [xywhPx];
  return cornersByOrder(boxes) ? [xyxyPx, xywhPx] : usual[format];
}
