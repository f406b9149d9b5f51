import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { z } from "zod";
import type { EndpointKind } from "../../app/contract/index.ts";

type MockedKind = Exclude<EndpointKind, "holoscope">;

/** What goes wrong at a server. */
export type Fault =
  | "loading"
  | "busy"
  | "error-in-stream"
  | "cut"
  | "not-json"
  | "slow"
  | "resizes"
  | "silent-usage"
  | "wants-key"
  | "echoes-key";

/** A server with the shapes of one kind. It "sees" nothing: every image gets the same answer. */
export interface ModelServer {
  readonly url: string;
  /** Bodies of the requests for answers, oldest first; each with its headers. */
  readonly asked: { readonly path: string; readonly headers: IncomingMessage["headers"]; readonly body: unknown }[];
  /** Requests whose client went away before the answer's end. */
  readonly left: () => number;
  fault: Fault | undefined;
  /** How many questions are answered; those after them wait until it is raised, or the client goes. Without it all are. */
  answers: number | undefined;
  close(): Promise<void>;
}

/** px that one image token stands for, each way. */
const factor = 32;
const key = "sesame-open";
/** Tokens that a template puts around the user's text, and around an image. */
const templateTokens = 9;
const imageMarks = 2;

const partSchema = z.union([
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("image_url"), image_url: z.object({ url: z.string() }) }),
]);
const chatSchema = z.object({
  messages: z.array(
    z.object({ content: z.union([z.string(), z.array(partSchema)]), images: z.array(z.string()).optional() }),
  ),
  logprobs: z.boolean().optional(),
});
const completionSchema = z.object({
  prompt: z.object({ prompt_string: z.string(), multimodal_data: z.array(z.string()) }),
});

