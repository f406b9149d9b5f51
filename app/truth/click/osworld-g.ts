import { z } from "zod";
import type { Point } from "../../contract/index.ts";
import { isRecord } from "../loose.ts";
import { checkedEntries, imageNameSchema, instructionSchema, sidesSchema, wrongEntry, xywhSchema } from "./checked.ts";
import type { ClickItem, ClickTarget, EvaluationFile } from "./items.ts";

const format = "OSWorld-G";

/** The columns of the benchmark's paper, by the names that its classification_result.json has for them. */
export const osworldCategories: Readonly<Record<string, string>> = {
  text_matching: "text matching",
  element_recognition: "element recognition",
  layout_understanding: "layout understanding",
  fine_grained_manipulation: "fine-grained manipulation",
};
export const refusalColumn = "refusal";
export const withoutRefusalsColumn = "all without refusals";

/**
 * OSWorld-G (xlang-ai/OSWorld-G, benchmark/OSWorld-G.json and evaluation/eval.py): `box_coordinates` is
 * [x, y, width, height], a flat list of a polygon's corners, or without meaning where the element is not there; px of
 * `image_size`. OSWorld-G_refined.json has the same items with clearer instructions.
 */
const entrySchema = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  image_path: imageNameSchema,
  image_size: sidesSchema,
  instruction: instructionSchema,
  box_type: z.enum(["bbox", "polygon", "refusal"]),
  box_coordinates: z.array(z.number()).max(10_000).default([]),
});
type Entry = z.output<typeof entrySchema>;

/** Categories by the ids of their items; an item may be in several. */
export type Classification = ReadonlyMap<string, readonly string[]>;

const classificationSchema = z.object({
  classified: z.record(
    z.string(),
    z.array(z.object({ id: z.union([z.string(), z.number()]).transform(String) })).max(100_000),
  ),
});

/** Whether an entry is one of OSWorld-G, by its fields. */
export function isOsworldG(entry: unknown): boolean {
  return isRecord(entry) && "box_type" in entry && "image_path" in entry;
}

/** The categories of items, if a JSON value is the file that has them. */
export function readClassification(value: unknown): Classification | undefined {
  const read = classificationSchema.safeParse(value);
  if (!read.success) return undefined;
  const categories = new Map<string, string[]>();
  for (const [name, items] of Object.entries(read.data.classified)) {
    const category = osworldCategories[name];
    if (category === undefined) continue;
    for (const { id } of items) categories.set(id, [...(categories.get(id) ?? []), category]);
  }
  return categories;
}

/** Reads OSWorld-G. Throws BAD_REQUEST naming the entry that breaks the format. */
export function readOsworldG(list: readonly unknown[], file: string, classes: Classification): EvaluationFile {
  const entries = checkedEntries(entrySchema, list, format, file);
  const clicks = entries.map((entry, index): ClickItem => {
    const { image_path: image, image_size: size, instruction, box_type, id } = entry;
    const groups =
      box_type === "refusal" ? [refusalColumn] : [...new Set(classes.get(id) ?? []), withoutRefusalsColumn];
    return { index, image, instruction, size, target: targetOf(entry, file, index), groups };
  });
  const split = /refined/i.test(file.slice(file.lastIndexOf("/") + 1))
    ? "refined instructions"
    : "original instructions";
  return { dataset: "osworld-g", split, file, clicks, detections: [] };
}

function targetOf({ box_type, box_coordinates }: Entry, file: string, index: number): ClickTarget {
  if (box_type === "refusal") return { kind: "nothing" };
  const wrong = (problem: string) => wrongEntry(format, file, index, `, field "box_coordinates": ${problem}`);
  if (box_type === "bbox") {
    const box = xywhSchema.safeParse(box_coordinates);
    if (!box.success) throw wrong(box.error.issues[0]?.message ?? "no box");
    const [x, y, width, height] = box.data;
    return { kind: "box", box: [x, y, x + width, y + height] };
  }
  if (box_coordinates.length < 6 || box_coordinates.length % 2 !== 0) {
    throw wrong("a polygon needs x and y of three corners or more");
  }
  const corners = box_coordinates.flatMap((x, at): Point[] =>
    at % 2 === 0 ? [[x, box_coordinates[at + 1] ?? 0]] : [],
  );
  return { kind: "polygon", corners };
}
