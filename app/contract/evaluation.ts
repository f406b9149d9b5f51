import { z } from "zod";
import { detectionSchema, pointSchema, sizeSchema } from "./detection.ts";
import { errorInfoSchema } from "./errors.ts";
import { imageIdSchema } from "./image.ts";
import { runIdSchema } from "./run.ts";
import { shortText } from "./text.ts";

/** The benchmarks whose annotations are read, and the users' own truth files. */
export const evaluationDatasets = ["screenspot", "screenspot-v2", "screenspot-pro", "osworld-g", "own"] as const;
export const evaluationDatasetSchema = z.enum(evaluationDatasets);
export type EvaluationDataset = z.infer<typeof evaluationDatasetSchema>;

/** What makes two questions the same one, so that the answer to the first is the answer to both. */
export const questionKeySchema = z.object({
  image: imageIdSchema,
  /** null asks for every element. */
  instruction: shortText.nullable(),
  /** SHA-256 of the model and of everything that its answer depends on. */
  settings: z.string().regex(/^[0-9a-f]{64}$/),
});
export type QuestionKey = z.infer<typeof questionKeySchema>;

/**
 * One line of an evaluation's journal: what a model answered. Whether that is right is not part of it, so that a
 * corrected annotation needs no new answer.
 */
export const answerLineSchema = z.object({
  version: z.literal(1),
  key: questionKeySchema,
  /** Absent if no run was made, as for an image that cannot be opened. */
  runId: runIdSchema.optional(),
  /** px of the image; absent if it could not be opened. */
  imageSize: sizeSchema.optional(),
  /** ms of the whole run. */
  ms: z.number().min(0).optional(),
  /** The image was kept from the question before, so `ms` is less than a first question takes. */
  reused: z.boolean().optional(),
  /** Where the model would click, px of the source image; absent where it found nothing. */
  point: pointSchema.optional(),
  /** The point is the centre of a box that the model answered with. */
  fromBox: z.boolean().optional(),
  /** Of a question for every element. */
  elements: z.array(detectionSchema).max(10_000).optional(),
  /** Why there is no answer. */
  error: errorInfoSchema.optional(),
});
export type AnswerLine = z.infer<typeof answerLineSchema>;

/** A part of items that were answered right, with the Wilson interval of 95 %; parts are 0..1, null without items. */
export const accuracySchema = z.object({
  correct: z.int().min(0),
  items: z.int().min(0),
  /** Of the items, those that ended with an error; they count as wrong. */
  errors: z.int().min(0),
  accuracy: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
export type Accuracy = z.infer<typeof accuracySchema>;

export const publishedRowSchema = z.object({
  model: shortText,
  /** Percent by the names of columns; what was not published is absent. */
  percent: z.record(z.string(), z.number()),
  source: shortText,
  /** Of the source: year, month and maybe day. */
  date: shortText,
  note: shortText.optional(),
});
export type PublishedRow = z.infer<typeof publishedRowSchema>;

const figureSchema = z.number().nullable();
const detectionFiguresSchema = z.object({
  name: shortText,
  matched: z.int(),
  missed: z.int(),
  extra: z.int(),
  precision: figureSchema,
  recall: figureSchema,
  f1: figureSchema,
  meanIou: figureSchema,
});
export type DetectionFigures = z.infer<typeof detectionFiguresSchema>;

export const datasetReportSchema = z.object({
  dataset: evaluationDatasetSchema,
  /** "refined" instructions and the like; absent where a dataset has one split only. */
  split: shortText.optional(),
  files: z.array(shortText),
  /** Items in the files, of which those of `sample` were asked. */
  itemsInFiles: z.int().min(0),
  /** The files have as many items as the published benchmark. */
  whole: z.boolean(),
  columns: z.array(accuracySchema.extend({ name: shortText })),
  /** Mean of the columns by platform and type, 0..1, as ScreenSpot's paper has it; absent if one of them is empty. */
  columnMean: z.number().optional(),
  published: z.array(publishedRowSchema),
  /** Of our own truth: what detecting every element found; the last row is of all images together. */
  detection: z.array(detectionFiguresSchema).optional(),
  notes: z.array(shortText),
});
export type DatasetReport = z.infer<typeof datasetReportSchema>;

const itemSchema = z.object({
  dataset: evaluationDatasetSchema,
  split: shortText.optional(),
  file: shortText,
  /** Place in the file, from 0. */
  index: z.int().min(0),
  image: shortText,
  imageId: imageIdSchema.optional(),
  /** null where every element was asked for. */
  instruction: shortText.nullable(),
  groups: z.array(shortText),
  /** Absent where every element was asked for. */
  correct: z.boolean().optional(),
  runId: runIdSchema.optional(),
  point: pointSchema.optional(),
  ms: z.number().optional(),
  reused: z.boolean().optional(),
  error: errorInfoSchema.optional(),
});
export type EvaluationItem = z.infer<typeof itemSchema>;

export const evaluationSchemaName = "holoscope.evaluation";

/** What `holoscope eval` found, as JSON. */
export const evaluationSchema = z.object({
  schema: z.literal(evaluationSchemaName),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  app: z.object({ version: shortText }),
  model: z.object({ id: shortText, name: shortText }),
  settings: z.object({ profile: shortText, backend: shortText, fields: z.record(z.string(), z.unknown()) }),
  /** Absent if every item was asked. */
  sample: z.object({ limit: z.int(), seed: z.int() }).optional(),
  /** How many answers were boxes, of which the centre was scored, and how many were points. */
  answers: z.object({ points: z.int(), boxes: z.int(), nothing: z.int(), errors: z.int() }),
  /** Median ms of an answer; null without one. Where `reused` of them found their image kept, those were quicker. */
  time: z.object({ medianMs: z.number().nullable(), answers: z.int(), reused: z.int() }),
  datasets: z.array(datasetReportSchema),
  items: z.array(itemSchema),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
