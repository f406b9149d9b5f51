import { type DocumentElement, type ReadImages, Skips } from "../document.ts";
import { looseNumber } from "../loose.ts";
import { boxAround } from "../shapes.ts";
import type { Reading } from "../units.ts";

/** A line of a label file begins with a class and has four numbers at least. */
const line = /^\s*\d{1,6}(?:\s+[-+.\deE]{1,40}){4,}\s*$/;

/** Whether a text is a YOLO label file: most of its first lines are. Of an empty file nothing tells what it is. */
export function isYolo(text: string): boolean {
  const first = text
    .slice(0, 50_000)
    .split(/\r?\n/, 20)
    .filter((each) => each.trim() !== "");
  const elements = first.filter((each) => each.length < 20_000 && line.test(each));
  return elements.length * 2 > first.length;
}

const readings: readonly Reading[] = [{ form: "xyxy", unit: { of: "fraction" } }];

/**
 * YOLO label files (docs.ultralytics.com, "Detection datasets" and "Segmentation datasets"): one line for each element,
 * `class x_centre y_centre width height` as fractions of the image, maybe with a confidence; or `class x y x y ...`, a
 * polygon. The image has the file's own name.
 * @param classes names of the classes by their numbers; without them the labels are unknown.
 */
export function readYolo(text: string, source: string, classes: readonly string[]): ReadImages {
  const skips = new Skips();
  const elements = text.split(/\r?\n/).flatMap((each): readonly DocumentElement[] => {
    if (each.trim() === "") return [];
    const [label = "", ...rest] = each.trim().split(/\s+/);
    const numbers = rest.map((word) => looseNumber.safeParse(word).data);
    const box = numbers.includes(undefined) ? undefined : boxOf(numbers.map((number) => number ?? 0));
    if (!/^\d{1,6}$/.test(label) || box === undefined) {
      skips.add("not in YOLO's form");
      return [];
    }
    return [{ label: classes[Number(label)], box }];
  });
  return { images: [{ names: [source], readings, elements, skipped: skips.list() }] };
}

function boxOf(numbers: readonly number[]) {
  const [x = 0, y = 0, width = 0, height = 0] = numbers;
  if (numbers.length === 4 || numbers.length === 5) {
    return width < 0 || height < 0
      ? undefined
      : ([x - width / 2, y - height / 2, x + width / 2, y + height / 2] as const);
  }
  return numbers.length >= 6 && numbers.length % 2 === 0 ? boxAround(numbers) : undefined;
}
