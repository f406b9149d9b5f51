import { z } from "zod";

export const diagnosticsBundleParamsSchema = z.object({
  /** Leave paths and the user's name as they are. */
  includePaths: z.boolean().default(false),
  /** Leave the names of image files as they are. Images themselves are never in it. */
  includeImageNames: z.boolean().default(false),
  /** Last lines of the log. */
  logLines: z.int().min(0).max(5000).default(400),
});
export type DiagnosticsBundleParams = z.infer<typeof diagnosticsBundleParamsSchema>;

export const diagnosticsBundleSchema = z.object({
  text: z.string(),
  /** A name for saving it: "holoscope-diagnostics-20261005-142301.txt". */
  fileName: z.string(),
});
