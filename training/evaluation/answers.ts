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

/** Boxes in an answer that is whole and what it should be, or else what is wrong with it. */
export function checkAnswer({ rawOutput, warnings }: Answer): { readonly boxes: number } | { readonly fault: string } {
  const cut = warnings.find(({ code }) => code === "ANSWER_TRUNCATED" || code === "MAX_DETECTIONS");
  if (cut !== undefined) return { fault: cut.message };
  let value: unknown;
  try {
    value = JSON.parse(rawOutput);
  } catch (error) {
    return { fault: String(error) };
  }
  const answer = answerSchema.safeParse(value);
  return answer.success ? { boxes: answer.data.length } : { fault: z.prettifyError(answer.error) };
}
