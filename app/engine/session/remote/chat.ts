import { z } from "zod";
import type { Question } from "../../families/index.ts";
import type { GeneratedToken } from "../session.ts";
import { ask, jsonOf, messageOf, reported, type Server, strange } from "./http.ts";
import { eventData, type Probability, type RemoteQuestion, type Wire } from "./wire.ts";

/**
 * OpenAI's chat completions, as vLLM, SGLang, LM Studio and others serve them, with what each adds.
 * Sources: vLLM's documents "Structured outputs" and "OpenAI-compatible server", SGLang's "Structured outputs", LM
 * Studio's "OpenAI compatibility".
 */
interface ChatKind {
  /** Fields that keep the answer in its form, best first; undefined where the kind or the question has no such form. */
  readonly grammar?: (gbnf: string) => object;
  readonly schema: boolean;
  readonly probability: Probability;
  readonly extra?: (asked: Pick<RemoteQuestion, "size">) => object;
  /** Takes `chat_template_kwargs`. */
  readonly templateArguments: boolean;
}

const kinds = {
  vllm: {
    grammar: (grammar) => ({ structured_outputs: { grammar } }),
    schema: true,
    probability: "after-grammar",
    // At exactly this many px the processor leaves an image alone whose sides are multiples of its factor.
    extra: ({ size: { width, height } }) => ({
      mm_processor_kwargs: { min_pixels: width * height, max_pixels: width * height },
      repetition_penalty: 1,
      top_k: 0,
      min_p: 0,
    }),
    templateArguments: true,
  },
  sglang: {
    grammar: (ebnf) => ({ ebnf }),
    schema: true,
    probability: "after-grammar",
    templateArguments: true,
  },
  "lm-studio": { schema: true, probability: "none", templateArguments: false },
  openai: { schema: true, probability: "after-grammar", templateArguments: false },
} as const satisfies Record<string, ChatKind>;

const tokenSchema = z.object({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int().min(0).max(255)).nullish(),
});
const usageSchema = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int().optional(),
  prompt_tokens_details: z.object({ cached_tokens: z.int().nullish() }).nullish(),
});
const eventSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).optional(),
        logprobs: z.object({ content: z.array(tokenSchema).nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: usageSchema.nullish(),
  /** vLLM with --enable-per-request-metrics. */
  metrics: z.object({ queue_time_ms: z.number().nullish(), generation_time_ms: z.number().nullish() }).nullish(),
});
const countSchema = z.object({ usage: usageSchema });

export function chatWire(name: keyof typeof kinds): Wire {
  const kind: ChatKind = kinds[name];
  const { grammar, schema, probability } = kind;
  const constraint = (question: Question) =>
    grammar !== undefined ? "gbnf" : schema && question.schema !== undefined ? "json-schema" : "none";
  const common = (model: string | undefined, { chat }: Question) => ({
    ...(model === undefined ? {} : { model }),
    temperature: 0,
    top_p: 1,
    ...(chat.thinking === false && kind.templateArguments
      ? { chat_template_kwargs: { enable_thinking: false, thinking: false } }
      : {}),
  });
  return {
    constraint,
    probability,
    tellsTurn: false,
    async textTokens(server, { model, question }) {
      const body = { ...common(model, question), max_tokens: 1, messages: messages(question) };
      return (await ask(server, "/v1/chat/completions", countSchema, body)).usage.prompt_tokens;
    },
    async request(_server, asked) {
      const { model, question, settings, png } = asked;
      const form = {
        gbnf: () => grammar?.(question.grammar) ?? {},
        "json-schema": () => ({
          response_format: {
            type: "json_schema",
            json_schema: { name: "answer", strict: true, schema: question.schema },
          },
        }),
        none: () => ({}),
      }[constraint(question)]();
      return {
        path: "/v1/chat/completions",
        body: {
          ...common(model, question),
          ...kind.extra?.(asked),
          ...form,
          messages: messages(question, png),
          max_tokens: settings.maxNewTokens,
          ...(probability === "none" ? {} : { logprobs: true }),
          stream: true,
          stream_options: { include_usage: true },
        },
      };
    },
    read(server, line) {
      const data = eventData(line);
      if (data === undefined) return undefined;
      const json = jsonOf(data);
      const error = messageOf(json);
      if (error !== undefined) throw reported(server, error);
      const parsed = eventSchema.safeParse(json);
      if (!parsed.success) throw strange(server, "an event of its answer is no chat completion", data);
      return eventOf(parsed.data);
    },
  };
}

function messages({ chat }: Question, png?: Buffer): readonly object[] {
  const text = { type: "text", text: chat.text };
  const image = png && { type: "image_url", image_url: { url: `data:image/png;base64,${png.toString("base64")}` } };
  return [
    ...(chat.system === undefined ? [] : [{ role: "system", content: chat.system }]),
    { role: "user", content: image === undefined ? [text] : [image, text] },
  ];
}

function eventOf({ choices: [choice], usage, metrics }: z.infer<typeof eventSchema>) {
  const reason = choice?.finish_reason ?? undefined;
  return {
    tokens: tokensOf(choice?.delta?.content ?? "", choice?.logprobs?.content ?? []),
    ...(reason === undefined ? {} : { finish: reason === "length" ? ("length" as const) : ("eos" as const) }),
    told: {
      promptTokens: usage?.prompt_tokens,
      generatedTokens: usage?.completion_tokens,
      cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? undefined,
      queueMs: metrics?.queue_time_ms ?? undefined,
      generateMs: metrics?.generation_time_ms ?? undefined,
    },
  };
}

/** The tokens as told, or the text as one whose probability is not known where they do not make up the text. */
function tokensOf(content: string, told: readonly z.infer<typeof tokenSchema>[]): GeneratedToken[] {
  const bytes = Buffer.from(content, "utf8");
  const tokens = told.map(({ token, bytes: each, logprob }) => ({
    id: unknownId,
    bytes: each === undefined || each === null ? Buffer.from(token, "utf8") : Uint8Array.from(each),
    logProb: logprob,
    overruled: false,
  }));
  if (tokens.length > 0 && Buffer.concat(tokens.map((each) => each.bytes)).equals(bytes)) return tokens;
  return content === "" ? [] : [textToken(content)];
}

const unknownId = -1;

/** A piece of text whose tokens are not told. */
export function textToken(content: string): GeneratedToken {
  return { id: unknownId, bytes: Buffer.from(content, "utf8"), logProb: Number.NaN, overruled: false };
}

/** Names of the models that a server lists. Format: OpenAI's /v1/models. */
export async function listedModels(server: Server): Promise<readonly ListedModel[]> {
  return (await ask(server, "/v1/models", modelsSchema)).data;
}

const modelsSchema = z.object({
  data: z.array(z.object({ id: z.string(), owned_by: z.string().nullish(), max_model_len: z.int().nullish() })),
});
export type ListedModel = z.infer<typeof modelsSchema>["data"][number];
