import type { Constraint, DetectSettings, Size } from "../../../contract/index.ts";
import type { Question } from "../../families/index.ts";
import type { GeneratedToken } from "../session.ts";
import type { Server } from "./http.ts";

/** What the log-probabilities of a server's tokens are: the model's own, those that the grammar left, or none at all. */
export type Probability = "before-grammar" | "after-grammar" | "none";

/** One question to a server, ready to be put into its words. */
export interface RemoteQuestion {
  readonly model: string | undefined;
  /** PNG of exactly the model's input size. */
  readonly png: Buffer;
  readonly size: Size;
  readonly question: Question;
  readonly settings: Pick<DetectSettings, "maxNewTokens" | "reuseImage">;
}

/** What a server tells of a request beside its tokens; ms and tokens. What it does not tell is absent. */
export interface Told {
  readonly promptTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  readonly generatedTokens?: number | undefined;
  readonly queueMs?: number | undefined;
  /** Encoding and prefill together. */
  readonly promptMs?: number | undefined;
  readonly generateMs?: number | undefined;
}

/** One event of a streamed answer. */
export interface WireEvent {
  readonly tokens?: readonly GeneratedToken[];
  readonly finish?: "eos" | "length";
  readonly told?: Told;
}

/** How one kind of server is asked. */
export interface Wire {
  /** What keeps the answer to this question in its form. */
  constraint(question: Question): Constraint;
  readonly probability: Probability;
  /** Its first event comes when the request's turn has come, before any work on it: the wait until then is its queue. */
  readonly tellsTurn: boolean;
  /** Tokens of the prompt without the image's, but for up to {@link imageMarks} around it. */
  textTokens(server: Server, asked: Pick<RemoteQuestion, "model" | "question">): Promise<number>;
  request(server: Server, asked: RemoteQuestion): Promise<{ readonly path: string; readonly body: unknown }>;
  /**
   * Reads one line of the answer; undefined for one that says nothing. Errors: ENDPOINT_FAILED for what no such server
   * sends, or if it reports an error.
   */
  read(server: Server, line: string): WireEvent | undefined;
}

/** Tokens that a model may have before and after an image, such as `<|vision_start|>`, and a template's line break. */
export const imageMarks = 4;

/** The part of a line after "data:"; undefined for other lines of server-sent events and for their end. */
export function eventData(line: string): string | undefined {
  const data = line.startsWith("data:") ? line.slice("data:".length).trim() : "";
  return data === "" || data === "[DONE]" ? undefined : data;
}
