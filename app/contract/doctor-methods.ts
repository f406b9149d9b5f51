import { z } from "zod";
import { diagnosticsBundleParamsSchema, diagnosticsBundleSchema } from "./diagnostics.ts";
import { doctorIdSchema, doctorReportSchema, doctorRunSchema } from "./doctor.ts";
import { doctorTryParamsSchema, doctorTryReportSchema } from "./doctor-try.ts";

/** The part of the table of methods that explains why a detection takes as long as it does. */
export const doctorMethods = {
  /**
   * Looks at machine, backends, model files and the engine's own figures. Loads the model afresh, in its turn of the
   * queue, unless `depth` says otherwise. Tells of itself with `doctor.progress`.
   */
  "doctor.run": { params: doctorRunSchema, result: doctorReportSchema, door: "any" },
  /** The last report of this host, if there is one. */
  "doctor.last": {
    params: z.object({}).strict(),
    result: z.object({ report: doctorReportSchema.nullable() }),
    door: "any",
  },
  /**
   * Measures the remedies on one image, round by round, each round beginning with the baseline. Takes minutes; no run
   * records are kept. Tells of itself with `doctor.progress`; other detections wait until it is over.
   */
  "doctor.try": { params: doctorTryParamsSchema, result: doctorTryReportSchema, door: "any" },
  /** Ends a `doctor.run` or `doctor.try` that was given this id; that one then fails with CANCELLED. */
  "doctor.cancel": {
    params: z.object({ id: doctorIdSchema }),
    result: z.object({ cancelled: z.boolean() }),
    door: "any",
  },
  /** Text for a bug report: versions, settings, the doctor's last report, the last lines of the log. */
  "diagnostics.bundle": { params: diagnosticsBundleParamsSchema, result: diagnosticsBundleSchema, door: "any" },
} as const;
