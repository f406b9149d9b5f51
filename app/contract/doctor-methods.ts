import { z } from "zod";
import { doctorIdSchema, doctorReportSchema, doctorRunSchema } from "./doctor.ts";
import { doctorTryParamsSchema, doctorTryReportSchema } from "./doctor-try.ts";

export const diagnosticsBundleParamsSchema = z.object({
  /** Leave paths and the user's name as they are. */
  includePaths: z.boolean().default(false),
  /** Leave the names of image files as they are. Images themselves are never in it. */
  includeImageNames: z.boolean().default(false),
  /** Last lines of the log. */
  logLines: z.int().min(0).max(5000).default(400),
});
export type DiagnosticsBundleParams = z.infer<typeof diagnosticsBundleParamsSchema>;

/** Methods that explain why a detection takes as long as it does. */
export const doctorMethods = {
  /**
   * Looks at machine, backends, model files and the engine's own figures. Loads the model afresh, in its turn of the
   * queue, unless `depth` says otherwise. Reports its progress as `doctor.progress`.
   */
  "doctor.run": { params: doctorRunSchema, result: doctorReportSchema },
  /** The last report of this host, if there is one. */
  "doctor.last": { params: z.object({}).strict(), result: z.object({ report: doctorReportSchema.nullable() }) },
  /**
   * Measures the remedies on one image, round by round, each round beginning with the baseline. Takes minutes; no run
   * records are kept. Reports its progress as `doctor.progress`; other detections wait until it has ended.
   */
  "doctor.try": { params: doctorTryParamsSchema, result: doctorTryReportSchema },
  /** Ends the `doctor.run` or `doctor.try` that was given this id: it then fails with CANCELLED. */
  "doctor.cancel": { params: z.object({ id: doctorIdSchema }), result: z.object({ cancelled: z.boolean() }) },
  /** Text for a bug report: versions, settings, the doctor's last report, the last lines of the log. */
  "diagnostics.bundle": {
    params: diagnosticsBundleParamsSchema,
    /** With a name for saving it: "holoscope-diagnostics-20261005-142301.txt". */
    result: z.object({ text: z.string(), fileName: z.string() }),
  },
} as const;
