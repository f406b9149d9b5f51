import { z } from "zod";
import { type LogLine, stampOf } from "./mtmd-cli-log.ts";

/** The last event of a streamed `POST /completion` of llama-server (tools/server/README.md). */
export const serverTimingsSchema = z.object({
  prompt_n: z.number(),
  prompt_ms: z.number(),
  predicted_n: z.int(),
  predicted_ms: z.number(),
});
export const serverEventSchema = z.object({
  content: z.string(),
  stop: z.boolean(),
  timings: serverTimingsSchema.optional(),
});
export type ServerEvent = z.infer<typeof serverEventSchema>;

/** The events of a piece of a server-sent stream, and what is left of an event that has not ended. */
export function parseEvents(text: string): { readonly events: readonly ServerEvent[]; readonly rest: string } {
  const blocks = text.split("\n\n");
  const rest = blocks.pop() ?? "";
  const events = blocks.flatMap((block) => {
    const data = /^data: (.*)$/m.exec(block)?.[1];
    return data === undefined || data === "[DONE]" ? [] : [serverEventSchema.parse(JSON.parse(data))];
  });
  return { events, rest };
}

/**
 * Encode and image prefill of the last request, ms, from llama-server's log; undefined where it encoded nothing. It
 * reports both only inside its prompt time.
 */
export function parseServerLog(lines: readonly LogLine[]): {
  readonly encodeMs?: number;
  readonly imagePrefillMs?: number;
  readonly imageTokens?: number;
} {
  const last = (pattern: RegExp) => lines.findLast(({ text }) => pattern.test(text))?.text;
  const encoding = stampOf(last(/encoding mtmd batch from/) ?? "");
  const decoding = last(/decoding image batch 1\/\d+, n_tokens_batch = \d+/) ?? "";
  const prefilled = stampOf(last(/image decoded \(batch/) ?? "");
  const encoded = stampOf(decoding);
  if (encoding === undefined || encoded === undefined || prefilled === undefined) return {};
  const counts = lines.flatMap(
    ({ text }) => /decoding image batch \d+\/\d+, n_tokens_batch = (\d+)/.exec(text)?.[1] ?? [],
  );
  const imageTokens = counts.reduce((sum, count) => sum + Number(count), 0);
  return { encodeMs: encoded - encoding, imagePrefillMs: prefilled - encoded, imageTokens };
}
