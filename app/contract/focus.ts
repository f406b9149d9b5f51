import { z } from "zod";
import { bboxSchema } from "./detection.ts";
import { shortText } from "./text.ts";

/**
 * What a run in focus mode did. "cropped": only the changed region was detected anew; "unchanged": nothing was, the
 * earlier run's elements stand; "full": the whole image was detected, as without focus mode.
 */
export const focusOutcomeSchema = z.enum(["cropped", "full", "unchanged"]);
export type FocusOutcome = z.infer<typeof focusOutcomeSchema>;

export const focusReportSchema = z.object({
  outcome: focusOutcomeSchema,
  /** Why, as one English sentence. */
  reason: shortText,
  /** The part that was given to the model, px of the source image; present when cropped. */
  region: bboxSchema.optional(),
  /** Number of tiles with any different pixel, and of all tiles; both 0 if nothing could be compared. */
  changedTiles: z.int().min(0),
  totalTiles: z.int().min(0),
  /** Elements taken over from the earlier run, those below the minimum confidence included. */
  keptDetections: z.int().min(0),
  previousRunId: shortText.optional(),
});
export type FocusReport = z.infer<typeof focusReportSchema>;
