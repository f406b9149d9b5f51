import { z } from "zod";
import { errorInfoSchema } from "./errors.ts";
import { runRecordSchema } from "./run.ts";
import { longText } from "./text.ts";

export const journalSchemaName = "holoscope.batch";
export const journalVersion = 1;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 is 64 hexadecimal digits");

/** First line of a journal. */
export const journalHeadSchema = z.object({
  schema: z.literal(journalSchemaName),
  version: z.literal(journalVersion),
  createdAt: z.iso.datetime(),
});

/** What a journal's line is about: one image (SHA-256 of the file) and all that was asked about it, hashed. */
const keyFields = { image: sha256Schema, asked: sha256Schema, at: z.iso.datetime() };

/** Any other line of a journal: how the detection in one image ended. What is done stays so. */
export const journalLineSchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("done"), ...keyFields, run: runRecordSchema }),
  z.object({ outcome: z.literal("failed"), ...keyFields, name: longText, error: errorInfoSchema }),
]);
export type JournalLine = z.infer<typeof journalLineSchema>;
