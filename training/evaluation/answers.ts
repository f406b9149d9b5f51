import { z } from "zod";
import type { Warning } from "../../app/contract/index.ts";

const bin = z.int().min(0).max(999);

/** The bundled detector's answer, as MODEL_CARD.md words it. */
const answerSchema = z.array(z.strictObject({ bbox_2d: z.tuple([bin, bin, bin, bin]), label: z.string().min(1) }));

/** What a detection says of its answer. */
export interface Answer {
  readonly rawOutput: string;
  readonly warnings: readonly Pick<Warning, "code" | "message">[];
}

export type Checked = { readonly boxes: number; readonly endedAtLimit: boolean } | { readonly fault: string };

/** Boxes in an answer that parses, and whether the limit of elements ended its list; or else what is wrong with it. */
export function checkAnswer({ rawOutput, warnings }: Answer): Checked {
  const cut = warnings.find(({ code }) => code === "ANSWER_TRUNCATED");
  if (cut !== undefined) return { fault: cut.message };
  let value: unknown;
  try {
    value = JSON.parse(rawOutput);
  } catch (error) {
    return { fault: String(error) };
  }
  const answer = answerSchema.safeParse(value);
  if (!answer.success) return { fault: z.prettifyError(answer.error) };
  return { boxes: answer.data.length, endedAtLimit: warnings.some(({ code }) => code === "MAX_DETECTIONS") };
}
