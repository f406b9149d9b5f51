import { z } from "zod";
import {
  bboxSchema,
  imageIdSchema,
  pointSchema,
  runRecordSchema,
  runSchemaName,
} from "../../../../app/contract/index.ts";
import type { DocumentImage } from "../document.ts";
import { checked } from "./checked.ts";

export const truthFileSchemaName = "holoscope.truth";

/**
 * Holoscope's own truth file: `bbox` is [x1, y1, x2, y2] and `point` [x, y], in px of an image of the given width and
 * height (of the opened one, where they are left out). An image is found by `imageId`, the SHA-256 of its file, or by
 * its `name`.
 */
export const truthFileSchema = z.object({
  schema: z.literal(truthFileSchemaName),
  version: z.literal(1),
  images: z.array(
    z.object({
      name: z.string().min(1).optional(),
      imageId: imageIdSchema.optional(),
      width: z.int().positive().optional(),
      height: z.int().positive().optional(),
      elements: z.array(
        z.object({
          label: z.string().optional(),
          text: z.string().optional(),
          bbox: bboxSchema,
          point: pointSchema.optional(),
        }),
      ),
    }),
  ),
});

const expected =
  'A Holoscope truth file is {"schema": "holoscope.truth", "version": 1, "images": [{"name", "elements": [{"label", "bbox": [x1, y1, x2, y2]}]}]}.';

/** Reads a truth file, or a run file: its detections are then what is to be found again. Throws BAD_REQUEST. */
export function readHoloscope(value: unknown): readonly DocumentImage[] {
  if (typeof value === "object" && value !== null && Reflect.get(value, "schema") === runSchemaName) {
    const { image, detections } = checked(runRecordSchema, value, "a run file", "Save the run again.");
    const { id: imageId, name, width, height } = image;
    return [{ name, imageId, unit: { of: "px", size: { width, height } }, elements: detections }];
  }
  const { images } = checked(truthFileSchema, value, "a Holoscope truth file", expected);
  return images.map(({ name, imageId, width, height, elements }) => ({
    name,
    imageId,
    unit: { of: "px", size: width === undefined || height === undefined ? undefined : { width, height } },
    elements,
  }));
}
