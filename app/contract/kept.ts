import { z } from "zod";

const amountSchema = z.object({ count: z.int().min(0), bytes: z.int().min(0) });

/** What the data folder keeps of detections, in bytes of its files. Models, settings and logs are not counted. */
export const keptDataSchema = z.object({
  images: amountSchema,
  runs: amountSchema,
  /** Ground truth, one file for each image. */
  truth: amountSchema,
  /** Deleted runs that can still be brought back. */
  trash: amountSchema,
});
export type KeptData = z.infer<typeof keptDataSchema>;

/** What was removed for good. */
export const removedDataSchema = z.object({
  images: z.int().min(0),
  runs: z.int().min(0),
  bytes: z.int().min(0),
});
export type RemovedData = z.infer<typeof removedDataSchema>;
