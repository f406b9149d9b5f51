import { z } from "zod";

/**
 * What the doctor says: evidence first, findings second. Nothing here may be said without `source`: where it was read,
 * so that a reader can look for himself.
 */
export const sourceKindSchema = z.enum([
  /** A line that llama.cpp, ggml or libmtmd wrote; `detail` quotes it. */
  "engine-log",
  /** A figure that the engine process answered with, such as its memory by device. */
  "engine",
  /** A GGUF header; `detail` names the file. */
  "gguf",
  /** A stored run record; `detail` names it. */
  "run",
  /** Measured by the doctor just now. */
  "measurement",
  /** The operating system. */
  "system",
  /** A driver or its tool, such as nvidia-smi. */
  "driver",
  /** Holoscope's own start of a backend: what was found or what failed. */
  "probe",
  /** The user's settings or the profile. */
  "settings",
  /** llama.cpp's source code of the release that `detail` names. */
  "llama.cpp",
  /** A calculation that nobody measured; `detail` says whose. */
  "estimate",
]);
export type SourceKind = z.infer<typeof sourceKindSchema>;

export const sourceSchema = z.object({ kind: sourceKindSchema, detail: z.string().min(1) });
export type Source = z.infer<typeof sourceSchema>;
