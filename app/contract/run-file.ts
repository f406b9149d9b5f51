import { z } from "zod";
import { runAnnotationsSchema } from "./annotations.ts";
import { imageLimits } from "./image.ts";
import { runRecordSchema } from "./run.ts";

const MiB = 1024 * 1024;

/** Limits of a run file's text. */
export const runFileLimits = {
  /** Characters of the image in base64. */
  imageCharacters: Math.ceil(imageLimits.maxBytes / 3) * 4,
  /** Characters of the whole file. */
  characters: Math.ceil(imageLimits.maxBytes / 3) * 4 + 24 * MiB,
} as const;

/**
 * A run exported for another machine: the record with attachments in one more field, so that readers of plain records
 * can read it too.
 */
export const runFileSchema = runRecordSchema.extend({
  attachments: z
    .object({
      /** The image file's bytes in base64; their SHA-256 is the record's `image.id`. */
      imageBase64: z.string().min(1).max(runFileLimits.imageCharacters).optional(),
      annotations: runAnnotationsSchema.optional(),
    })
    .optional(),
});
