import type { NativeLibrary, PreparedPrompt, PromptInput } from "../../native/index.ts";
import { type DetectSettings, type EngineResult, HoloscopeError, type Size } from "../contract/index.ts";
import type { Question } from "./families/index.ts";
import { imageTokens } from "./geometry.ts";
import { resizeExactly } from "./image/resize.ts";
import type { LoadedPair } from "./models.ts";
import { planContext, planThreads, raiseContext, type ThreadPlan } from "./plan.ts";
import type { SourceImage } from "./source.ts";

/** The prompt as the model will read it. */
export interface Prepared {
  /** px of the image as the vision encoder receives it. */
  readonly input: Size;
  /** What the session was prepared with. */
  readonly prompt: PromptInput;
  readonly question: Question;
  readonly tokens: PreparedPrompt;
  /** Tokens of the context if it had to be larger than the settings say. */
  readonly raisedContext: number | undefined;
  readonly effective: EngineResult["effective"];
  /** ms that resizing took ahead, if it was done so. */
  readonly resizedAheadMs?: number;
}

/** A screenshot has too few rows for more. */
const mostResizeThreads = 8;

/**
 * Resizes to exactly what the model takes (unless the session keeps the image), makes the context large enough and tokenises.
 * Errors: CONTEXT_TOO_SMALL, OUT_OF_MEMORY (as NativeError).
 */
export async function preprocess(
  library: NativeLibrary,
  pair: LoadedPair,
  settings: DetectSettings,
  { input, pixels, ahead, reuse }: SourceImage,
  question: Question,
): Promise<Prepared> {
  const { factor } = pair.traits.sizing;
  const resized = await ahead?.resized;
  const threads = planThreads(settings, library.systemInfo().physicalCores, pair.info.parameters);
  const rgb =
    resized?.image.rgb ??
    (pixels === undefined
      ? new Uint8Array(0)
      : (await resizeExactly(pixels, input, Math.min(threads.threads, mostResizeThreads))).rgb);
  const needed = imageTokens(input, factor);
  await configure(pair, planContext(settings, { imageTokens: needed, prompt: question.prompt, threads }, pair.context));
  const prompt = {
    rgb,
    width: input.width,
    height: input.height,
    prompt: question.prompt,
    reserveTokens: 1,
    ...reuse,
  };
  let tokens = await pair.session.prepare(prompt);
  checkImageTokens(tokens.imageTokens, needed);
  const raisedContext = await makeRoom(pair, tokens.imageTokens + tokens.textTokens + settings.maxNewTokens);
  if (raisedContext !== undefined) tokens = await pair.session.prepare(prompt);
  return {
    input,
    prompt,
    question,
    tokens,
    raisedContext,
    effective: effectiveSettings(pair, threads),
    ...(resized === undefined ? {} : { resizedAheadMs: resized.ms }),
  };
}

async function configure(pair: LoadedPair, options: NonNullable<LoadedPair["context"]>): Promise<void> {
  pair.context = undefined;
  await pair.session.configure(options);
  pair.context = options;
}

/**
 * A context that the user chose and that holds image and prompt, but not the whole answer, is raised; one that does not
 * even hold image and prompt has been refused by prepare() with CONTEXT_TOO_SMALL.
 */
async function makeRoom(pair: LoadedPair, tokens: number): Promise<number | undefined> {
  if (pair.context === undefined || tokens <= pair.context.contextTokens) return undefined;
  const raised = raiseContext(pair.context, tokens);
  await configure(pair, raised);
  return raised.contextTokens;
}

/** If libmtmd had resized or padded the image, boxes would not land: better no result than a wrong one. */
function checkImageTokens(actual: number, expected: number): void {
  if (actual === expected) return;
  throw new HoloscopeError(
    "INTERNAL",
    `The vision encoder split the image into ${actual} tokens instead of ${expected}.`,
    "The mmproj file does not describe itself as its family does; use the one published with the model.",
  );
}

function effectiveSettings(pair: LoadedPair, threads: ThreadPlan): EngineResult["effective"] {
  const { contextTokens = 0, batchTokens = 0 } = pair.context ?? {};
  return { contextTokens, batchTokens, ...threads };
}
