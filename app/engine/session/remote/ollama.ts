import { z } from "zod";
import type { Question } from "../../families/index.ts";
import { textToken } from "./chat.ts";
import { ask, jsonOf, messageOf, reported, strange } from "./http.ts";
import type { RemoteQuestion, Wire } from "./wire.ts";

/**
 * Ollama by its own /api/chat, which tells durations; a line of JSON an event. Source: Ollama's docs/api.md.
 */
const eventSchema = z.object({
  message: z.object({ content: z.string() }).optional(),
  done: z.boolean(),
  done_reason: z.string().optional(),
  prompt_eval_count: z.int().optional(),
  eval_count: z.int().optional(),
  /** ns, as all durations. */
  prompt_eval_duration: z.number().optional(),
  eval_duration: z.number().optional(),
});
const nsPerMs = 1e6;

export const ollama: Wire = {
  constraint: ({ schema }) => (schema === undefined ? "none" : "json-schema"),
  probability: "none",
  tellsTurn: false,
  async textTokens(server, { model, question }) {
    const answer = await ask(server, "/api/chat", eventSchema, { ...body(model, question, 1), stream: false });
    if (answer.prompt_eval_count === undefined) throw strange(server, "it counts no tokens", JSON.stringify(answer));
    return answer.prompt_eval_count;
  },
  async request(_server, { model, question, settings, png }: RemoteQuestion) {
    return {
      path: "/api/chat",
      body: {
        ...body(model, question, settings.maxNewTokens, png),
        ...(question.schema === undefined ? {} : { format: question.schema }),
        stream: true,
      },
    };
  },
  read(server, line) {
    const json = jsonOf(line);
    const error = messageOf(json);
    if (error !== undefined && typeof json === "object" && json !== null && "error" in json)
      throw reported(server, error);
    const parsed = eventSchema.safeParse(json);
    if (!parsed.success) throw strange(server, "a line of its answer is not what Ollama sends", line);
    const { message, done, done_reason: reason, ...event } = parsed.data;
    const content = message?.content ?? "";
    return {
      tokens: content === "" ? [] : [textToken(content)],
      ...(done ? { finish: reason === "length" ? ("length" as const) : ("eos" as const) } : {}),
      told: {
        promptTokens: event.prompt_eval_count,
        generatedTokens: event.eval_count,
        promptMs: event.prompt_eval_duration && event.prompt_eval_duration / nsPerMs,
        generateMs: event.eval_duration && event.eval_duration / nsPerMs,
      },
    };
  },
};

function body(model: string | undefined, { chat }: Question, tokens: number, png?: Buffer): object {
  const images = png === undefined ? {} : { images: [png.toString("base64")] };
  return {
    model,
    messages: [
      ...(chat.system === undefined ? [] : [{ role: "system", content: chat.system }]),
      { role: "user", content: chat.text, ...images },
    ],
    ...(chat.thinking === false ? { think: false } : {}),
    options: { temperature: 0, num_predict: tokens },
  };
}
