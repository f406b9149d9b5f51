import { z } from "zod";
import { sizeSchema, stageSchema } from "./detection.ts";
import { errorInfoSchema } from "./errors.ts";
import { imageIdSchema } from "./image.ts";
import { modeSchema } from "./model.ts";
import { detectOverridesSchema } from "./profile.ts";
import { runIdSchema, runStatusSchema, targetSchema } from "./run.ts";
import { imageScaleSchema } from "./scale.ts";
import { profileNameSchema } from "./setting.ts";
import { shortText } from "./text.ts";

/**
 * What the tools of `holoscope mcp` take and answer. Descriptions are part of the schemas, since models read them. There
 * are no tuples: many clients read JSON Schema as draft 7, which writes them otherwise than draft 2020-12.
 */

/** Characters of a text that an answer has at most: run files from elsewhere may hold long ones. */
export const toolTextLimit = 500;

/** ISO 8601 in UTC, without the long pattern that would stand in every schema. */
const timestampSchema = z.string().meta({ format: "date-time" });

/** Most runs that `list_runs` answers with. */
const maxToolRuns = 100;

export const toolImageSchema = z
  .union(
    [
      z.literal("last"),
      z.strictObject({ path: z.string().min(1).describe("Absolute path of the file on this computer.") }),
      z.strictObject({ base64: z.string().min(1).describe("The file's bytes in base64, or as a data URL.") }),
    ],
    { error: 'takes {"path": "/absolute/path.png"}, {"base64": "..."}, or "last" for the last one given' },
  )
  .describe(
    'The screenshot: a PNG, JPEG, WebP, GIF or AVIF file by its path or in base64, or "last" for the last screenshot ' +
      "that was given in this session.",
  );
export type ToolImage = z.infer<typeof toolImageSchema>;

const { maxDetections, minConfidence } = detectOverridesSchema.shape;
const annotatedSchema = z
  .boolean()
  .describe("Whether the answer has the screenshot with the elements drawn on it, tagged with their numbers.");

const lookingFields = {
  image: toolImageSchema,
  profile: profileNameSchema
    .optional()
    .describe("Speed against quality; quality finds small controls on large screens. The user's setting if left out."),
  model: shortText.optional().describe("Id of a model that Holoscope has. The user's setting if left out."),
  min_confidence: minConfidence.describe("Elements below it are left out and only counted. Each profile has its own."),
  annotated: annotatedSchema.default(true),
};

export const detectToolInputSchema = z.strictObject({
  ...lookingFields,
  max_detections: maxDetections.describe("Most elements of the answer. Each profile has its own."),
});

export const locateToolInputSchema = z.strictObject({
  ...lookingFields,
  target: targetSchema.describe('What to find, in words, such as "the Save button of the dialog".'),
});

export const listRunsToolInputSchema = z.strictObject({
  image_id: imageIdSchema.optional().describe("Only runs on this image, by the id that answers have."),
  limit: z.int().min(1).max(maxToolRuns).default(20).describe("Most runs to list; the newest come first."),
});

export const getRunToolInputSchema = z.strictObject({
  run_id: runIdSchema.describe("Id of the run, as other answers have it."),
  annotated: annotatedSchema.default(false),
});

const toolImageInfoSchema = z.object({ id: shortText, name: shortText.optional(), ...sizeSchema.shape });

/** What is told of a run in every answer. */
const toolRunFields = {
  run_id: runIdSchema,
  status: runStatusSchema,
  created_at: timestampSchema,
  mode: modeSchema,
  target: shortText.optional().describe("What was located, in words."),
  profile: profileNameSchema,
  model: z.object({ id: shortText, name: shortText }),
  total_ms: z.number().describe("Time of the detection itself, ms."),
};

/** The answer of `list_runs`. */
export const toolRunListSchema = z.object({
  runs: z.array(
    z.object({
      ...toolRunFields,
      image: toolImageInfoSchema,
      count: z.int().describe("Number of elements."),
      name: shortText.optional().describe("The user's name for the run."),
      tags: z.array(shortText),
      note: shortText.optional(),
    }),
  ),
});
export type ToolRunList = z.infer<typeof toolRunListSchema>;

const toolElementSchema = z.object({
  number: z.int().min(1).describe("The number that it has in the annotated image."),
  label: shortText.describe("Kind of element, such as button."),
  text: shortText.optional().describe("Its text, if the model reads it."),
  bbox: z
    .object({ x1: z.int(), y1: z.int(), x2: z.int(), y2: z.int() })
    .describe("Whole px of the image; x2 and y2 are just outside."),
  click: z.object({ x: z.int(), y: z.int() }).describe("The px of the image to click."),
  confidence: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Computed from the probabilities of the model's tokens; absent if the engine tells none."),
});
export type ToolElement = z.infer<typeof toolElementSchema>;

/** The answer of `detect_elements`, `locate_element` and `get_run`. */
export const toolAnswerSchema = z.object({
  ...toolRunFields,
  image: toolImageInfoSchema.extend({
    scale: imageScaleSchema.describe(
      "px of the image that one CSS px or screen point takes: divide coordinates by `value` where clicks count in those.",
    ),
  }),
  elements: z.array(toolElementSchema),
  below_min_confidence: z.int().describe("Number of elements that were left out for their low confidence."),
  stages: z
    .array(
      z.object({
        ...stageSchema.pick({ stage: true, ms: true, reused: true }).shape,
        overlapped_ms: stageSchema.shape.overlappedMs,
      }),
    )
    .describe("Where the time went; empty in a stored answer."),
  cached: z
    .object({ run_id: runIdSchema, created_at: timestampSchema })
    .optional()
    .describe("The same detection was made before, and this is its answer."),
  warnings: z.array(shortText),
  error: errorInfoSchema
    .pick({ code: true, message: true, hint: true })
    .optional()
    .describe("Why a run failed or was cancelled."),
});
export type ToolAnswer = z.infer<typeof toolAnswerSchema>;
