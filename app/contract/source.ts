import { z } from "zod";

/** Where the doctor read a fact. Every fact and finding has a source, so that readers can check it. */
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
  /** Holoscope's attempt to start a backend. */
  "probe",
  /** The user's settings or the profile. */
  "settings",
  /** llama.cpp's source code of the release that `detail` names. */
  "llama.cpp",
  /** A calculation, not a measurement; `detail` says by whom. */
  "estimate",
]);
export type SourceKind = z.infer<typeof sourceKindSchema>;

export const sourceSchema = z.object({ kind: sourceKindSchema, detail: z.string().min(1) });
export type Source = z.infer<typeof sourceSchema>;
