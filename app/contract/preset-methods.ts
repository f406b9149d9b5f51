import { z } from "zod";
import { errorInfoSchema } from "./errors.ts";
import { modelEntrySchema, modeSupportSchema } from "./model.ts";
import { ownPresetSchema, presetBaseSchema, presetIdSchema } from "./presets/declaration.ts";

const nothing = z.object({}).strict();
/** A preset's file is a page of text; more is no preset. */
export const maxPresetCharacters = 65_536;

export const presetInfoSchema = z.object({
  id: presetIdSchema,
  name: z.string(),
  base: presetBaseSchema,
  modes: z.object({ detect: modeSupportSchema, locate: modeSupportSchema }),
  source: z.string(),
  own: z.boolean(),
});

/** Methods for the presets that say how a model is asked. */
export const presetMethods = {
  /** Holoscope's own, then the user's; and what of the user's files could not be read. */
  "models.presets.list": {
    params: nothing,
    result: z.object({ presets: z.array(presetInfoSchema), problems: z.array(errorInfoSchema) }),
  },
  /** A preset as a file has it; of Holoscope's own too, as a pattern for others. */
  "models.presets.get": { params: z.object({ id: presetIdSchema }), result: ownPresetSchema },
  /** Keeps a preset of the user's, given as the text of its file; one of the same id is replaced. */
  "models.presets.add": {
    params: z.object({ json: z.string().max(maxPresetCharacters, "the preset's file is too large") }),
    result: presetInfoSchema,
  },
  /** Removes one of the user's. Refused while a model uses it. */
  "models.presets.remove": { params: z.object({ id: presetIdSchema }), result: z.object({ removed: z.boolean() }) },
  /** Chooses the preset of a model; null recognises it by name again. */
  "models.presets.choose": {
    params: z.object({ id: z.string(), preset: presetIdSchema.nullable() }),
    result: modelEntrySchema,
  },
} as const;
