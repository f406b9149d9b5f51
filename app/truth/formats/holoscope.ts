import { z } from "zod";
import {
  bboxSchema,
  imageIdSchema,
  type ParseResponse,
  pointSchema,
  runRecordSchema,
  runSchemaName,
} from "../../contract/index.ts";
import { type DocumentImage, invalidTruth, type ReadImages, Skips } from "../document.ts";
import { firstText, isRecord, listOf, looseBox, looseSize } from "../loose.ts";
import type { Reading } from "../units.ts";

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

const readings: readonly Reading[] = [{ form: "xyxy", unit: { of: "px" } }];

/** Reads a truth file, or a run file: its detections are then what is to be found again. Throws BAD_REQUEST. */
export function readHoloscope(value: unknown): ReadImages {
  if (isRecord(value) && value.schema === runSchemaName) {
    const { image, detections } = checked(runRecordSchema, value, "a run file", "Save the run again.");
    const { id: imageId, name, width, height } = image;
    return {
      images: [
        {
          names: name === undefined ? [] : [name],
          imageId,
          size: { width, height },
          readings,
          sure: true,
          elements: detections.map(({ label, text, bbox, point }) => ({ label, text, box: bbox, point })),
          skipped: [],
        },
      ],
    };
  }
  const { images } = checked(truthFileSchema, value, "a Holoscope truth file", expected);
  return {
    images: images.map(
      ({ name, imageId, width, height, elements }): DocumentImage => ({
        names: name === undefined ? [] : [name],
        imageId,
        size: looseSize(width, height),
        readings,
        elements: elements.map(({ bbox, ...element }) => ({ ...element, box: bbox })),
        skipped: [],
      }),
    ),
  };
}

/** Whether it is an answer of POST /parse, ours or the original service's. */
export function isParseAnswer(value: unknown): boolean {
  if (!isRecord(value) || !Array.isArray(value.elements)) return false;
  const [first] = value.elements;
  return isRecord(value.image_size) || (isRecord(first) && "element_id" in first && "center" in first);
}

/** An answer of POST /parse: `bbox` is [x, y, width, height] in px of the image. It does not name the image. */
export function readParseAnswer(value: unknown): ReadImages {
  const answer: Partial<Record<keyof ParseResponse, unknown>> = isRecord(value) ? value : {};
  const size = isRecord(answer.image_size) ? looseSize(answer.image_size.width, answer.image_size.height) : undefined;
  const skips = new Skips();
  const elements = listOf(answer.elements).flatMap((element) => {
    const box = isRecord(element) ? looseBox(element.bbox) : undefined;
    if (!isRecord(element) || box === undefined) {
      skips.add("without a usable box");
      return [];
    }
    const [label, caption] = [firstText(element.type), firstText(element.caption)];
    return [{ label, text: caption === label ? undefined : caption, box }];
  });
  return {
    images: [
      {
        names: [],
        size,
        readings: [{ form: "xywh", unit: { of: "px" } }],
        sure: true,
        elements,
        skipped: skips.list(),
      },
    ],
  };
}

/** Parses with a schema; the error names the first place that breaks the format, such as "images[3].elements". */
function checked<S extends z.ZodType>(schema: S, value: unknown, kind: string, hint: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = (issue?.path ?? [])
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("");
  const where = place === "" ? "" : ` at ${place.replace(/^\./, "")}`;
  throw invalidTruth(`This looks like ${kind}, but it breaks the format${where}: ${issue?.message}.`, hint);
}