/** @param answer the text that it writes, a token for each piece */
export async function startModelServer(kind: MockedKind, answer: readonly string[]): Promise<ModelServer> {
  const asked: ModelServer["asked"] = [];
  let left = 0;
  const server = createServer((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) left++;
    });
    void handle(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(JSON.stringify({ error: { message: String(error) } }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The system gave no port.");

  const mock: ModelServer = {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    left: () => left,
    fault: undefined,
    answers: undefined,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const text = await bodyOf(request);
    const json = (body: unknown, status = 200, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(body));
    };
    if (mock.fault === "wants-key" && request.headers.authorization !== `Bearer ${key}`)
      return json({ error: { message: "Invalid API key", code: 401 } }, 401);
    if (mock.fault === "echoes-key" && answering[kind].includes(path))
      return json({ error: { message: `Bad header: ${request.headers.authorization}` } }, 400);
    if (mock.fault === "loading") return json({ error: { message: "Loading model", code: 503 } }, 503);
    const told = describing[kind][path];
    if (told !== undefined) return json(told);
    if (!answering[kind].includes(path)) return json({ error: { message: `no ${path} here` } }, 404);
    const body: unknown = JSON.parse(text);
    if (path === "/tokenize") return json({ tokens: tokensOf(z.object({ content: z.string() }).parse(body).content) });
    const { image, words, logprobs } = questionOf(kind, body);
    const counted = templateTokens + tokensOf(words).length;
    const promptTokens = counted + (image === undefined ? 0 : imageMarks + (await imageTokens(image, mock.fault)));
    const usage = { prompt_tokens: promptTokens, completion_tokens: 1 };
    if (image === undefined && kind === "ollama") return json({ done: true, prompt_eval_count: promptTokens });
    if (image === undefined) return json({ choices: [], usage });
    const number = asked.push({ path, headers: request.headers, body });
    while (number > (mock.answers ?? number)) {
      if (response.destroyed) return;
      await sleep(5);
    }
    if (mock.fault === "busy") return json({ error: { message: "Too many requests" } }, 429, { "retry-after": "7" });
    response.writeHead(200, { "content-type": "text/event-stream" });
    const write = writerOf(kind, response, {
      promptTokens,
      logprobs: logprobs && kind !== "lm-studio",
      told: mock.fault !== "silent-usage",
    });
    write.begin();
    for (const [index, piece] of answer.entries()) {
      if (mock.fault === "slow") await sleep(5);
      if (index === 2 && mock.fault === "error-in-stream") {
        response.write(
          kind === "ollama"
            ? `${JSON.stringify({ error: "out of memory" })}\n`
            : `data: ${JSON.stringify({ error: { message: "out of memory", code: 500 } })}\n\n`,
        );
        return void response.end();
      }
      if (index === 2 && mock.fault === "cut") return void response.destroy();
      if (index === 2 && mock.fault === "not-json") response.write(kind === "ollama" ? "<html>\n" : "data: <html>\n\n");
      write.piece(piece);
    }
    write.end();
    response.end();
  }
  return mock;
}

/** The key that a server with the fault "wants-key" wants. */
export const rightKey = key;

const models = { object: "list", data: [{ id: "Hcompany/Holo2-8B", object: "model", owned_by: "somebody" }] };
const describing: Readonly<Record<MockedKind, Readonly<Record<string, unknown>>>> = {
  "llama-server": {
    "/props": { total_slots: 2, build_info: "b1-5b4ebc5", media_marker: "<__media_x__>", modalities: { vision: true } },
    "/v1/models": models,
  },
  vllm: { "/version": { version: "0.14.0" }, "/v1/models": models },
  sglang: { "/get_server_info": { version: "0.5.6" }, "/v1/models": models },
  ollama: { "/api/version": { version: "0.13.1" }, "/api/tags": { models: [{ name: "holo2:8b" }] } },
  "lm-studio": {
    "/api/v0/models": {
      data: [
        { id: "holo2-8b", type: "vlm" },
        { id: "bge", type: "embeddings" },
      ],
    },
    "/v1/models": models,
  },
  openai: { "/v1/models": models },
};
const chat = ["/v1/chat/completions"];
const answering: Readonly<Record<MockedKind, readonly string[]>> = {
  "llama-server": ["/completion", "/tokenize"],
  vllm: chat,
  sglang: chat,
  ollama: ["/api/chat"],
  "lm-studio": chat,
  openai: chat,
};

function questionOf(kind: MockedKind, body: unknown) {
  if (kind === "llama-server") {
    const { prompt } = completionSchema.parse(body);
    const words = prompt.prompt_string.replace("<__media_x__>", "");
    return { words, image: prompt.multimodal_data[0], logprobs: true };
  }
  const { messages, logprobs = false } = chatSchema.parse(body);
  const parts = messages.flatMap(({ content, images = [] }) => [
    ...(typeof content === "string" ? [{ type: "text" as const, text: content }] : content),
    ...images.map((data) => ({ type: "image_url" as const, image_url: { url: `,${data}` } })),
  ]);
  return {
    words: parts.map((part) => (part.type === "text" ? part.text : "")).join(""),
    image: parts.flatMap((part) => (part.type === "image_url" ? [part.image_url.url.split(",")[1]] : []))[0],
    logprobs,
  };
}

const tokensOf = (text: string): number[] => text.split(/(?<=\s)/).map((_, index) => index);

async function imageTokens(base64: string, fault: Fault | undefined): Promise<number> {
  const { width, height } = await sharp(Buffer.from(base64, "base64")).metadata();
  const tokens = (width / factor) * (height / factor);
  return fault === "resizes" ? Math.round(tokens / 2) : tokens;
}

interface Writing {
  readonly promptTokens: number;
  readonly logprobs: boolean;
  readonly told: boolean;
}

function writerOf(kind: MockedKind, response: ServerResponse, { promptTokens, logprobs, told }: Writing) {
  const data = (value: unknown) => void response.write(`data: ${JSON.stringify(value)}\n\n`);
  const line = (value: unknown) => void response.write(`${JSON.stringify(value)}\n`);
  // A template that a server puts around the prompt itself is none of llama-server's /completion.
  const total = promptTokens - templateTokens;
  const logprob = Math.log(0.8);
  const bytes = (text: string) => [...Buffer.from(text, "utf8")];
  if (kind === "llama-server") {
    return {
      begin: () =>
        data({
          content: "",
          stop: false,
          ...(told ? { prompt_progress: { total, cache: 0, processed: 0, time_ms: 0 } } : {}),
        }),
      piece: (text: string) =>
        data({
          content: text,
          stop: false,
          completion_probabilities: [
            { id: 5, bytes: bytes(text), logprob, top_logprobs: [{ id: 5, bytes: bytes(text), logprob }] },
          ],
        }),
      end: () =>
        data({
          content: "",
          stop: true,
          stop_type: "eos",
          ...(told ? { tokens_evaluated: total } : {}),
          timings: { cache_n: 0, prompt_n: total, prompt_ms: 1, predicted_n: 5, predicted_ms: 1 },
        }),
    };
  }
  if (kind === "ollama") {
    return {
      begin: () => {},
      piece: (text: string) => line({ message: { role: "assistant", content: text }, done: false }),
      end: () =>
        line({
          message: { role: "assistant", content: "" },
          done: true,
          done_reason: "stop",
          ...(told ? { prompt_eval_count: promptTokens, eval_count: 5 } : {}),
          prompt_eval_duration: 1_000_000,
          eval_duration: 1_000_000,
        }),
    };
  }
  const chunk = (delta: object, rest: object = {}) =>
    data({ object: "chat.completion.chunk", choices: [{ index: 0, delta, ...rest }] });
  return {
    begin: () => chunk({ role: "assistant", content: "" }),
    piece: (text: string) =>
      chunk(
        { content: text },
        logprobs ? { logprobs: { content: [{ token: text, logprob, bytes: bytes(text), top_logprobs: [] }] } } : {},
      ),
    end: () => {
      chunk({}, { finish_reason: "stop" });
      if (told) {
        data({
          choices: [],
          usage: { prompt_tokens: promptTokens, completion_tokens: 5 },
          ...(kind === "vllm"
            ? { metrics: { queue_time_ms: 0.5, time_to_first_token_ms: 2, generation_time_ms: 1 } }
            : {}),
        });
      }
      response.write("data: [DONE]\n\n");
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8") as AsyncIterable<string>) text += chunk;
  return text;
}
