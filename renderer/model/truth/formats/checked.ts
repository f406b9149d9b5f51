import type { z } from "zod";
import { invalidTruth } from "../document.ts";

/** Parses with a schema; the error names the first place that breaks the format, such as "annotations[3].bbox". */
export function checked<S extends z.ZodType>(schema: S, value: unknown, kind: string, expected: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = (issue?.path ?? [])
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("");
  const where = place === "" ? "" : ` at ${place.replace(/^\./, "")}`;
  throw invalidTruth(`This looks like ${kind}, but it breaks the format${where}: ${issue?.message}.`, expected);
}
