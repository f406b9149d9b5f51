import { z } from "zod";
import type { BBox } from "../../../../app/contract/index.ts";
import { type DocumentImage, fromCorner, groupBy } from "../document.ts";
import { checked } from "./checked.ts";

/**
 * ScreenSpot and its kin: one entry for each instruction, several for one image. Their boxes differ:
 * - ScreenSpot and ScreenSpot-v2 (SeeClick): [x, y, width, height] in px;
 * - ScreenSpot on Hugging Face (rootsautomation) and its kin: [x1, y1, x2, y2] as fractions of the image;
 * - ScreenSpot-Pro, known by `img_size`: [x1, y1, x2, y2] in px of an image of that size.
 */
const entrySchema = z.object({
  img_filename: z.string().min(1).optional(),
  file_name: z.string().min(1).optional(),
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  instruction: z.string().optional(),
  /** The name that some re-issues have for it. */
  question: z.string().optional(),
  data_type: z.string().optional(),
  ui_type: z.string().optional(),
  img_size: z.tuple([z.int().positive(), z.int().positive()]).optional(),
});
const screenSpotSchema = z.array(
  entrySchema.refine((entry) => (entry.img_filename ?? entry.file_name) !== undefined, "there is no img_filename"),
);

const expected = "ScreenSpot is a list of entries with img_filename, bbox and instruction.";

/** Throws BAD_REQUEST. */
export function readScreenSpot(value: unknown): readonly DocumentImage[] {
  const entries = checked(screenSpotSchema, value, "ScreenSpot JSON", expected);
  // Decided for the file, not for each entry: a single px box may happen to have small numbers.
  const fractions = entries.every(({ bbox, img_size }) => img_size === undefined && bbox.every((side) => side <= 1));
  const byName = groupBy(entries, (entry) => entry.img_filename ?? entry.file_name);
  return [...byName].map(([name, own]) => {
    const [width, height] = own[0]?.img_size ?? [];
    const size = width === undefined || height === undefined ? undefined : { width, height };
    return {
      name,
      unit: fractions ? { of: "image" } : { of: "px", size },
      elements: own.map((entry) => ({
        label: entry.ui_type ?? entry.data_type,
        text: entry.instruction ?? entry.question,
        bbox: cornersOf(entry.bbox, fractions || entry.img_size !== undefined),
      })),
    };
  });
}

function cornersOf([a, b, c, d]: BBox, corners: boolean): BBox {
  return corners ? [a, b, c, d] : fromCorner(a, b, c, d);
}
