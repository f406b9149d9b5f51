import type {
  Encoded,
  GeneratedToken,
  GenerateOptions,
  GenerateResult,
  Prefilled,
  PreparedPrompt,
  PromptInput,
  TimedNode,
} from "../../../native/index.ts";
import type { DetectSettings, EngineResult, RunEndpoint, TokenCounts } from "../../contract/index.ts";
import type { Question } from "../families/index.ts";

export type { GeneratedToken, GenerateOptions, GenerateResult, Prefilled };

/** Image and text of one question. With an `imageKey` that the session keeps, `rgb` may be empty. */
export interface Prompt extends Omit<PromptInput, "reserveTokens"> {
  /** Tokens that the image must become. */
  readonly imageTokens: number;
  /** Whose text the prompt is. */
  readonly question: Question;
}

export interface PreparedTokens extends Pick<PreparedPrompt, "imageTokens" | "textTokens"> {
  /** Size of the context, in tokens, if it had to be larger than the settings say. */
  readonly raisedContext?: number;
}

/** What the settings came to, automatic values resolved; absent where an engine elsewhere does not tell. */
export type Resources = Pick<
  EngineResult["effective"],
  "contextTokens" | "batchTokens" | "threads" | "generateThreads"
>;

/** What every session can, wherever its model runs. */
export interface AnyModel {
  /** As of now; the context is 0 tokens large while there is none. */
  resources(settings: DetectSettings): Resources;
  /** Makes room for the image, the text and an answer of `maxNewTokens`, and tokenises. Errors: CONTEXT_TOO_SMALL, OUT_OF_MEMORY. */
  prepare(prompt: Prompt, settings: DetectSettings): Promise<PreparedTokens>;
  /** Writes the answer; `onTokens` is called with each group of tokens, in order, with their log-probabilities. */
  generate(options: GenerateOptions): Promise<GenerateResult | GeneratedElsewhere>;
  /** Makes the running call end with CANCELLED soon; without effect on later calls. */
  cancel(): void;
}

/**
 * A model that a server elsewhere runs, for one question: prepare, upload, turn, prefill and generate, in this order.
 * Errors: HoloscopeError, those of a server with `retry` where the same may be tried again.
 */
export interface RemoteSession extends AnyModel {
  readonly place: "elsewhere";
  /** How its probabilities came about. */
  readonly probability: "before-grammar" | "after-grammar" | "none";
  /** Resolves when the last byte of image and prompt was handed to the system. */
  upload(): Promise<void>;
  /** Whether the server tells when a request's turn has come. */
  readonly tellsTurn: boolean;
  /** Waits for the request's turn, where the server tells it. */
  turn(): Promise<void>;
  /** Waits for the first token. */
  prefill(): Promise<void>;
  /** Known when the answer has ended. */
  told(): ToldElsewhere;
}

/** What a server tells of a question; ms. What it does not tell is absent. */
export interface ToldElsewhere {
  /** Of which `prefill` holds the time, unless the turn was told. */
  readonly queueMs?: number | undefined;
  /** Encoding and prefill, by the server's own clock. */
  readonly promptMs?: number | undefined;
  readonly endpoint: Pick<RunEndpoint, "constraint" | "cachedTokens">;
}

/** An answer of a server elsewhere; how its tokens were decoded is not told. */
export interface GeneratedElsewhere {
  readonly finish: "eos" | "length";
  readonly tokens: number;
}

/**
 * A loaded pair of language model and vision encoder, as a detection sees it. One question at a time: prepare, encode,
 * prefill and generate, in this order. Errors: HoloscopeError or NativeError, CANCELLED after cancel().
 */
export interface Session extends AnyModel {
  readonly place: "here";
  /** Whether prepare() takes this key without pixels; holds until another image is prepared. */
  keeps(imageKey: string): boolean;
  /** Turns the prepared image into embeddings, the way the settings given to prepare() say. */
  encode(): Promise<Pick<Encoded, "vit" | "cpuAttention" | "reused">>;
  /** Runs image and text through the language model. */
  prefill(): Promise<Prefilled>;
  generate(options: GenerateOptions): Promise<GenerateResult>;
  /**
   * Does `work` with every node of the model's graphs timed, which slows the model down. `nodes` gives those that were
   * executed since prepare().
   */
  timingNodes<T>(work: (nodes: () => Promise<readonly TimedNode[]>) => Promise<T>): Promise<T>;
  memory(): EngineResult["memory"];
  free(): Promise<void>;
}

/** An answer that was ended because it went round in circles. How its tokens were decoded is not known. */
export interface CutAnswer {
  readonly finish: "loop";
  readonly tokens: number;
}

/** The tokens of a prompt and of its answer, as a run records them. */
export function tokenCounts(
  { imageTokens, textTokens }: PreparedTokens,
  generated: GenerateResult | GeneratedElsewhere | CutAnswer,
): TokenCounts {
  const counts = { image: imageTokens, text: textTokens, generated: generated.tokens };
  if (!("calls" in generated)) return counts;
  const { calls, jumps, proposed, accepted } = generated;
  return { ...counts, decoding: { calls, jumps, proposed, accepted } };
}
