import { defined, HoloscopeError } from "../../contract/index.ts";
import type { Question } from "../families/index.ts";
import { imageTokens } from "../geometry.ts";
import { resizeExactly } from "../image/resize.ts";
import type { PreparedTokens, Prompt } from "../session/session.ts";
import type { Run } from "./plan.ts";
import type { View } from "./view.ts";

export interface Prepared {
  readonly question: Question;
  /** What the session was prepared with. */
  readonly prompt: Prompt;
  readonly tokens: PreparedTokens;
  /** ms that resizing took ahead, if it was done so. */
  readonly resizedAheadMs?: number;
}

/** More threads gain nothing: a screenshot has too few rows. */
const mostResizeThreads = 8;

/**
 * Resizes to exactly what the model takes, unless that was done ahead or the session keeps the image, and gives image
 * and question to the session. Errors: CONTEXT_TOO_SMALL, OUT_OF_MEMORY (as NativeError), INTERNAL.
 */
export async function prepare({ pair, call, plan }: Run, view: View): Promise<Prepared> {
  const { session, traits } = pair;
  const { shown, input, ahead, reuse } = view;
  const resized = await ahead?.resized;
  const threads = Math.min(session.resources(call.settings).threads ?? 1, mostResizeThreads);
  const made = shown.rgb === undefined ? undefined : await resizeExactly(shown, input, threads);
  const question = plan.question(input);
  const prompt = {
    rgb: (resized?.image ?? made)?.rgb ?? new Uint8Array(0),
    ...input,
    question,
    prompt: question.prompt,
    imageTokens: imageTokens(input, traits.sizing.factor),
    ...(reuse ?? { imageKey: "", keepMegabytes: 0 }),
  };
  const tokens = await session.prepare(prompt, call.settings);
  // If the encoder had resized or padded the image, boxes would not land: better no result than a wrong one.
  if (tokens.imageTokens !== prompt.imageTokens) {
    throw new HoloscopeError(
      "INTERNAL",
      `The vision encoder split the image into ${tokens.imageTokens} tokens instead of ${prompt.imageTokens}.`,
      "The mmproj file does not describe itself as its family does; use the one published with the model.",
    );
  }
  return { question, prompt, tokens, ...defined({ resizedAheadMs: resized?.ms }) };
}
