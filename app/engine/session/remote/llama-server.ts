import { z } from "zod";
import { imageMarker } from "../../families/prompts.ts";
import { ask, jsonOf, messageOf, reported, type Server, strange } from "./http.ts";
import { eventData, type Wire } from "./wire.ts";

/**
 * llama.cpp's llama-server by its own endpoint /completion, which takes the very prompt and grammar that this machine's
 * engine uses and gives probabilities from before the grammar. Source: llama.cpp, tools/server/README.md and
 * server-task.cpp.
 */
const propsSchema = z.object({ media_marker: z.string().min(1).optional() });
const tokensSchema = z.object({ tokens: z.array(z.unknown()) });
const candidateSchema = z.object({ id: z.int() });
const eventSchema = z.object({
  content: z.string().optional(),
  stop: z.boolean().optional(),
  stop_type: z.string().optional(),
  tokens_evaluated: z.int().optional(),
  prompt_progress: z.object({ total: z.int(), cache: z.int().optional() }).optional(),
  completion_probabilities: z
    .array(
      candidateSchema.extend({
        bytes: z.array(z.int().min(0).max(255)),
        logprob: z.number(),
        top_logprobs: z.array(candidateSchema).optional(),
      }),
    )
    .optional(),
  timings: z
    .object({ cache_n: z.int().optional(), prompt_ms: z.number(), predicted_ms: z.number(), predicted_n: z.int() })
    .optional(),
});

/** -Infinity is no JSON: llama-server writes the lowest float in its place. */
const lowest = -3.4e38;

export const llamaServer: Wire = {
  constraint: () => "gbnf",
  probability: "before-grammar",
  tellsTurn: true,
  async textTokens(server, { question }) {
    const count = async (content: string): Promise<number> =>
      (await ask(server, "/tokenize", tokensSchema, { content, add_special: false, parse_special: true })).tokens
        .length;
    const counts = await Promise.all(question.prompt.split(imageMarker).map(count));
    return counts.reduce((sum, tokens) => sum + tokens, 0);
  },
  async request(server, { png, question, settings }) {
    const { media_marker = imageMarker } = await ask(server, "/props", propsSchema);
    return {
      path: "/completion",
      body: {
        prompt: {
          prompt_string: question.prompt.replace(imageMarker, () => media_marker),
          multimodal_data: [png.toString("base64")],
        },
        temperature: 0,
        grammar: question.grammar,
        n_probs: 1,
        n_predict: settings.maxNewTokens,
        cache_prompt: settings.reuseImage,
        stream: true,
        return_progress: true,
      },
    };
  },
  read(server, line) {
    const data = eventData(line);
    if (data === undefined) return undefined;
    const json = jsonOf(data);
    const parsed = eventSchema.safeParse(json);
    const error = messageOf(json);
    if (error !== undefined) throw reported(server, error);
    if (!parsed.success) throw strange(server, "an event of its answer is not what llama-server sends", data);
    return eventOf(server, parsed.data);
  },
};

function eventOf(server: Server, event: z.infer<typeof eventSchema>) {
  const {
    content = "",
    stop,
    stop_type,
    prompt_progress: progress,
    completion_probabilities: probabilities,
    timings,
  } = event;
  if (content !== "" && probabilities === undefined)
    throw strange(server, "it told no probabilities; llama-server of another version?", content);
  const tokens = (probabilities ?? []).map(({ id, bytes, logprob, top_logprobs: [top] = [] }) => ({
    id,
    bytes: Uint8Array.from(bytes),
    logProb: logprob <= lowest ? Number.NEGATIVE_INFINITY : logprob,
    overruled: top !== undefined && top.id !== id,
  }));
  return {
    tokens,
    ...(stop === true ? { finish: stop_type === "limit" ? ("length" as const) : ("eos" as const) } : {}),
    told: {
      promptTokens: progress?.total ?? (stop === true ? event.tokens_evaluated : undefined),
      cachedTokens: timings?.cache_n ?? progress?.cache,
      promptMs: timings?.prompt_ms,
      generateMs: timings?.predicted_ms,
      generatedTokens: timings?.predicted_n,
    },
  };
}
