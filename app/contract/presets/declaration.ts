import { z } from "zod";
import { coordinateSpaceSchema } from "../detection.ts";
import { templateProblem } from "./answer-template.ts";

/**
 * A preset says how a model is asked and how its answer is read, as data: Holoscope's own presets are declared with it, and
 * a user writes one as a JSON file for a model that no preset of ours fits.
 */

/** Models that others were made from: they decide the chat format, the vision encoder and the usual coordinates. */
export const presetBases = ["qwen2.5-vl", "qwen3-vl", "qwen3.5"] as const;
export const presetBaseSchema = z.enum(presetBases);
export type PresetBase = z.infer<typeof presetBaseSchema>;

export const presetIdSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    "a preset id is 1 to 64 lower-case letters, digits, dots, dashes and underscores",
  );

const mostPromptCharacters = 20_000;
const places = ["target", "width", "height"];

/** A text with places: {target}, and {width} and {height} of the resized image in px. */
const promptSchema = z
  .string()
  .min(1)
  .max(mostPromptCharacters)
  .superRefine((text, context) => {
    for (const [whole, name = ""] of text.matchAll(/\{([a-z_]{1,20})\}/g)) {
      if (!places.includes(name)) {
        context.addIssue(`There is no place ${whole}; there are {target}, {width} and {height}.`);
      }
    }
    if (text.includes("<__media__>")) context.addIssue("The image comes by itself; leave <__media__> out.");
  });

const targetPromptSchema = promptSchema.refine((text) => text.split("{target}").length === 2, {
  error: "It needs the place {target}, once.",
});

export const locateDeclarationSchema = z.strictObject({
  /** A system message before the user's, if the model was trained with one. */
  system: promptSchema.refine((text) => !text.includes("{target}"), "The target belongs into the text.").optional(),
  /** The user's words, which follow the image. */
  text: targetPromptSchema,
  /** How the model writes its answer. */
  answer: z
    .string()
    .min(1)
    .max(500)
    .superRefine((text, context) => {
      const problem = templateProblem(text);
      if (problem !== undefined) context.addIssue(problem);
    }),
});
export type LocateDeclaration = z.infer<typeof locateDeclarationSchema>;

const imageTokensSchema = z.int().min(8).max(16_384);

export const ownPresetSchema = z.strictObject({
  id: presetIdSchema,
  name: z.string().trim().min(1).max(100),
  /** Where the facts come from, such as the address of the model's card. */
  source: z.string().trim().min(1).max(500),
  base: presetBaseSchema,
  /** The base's own if left out. */
  space: coordinateSpaceSchema.optional(),
  /** The model thinks before it answers unless it is told not to. Those made from Qwen3.5 do in any case. */
  thinks: z.boolean().optional(),
  locate: locateDeclarationSchema,
  /** Fewest and most image tokens that the model may be shown; the base's own limits if left out. */
  imageTokens: z
    .strictObject({ min: imageTokensSchema.optional(), max: imageTokensSchema.optional() })
    .refine(({ min = 0, max = Number.POSITIVE_INFINITY }) => min <= max, "min is more than max.")
    .optional(),
});
export type OwnPreset = z.infer<typeof ownPresetSchema>;

/** A preset of Holoscope's own. */
export interface PresetDeclaration extends Omit<OwnPreset, "locate"> {
  /** Names that models of this kind go by; see presetForName(). */
  readonly models: readonly string[];
  /** Absent where a target is answered as everything is: with the base's list of boxes. */
  readonly locate?: LocateDeclaration;
}
