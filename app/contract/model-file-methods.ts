import { z } from "zod";
import {
  conversionTargetSchema,
  modelJobSchema,
  modelStorageSchema,
  modelSuggestionSchema,
  pullRequestSchema,
  remoteListingSchema,
} from "./model-files.ts";

const nothing = z.object({}).strict();
const jobStarted = z.object({ jobId: z.string() });

/** Methods that download, copy, convert and list model files. */
export const modelFileMethods = {
  /** References to look up at the hub; uses no network. */
  "models.suggestions": { params: nothing, result: z.array(modelSuggestionSchema) },
  /** The GGUF files of "hf:owner/name", "hf:owner/name:Q4_K_M" or "hf:owner/name:file.gguf". */
  "models.remote.list": { params: z.object({ reference: z.string().min(1).max(400) }), result: remoteListingSchema },
  /** Downloads a pair, verifies it and adds it; resumes an interrupted download of the same files. */
  "models.pull": { params: pullRequestSchema, result: jobStarted },
  /** Copies a pair into the models folder and adds it; `models.add` leaves the files where they are. */
  "models.import": {
    params: z.object({
      modelPath: z.string().min(1),
      mmprojPath: z.string().min(1).optional(),
      name: z.string().min(1).max(120).optional(),
    }),
    result: jobStarted,
    door: "desktop",
  },
  /** Writes a copy of a GGUF file in which every bf16 tensor is f16 or f32; never over an existing file. */
  "models.convert": {
    params: z.object({ input: z.string().min(1), output: z.string().min(1), to: conversionTargetSchema }),
    result: jobStarted,
    door: "desktop",
  },
  /** As `models.convert` for one file of a known model; the copy is kept in the models folder and added as a new pair. */
  "models.repair": {
    params: z.object({
      id: z.string(),
      file: z.enum(["model", "mmproj"]),
      to: conversionTargetSchema.default("f16"),
    }),
    result: jobStarted,
  },
  /** Running jobs and those that ended since the application started, oldest first. */
  "models.jobs": { params: nothing, result: z.array(modelJobSchema) },
  /** Ends a job. What a download has fetched is kept, so that it can be resumed. */
  "models.jobs.cancel": { params: z.object({ jobId: z.string() }), result: z.object({ cancelled: z.boolean() }) },
  /** Removes what an interrupted download has fetched, or an unused file, permanently. */
  "models.discard": { params: z.object({ id: z.string() }), result: z.object({ discarded: z.boolean() }) },
  "models.storage": { params: nothing, result: modelStorageSchema },
} as const;
