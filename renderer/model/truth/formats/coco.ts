import { z } from "zod";
import { type DocumentImage, fromCorner, groupBy } from "../document.ts";
import { checked } from "./checked.ts";

/**
 * COCO object detection (cocodataset.org, "Data format"): `bbox` is [x, y, width, height] in px of the image. Crowd
 * annotations (`iscrowd` 1) mark regions, not elements, and are left out.
 */
const cocoSchema = z.object({
  images: z.array(
    z.object({
      id: z.union([z.number(), z.string()]),
      file_name: z.string().min(1),
      width: z.int().positive().optional(),
      height: z.int().positive().optional(),
    }),
  ),
  annotations: z.array(
    z.object({
      image_id: z.union([z.number(), z.string()]),
      category_id: z.union([z.number(), z.string()]).optional(),
      bbox: z.tuple([z.number(), z.number(), z.number().min(0), z.number().min(0)]),
      iscrowd: z.union([z.number(), z.boolean()]).optional(),
      /** Not of COCO: exports of other tools put the element's text here. */
      text: z.string().optional(),
    }),
  ),
  categories: z.array(z.object({ id: z.union([z.number(), z.string()]), name: z.string() })).default([]),
});

const expected =
  "COCO has images (id, file_name), annotations (image_id, category_id, bbox [x, y, w, h]) and categories.";

/** Images without annotations are kept: nothing is to be found in them. Throws BAD_REQUEST. */
export function readCoco(value: unknown): readonly DocumentImage[] {
  const { images, annotations, categories } = checked(cocoSchema, value, "COCO JSON", expected);
  const labels = new Map(categories.map(({ id, name }) => [id, name]));
  const ofImage = groupBy(
    annotations.filter(({ iscrowd }) => !iscrowd),
    ({ image_id: image }) => image,
  );
  return images.map(({ id, file_name: name, width, height }) => ({
    name,
    unit: { of: "px", size: width === undefined || height === undefined ? undefined : { width, height } },
    elements: (ofImage.get(id) ?? []).map(({ category_id: category, bbox, text }) => ({
      label: category === undefined ? undefined : labels.get(category),
      text,
      bbox: fromCorner(...bbox),
    })),
  }));
}
