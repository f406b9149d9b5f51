import { z } from "zod";
import { invalidTruth } from "../document.ts";

/** An image's file name in an annotation. Only files below the evaluated folder are ever looked for. */
export const imageNameSchema = z.string().trim().min(1).max(1000);
export const instructionSchema = z.string().trim().min(1).max(2000);
/** A box as [x, y, width, height] in px. */
export const xywhSchema = z
  .tuple([z.number(), z.number(), z.number(), z.number()])
  .refine(([, , width, height]) => width > 0 && height > 0, "[x, y, width, height] needs a width and height above 0");
/** A box as [x1, y1, x2, y2] in px. */
export const xyxySchema = z
  .tuple([z.number(), z.number(), z.number(), z.number()])
  .refine(([x1, y1, x2, y2]) => x2 > x1 && y2 > y1, "[x1, y1, x2, y2] must end after it begins");
/** [width, height] in px. */
export const sidesSchema = z
  .tuple([z.number().positive(), z.number().positive()])
  .transform(([width, height]) => ({ width, height }));

/**
 * The entries of a benchmark's file. Unlike truth for looking at, one that breaks the format is an error and not left
 * out: accuracy on fewer items would be that of another benchmark. Throws BAD_REQUEST naming the file, the entry and what
 * is wrong with it.
 */
export function checkedEntries<S extends z.ZodType>(
  schema: S,
  entries: readonly unknown[],
  format: string,
  file: string,
): readonly z.output<S>[] {
  return entries.map((entry, index) => {
    const result = schema.safeParse(entry);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const field = issue === undefined || issue.path.length === 0 ? "" : `, field "${issue.path.map(String).join(".")}"`;
    throw wrongEntry(format, file, index, `${field}: ${issue?.message ?? "unknown problem"}`);
  });
}

/** @param problem what follows the entry's number, with its own punctuation */
export function wrongEntry(format: string, file: string, index: number, problem: string) {
  return invalidTruth(
    `${file} looks like ${format}, but entry ${index} (the first is 0) breaks the format${problem}.`,
    "Get the file again from where the benchmark is published, or remove it from the folder.",
  );
}
