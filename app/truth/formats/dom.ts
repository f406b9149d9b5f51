import { z } from "zod";
import { type DocumentElement, type ReadImages, Skips } from "../document.ts";
import { firstText, isRecord, listOf, looseNumber } from "../loose.ts";
import { detectorLabel } from "./names.ts";

/** Where exports keep the box of an element. */
const boxFields = [
  "boundingBox",
  "rect",
  "boundingClientRect",
  "boundingRect",
  "bounding_box",
  "bounds",
  "bbox",
] as const;

/** As Playwright's `boundingBox()` or a DOMRect has it. */
const boxSchema = z
  .object({
    x: looseNumber.optional(),
    y: looseNumber.optional(),
    left: looseNumber.optional(),
    top: looseNumber.optional(),
    width: looseNumber.optional(),
    height: looseNumber.optional(),
    right: looseNumber.optional(),
    bottom: looseNumber.optional(),
  })
  .transform((box) => {
    const [x = box.left, y = box.top] = [box.x, box.y];
    if (x === undefined || y === undefined) return undefined;
    const width = box.width ?? (box.right === undefined ? undefined : box.right - x);
    const height = box.height ?? (box.bottom === undefined ? undefined : box.bottom - y);
    return width === undefined || height === undefined || width < 0 || height < 0
      ? undefined
      : ([x, y, width, height] as const);
  });

const scaleSchema = looseNumber.pipe(z.number().positive().max(100)).optional().catch(undefined);

/** Whether an entry is an element of a page with its box as an object. A box may be null: then it is not visible. */
export function isDomEntry(entry: unknown): boolean {
  if (!isRecord(entry)) return false;
  if (isRecord(boxFieldOf(entry))) return true;
  return boxFields.some((field) => entry[field] === null) && roleOf(entry) !== undefined && !("bbox" in entry);
}

/**
 * Elements of a page with the boxes of Playwright's `locator.boundingBox()` or the DOM's `getBoundingClientRect()`:
 * CSS px from the upper left of the screenshot, null for what is not visible. Either the bare list, or an object that
 * also tells how many px of the screenshot one CSS px is. A list that names no image belongs to the shown one.
 */
export function readDom(value: unknown): ReadImages {
  const page = isRecord(value) ? value : { elements: value };
  const skips = new Skips();
  const elements = listOf(page.elements).flatMap((entry) => elementOf(entry, skips));
  const scale = scaleSchema.parse(page.deviceScaleFactor ?? page.devicePixelRatio);
  const name = firstText(page.image, page.screenshot, page.file_name);
  // A scale of 1 is what exporters say that never asked.
  const sure = scale !== undefined && scale !== 1;
  return {
    images: [
      {
        names: name === undefined ? [] : [name],
        readings: [{ form: "xywh", unit: sure ? { of: "css", scale } : { of: "px" } }],
        sure,
        scrolls: true,
        elements,
        skipped: skips.list(),
      },
    ],
  };
}

function elementOf(entry: unknown, skips: Skips): readonly DocumentElement[] {
  const field = isRecord(entry) ? boxFieldOf(entry) : undefined;
  if (!isRecord(entry) || field === undefined) {
    skips.add("without a box");
    return [];
  }
  // Playwright's way to say that an element is not visible, which is no fault of the file.
  if (field === null) return [];
  const box = boxSchema.safeParse(field);
  if (!box.success || box.data === undefined) {
    skips.add("without a usable box");
    return [];
  }
  return [
    { label: detectorLabel(roleOf(entry)), text: firstText(entry.name, entry.text, entry.innerText), box: box.data },
  ];
}

function boxFieldOf(entry: Readonly<Record<string, unknown>>): unknown {
  const field = boxFields.find((name) => name in entry);
  return field === undefined ? undefined : entry[field];
}

function roleOf({ role, tag, tagName, label, type }: Readonly<Record<string, unknown>>): string | undefined {
  return firstText(role, tag, tagName, label, type);
}
