import { z } from "zod";
import { errorInfoSchema } from "./errors.ts";
import { modelEntrySchema } from "./model.ts";

/**
 * Model files: what a hub offers, what is on the disk, and jobs (download, copy, conversion) that take minutes. All
 * sizes in bytes.
 */
const bytes = z.int().min(0);
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * Whether a pair fits into this machine's memory: an estimate before loading. After loading the engine reports exact
 * figures.
 */
export const modelFitSchema = z.object({
  /** gpu: wholly in GPU memory; gpu-partly: some layers stay on the CPU; cpu: in main memory; too-large: in neither. */
  verdict: z.enum(["gpu", "gpu-partly", "cpu", "too-large"]),
  /** Weights, context and compute buffers. */
  needBytes: bytes,
  /** Memory of the largest GPU that the engine has seen; absent when it has seen none. */
  gpuBytes: bytes.optional(),
  ramBytes: bytes,
  /** The basis of the figures, in one sentence. */
  source: z.string(),
});
export type ModelFit = z.infer<typeof modelFitSchema>;

/** A file of a hub's repository. */
export const remotePartSchema = z.object({
  /** Path inside the repository, with "/". */
  path: z.string(),
  bytes,
  /** As the hub states it; absent for files that it keeps without a checksum. */
  sha256: sha256Schema.optional(),
});
export type RemotePart = z.infer<typeof remotePartSchema>;

/** One item of a listing: a GGUF file, or a model split into several files. */
export const remoteFileSchema = z.object({
  /** Of a split model, of its first part; this is what `models.pull` takes. */
  path: z.string(),
  /** Of all parts together. */
  bytes,
  /** In order; one unless the model is split. */
  parts: z.array(remotePartSchema).min(1),
  /** As the file's name says: "Q4_K_M", "F16". */
  quantisation: z.string().optional(),
  /** Path of the mmproj that goes with it; absent for mmproj files and where there is none. */
  mmproj: z.string().optional(),
  /** Together with that mmproj. Absent for mmproj files. */
  fit: modelFitSchema.optional(),
});
export type RemoteFile = z.infer<typeof remoteFileSchema>;

/** The GGUF files of one repository. */
export const remoteListingSchema = z.object({
  /** "owner/name" */
  repository: z.string(),
  /** Address of the hub: HF_ENDPOINT or the default. */
  endpoint: z.string(),
  /** Language models, smallest first. */
  models: z.array(remoteFileSchema),
  /** Vision parts, the usual choice first. */
  mmprojs: z.array(remoteFileSchema),
  /** The model that the reference names, or the only one; absent: the user must choose. */
  suggestedModel: z.string().optional(),
  suggestedMmproj: z.string().optional(),
});
export type RemoteListing = z.infer<typeof remoteListingSchema>;

/** A model that should work with Holoscope, as a reference to look up; its files were not checked. */
export const modelSuggestionSchema = z.object({
  name: z.string(),
  /** To be given to `models.remote.list`. */
  reference: z.string(),
  /** What it is good for, in one sentence. */
  note: z.string(),
});
export type ModelSuggestion = z.infer<typeof modelSuggestionSchema>;

export const pullRequestSchema = z.object({
  /** "hf:owner/name" or "owner/name". */
  reference: z.string().min(1).max(400),
  /** Path of the model in the repository, as listed. */
  model: z.string().min(1).max(400),
  /** Path of the mmproj; left out for the suggested one. */
  mmproj: z.string().min(1).max(400).optional(),
  /** Name in the list of models; left out for the file's own. */
  name: z.string().min(1).max(120).optional(),
});
export type PullRequest = z.infer<typeof pullRequestSchema>;

export const conversionTargetSchema = z.enum(["f16", "f32"]);
export type ConversionTarget = z.infer<typeof conversionTargetSchema>;

/** What a conversion did, verified by reading the written file. */
export const conversionReportSchema = z.object({
  output: z.string(),
  to: conversionTargetSchema,
  inputBytes: bytes,
  outputBytes: bytes,
  convertedTensors: z.int().min(0),
  convertedValues: z.int().min(0),
  /** Tensors copied byte for byte. */
  keptTensors: z.int().min(0),
  /** Finite values beyond f16's largest (65504), which became infinite; by tensor. Always empty for f32. */
  overflows: z.array(z.object({ tensor: z.string(), values: z.int().positive() })),
  /** Values too small for f16 (at most 2^-25 in magnitude) that became zero. */
  vanishedValues: z.int().min(0),
  sha256: sha256Schema,
});
export type ConversionReport = z.infer<typeof conversionReportSchema>;

/** A long job on model files. Lists and events carry all of it, so that a late viewer misses nothing. */
export const modelJobSchema = z.object({
  id: z.string(),
  kind: z.enum(["pull", "import", "convert"]),
  /** What it works on, for reading: a repository and file, or a file name. */
  title: z.string(),
  /** waiting: for another job on the same disk; retrying: the connection was lost and is tried again. */
  state: z.enum(["waiting", "running", "retrying", "verifying", "done", "failed", "cancelled"]),
  /** Name of the file that is worked on now. */
  file: z.string().optional(),
  /** Of the current state: bytes fetched, converted or read back. */
  bytesDone: bytes,
  bytesTotal: bytes,
  /** Of `bytesDone`, those that an earlier, interrupted download had fetched. */
  resumedBytes: bytes.optional(),
  bytesPerSecond: z.number().min(0).optional(),
  secondsLeft: z.number().min(0).optional(),
  /** What the user should know of it: the reason for a retry, a file without checksum, overflows. */
  notes: z.array(z.string()),
  /** Set when failed. */
  error: errorInfoSchema.optional(),
  /** Set when done and the result is in the list of models. */
  entry: modelEntrySchema.optional(),
  /** Set when a conversion is done. */
  conversion: conversionReportSchema.optional(),
});
export type ModelJob = z.infer<typeof modelJobSchema>;

/** Whether a job has ended, successfully or not. */
export function jobHasEnded({ state }: ModelJob): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

/** An interrupted download; pulling the same files again resumes it. */
export const unfinishedPullSchema = z.object({
  /** To be given to `models.discard`. */
  id: z.string(),
  request: pullRequestSchema,
  /** The file that was being fetched. */
  file: z.string(),
  bytesDone: bytes,
  bytesTotal: bytes,
});
export type UnfinishedPull = z.infer<typeof unfinishedPullSchema>;

/** A file in the models folder that belongs to no model, such as one that was pulled and is no GGUF file. */
export const unusedFileSchema = z.object({
  /** To be given to `models.discard`. */
  id: z.string(),
  bytes,
});
export type UnusedFile = z.infer<typeof unusedFileSchema>;

/** Disk space and memory that the models need. */
export const modelStorageSchema = z.object({
  /** Where downloaded, copied and converted files are kept. */
  folder: z.string(),
  /** Of everything in that folder. */
  usedBytes: bytes,
  /** Of the disk that holds it. */
  freeBytes: bytes,
  models: z.array(
    z.object({
      id: z.string(),
      bytes,
      /** All its files lie in the models folder, so that `models.remove` may delete them. */
      managed: z.boolean(),
      /** Its files are not where they were. */
      missing: z.boolean(),
      fit: modelFitSchema.optional(),
    }),
  ),
  unfinished: z.array(unfinishedPullSchema),
  /** None while a job is running, which may be about to use them. */
  unused: z.array(unusedFileSchema),
});
export type ModelStorage = z.infer<typeof modelStorageSchema>;
