import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type Detection,
  type EndpointCall,
  type EngineMessage,
  type EngineReply,
  type EngineResult,
  resolveSettings,
} from "../../app/contract/index.ts";
import { EngineProgram } from "../../app/engine/program.ts";
import { type Fault, type ModelServer, rightKey, startModelServer } from "../mocks/model-server.ts";
import { until } from "../support/patience.ts";
import { screenSequence } from "../support/screen-sequence.ts";

const pieces = ['[{"bbox_2d": [', "100, 100, ", '200, 200], "label": "', 'Save"}', "]"];
const clickPieces = ['{"x": ', "500, ", '"y": ', "250", "}"];

/** What each kind is expected to be able to. */
const kinds = [
  { kind: "llama-server", constraint: "gbnf", source: "token-probability", stages: ["queue", "prefill"] },
  { kind: "vllm", constraint: "gbnf", source: "after-grammar", stages: ["queue", "prefill"] },
  { kind: "sglang", constraint: "gbnf", source: "after-grammar", stages: ["prefill"] },
  { kind: "ollama", constraint: "json-schema", source: "unavailable", stages: ["prefill"] },
  { kind: "lm-studio", constraint: "json-schema", source: "unavailable", stages: ["prefill"] },
  { kind: "openai", constraint: "json-schema", source: "after-grammar", stages: ["prefill"] },
] as const;

let folder: string;
let imagePath: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-elsewhere-"));
  imagePath = path.join(folder, "screen.png");
  const [screen] = await screenSequence(1);
  await writeFile(imagePath, screen?.png ?? "");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(kinds)("a server of the kind $kind", ({ kind, constraint, source, stages }) => {
  let server: ModelServer | undefined;

  afterEach(() => server?.close());

  /** An engine process that has no native library, and a server of this kind. */
  async function start(answer: readonly string[] = pieces) {
    const opened = await startModelServer(kind, answer);
    server = opened;
    const messages: EngineMessage[] = [];
    const program = new EngineProgram(
      (message) => messages.push(message),
      () => {
        throw new Error("Engines elsewhere need no native library.");
      },
    );
    const ask = async (request: object, id = "1"): Promise<EngineReply> => {
      await program.receive({ id, ...request });
      const reply = messages.find((message) => message.type === "reply" && message.id === id);
      if (reply?.type !== "reply") throw new Error("There was no reply.");
      return reply.reply;
    };
    const endpoint = (more: Partial<EndpointCall> = {}) => ({ url: opened.url, kind, preset: "qwen3-vl", ...more });
    const detect = (more: Partial<EndpointCall> = {}, id = "1") =>
      ask(
        {
          type: "detect",
          imageId: "a".repeat(64),
          imagePath,
          mode: "detect",
          settings: { ...resolveSettings("balanced", {}), minConfidence: 0 },
          endpoint: endpoint(more),
        },
        id,
      );
    const shown = (): Detection[] =>
      messages.flatMap((message) => (message.type === "detection" ? [message.detection] : []));
    return { server: opened, messages, ask, detect, endpoint, program, shown };
  }

  it("is recognised by what it answers", async () => {
    const { ask, server: opened } = await start();
    const reply = await ask({ type: "probe-endpoint", endpoint: { url: opened.url } });
    expect(reply).toMatchObject({ kind: "endpoint-probed", value: { kind } });
    if (reply.kind !== "endpoint-probed") return;
    expect(reply.value.models).toHaveLength(1);
    expect(reply.value.models[0]).toMatch(/holo2/i);
  });

  it("finds the elements of its answer, with all that is known and nothing that is not", async () => {
    const { detect, server: opened } = await start();
    const { endpoint, detections, stages: timed, totalMs, ...rest } = resultOf(await detect());
    expect(endpoint).toMatchObject({ constraint });
    expect(detections).toHaveLength(1);
    expect(detections[0]).toMatchObject({ label: "Save", confidenceSource: source });
    expect(detections[0]?.confidence).toBeCloseTo(source === "unavailable" ? 1 : 0.8, 6);
    expect(timed.map(({ stage }) => stage)).toEqual([
      "decode",
      "preprocess",
      "upload",
      ...stages,
      "generate",
      "parse",
      "other",
    ]);
    const includes = (stages as readonly string[]).includes("queue") ? ["encode"] : ["queue", "encode"];
    expect(timed.find(({ stage }) => stage === "prefill")).toMatchObject({ includes });
    expect(timed.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(totalMs, 6);
    expect(rest).not.toHaveProperty("model");
    expect(rest).not.toHaveProperty("memory");
    expect(rest.effective).toEqual({});
    expect(rest.tokens.generated).toBe(5);
    expect(opened.asked).toHaveLength(1);
    expect(JSON.stringify(opened.asked[0]?.body)).toContain(kind === "llama-server" ? "root ::=" : "bbox_2d");
  });

  it("is asked for a target in the words that its model knows", async () => {
    const { ask, endpoint, server: opened } = await start(clickPieces);
    const reply = await ask({
      type: "detect",
      imageId: "a".repeat(64),
      imagePath,
      mode: "locate",
      target: "the save button",
      settings: { ...resolveSettings("balanced", {}), minConfidence: 0 },
      endpoint: endpoint({ preset: "holo2" }),
    });
    expect(resultOf(reply).detections).toMatchObject([{ point: [640, 184] }]);
    expect(JSON.stringify(opened.asked[0]?.body)).toContain("the save button");
  });

  it("that resizes the image is refused, and nothing of its answer is shown", async () => {
    const { detect, server: opened, shown } = await start();
    opened.fault = "resizes";
    expect(failureOf(await detect())).toMatchObject({ code: "ENDPOINT_RESIZES" });
    expect(shown()).toEqual([]);
  });

  it("that does not tell what became of the image is refused", async () => {
    const { detect, server: opened, shown } = await start();
    opened.fault = "silent-usage";
    expect(failureOf(await detect())).toMatchObject({ code: "ENDPOINT_RESIZES" });
    expect(shown()).toEqual([]);
  });

  const faults: readonly (readonly [Fault, string, object | undefined])[] = [
    ["loading", "ENDPOINT_BUSY", {}],
    ["busy", "ENDPOINT_BUSY", { afterMs: 7000 }],
    ["error-in-stream", "ENDPOINT_FAILED", undefined],
    ["cut", "ENDPOINT_UNREACHABLE", {}],
    ["not-json", "ENDPOINT_FAILED", undefined],
    ["wants-key", "UNAUTHORIZED", undefined],
  ];
  it.each(faults)("with the fault %s is told as %s", async (fault, code, retry) => {
    const { detect, server: opened } = await start();
    opened.fault = fault;
    const error = failureOf(await detect());
    expect(error.code).toBe(code);
    expect(error.retry).toEqual(retry);
    expect(error.message).toContain(new URL(opened.url).host);
    // It recovers as soon as the server does.
    opened.fault = undefined;
    expect(resultOf(await detect({}, "2")).detections).toHaveLength(1);
  });

  it("gets its key, which nothing that is reported holds", async () => {
    const { detect, server: opened, messages } = await start();
    opened.fault = "wants-key";
    expect(resultOf(await detect({ key: rightKey })).detections).toHaveLength(1);
    expect(opened.asked[0]?.headers.authorization).toBe(`Bearer ${rightKey}`);
    failureOf(await detect({ key: "another-key" }, "2"));
    expect(JSON.stringify(messages)).not.toMatch(/sesame|another-key/);
  });

  it("hears of a cancelled detection", async () => {
    const { detect, server: opened, program } = await start(Array.from({ length: 2000 }, () => " "));
    opened.fault = "slow";
    const reply = detect();
    await until(() => opened.asked.length > 0);
    await program.receive({ type: "cancel", id: "c", target: "1" });
    expect(failureOf(await reply)).toMatchObject({ code: "CANCELLED" });
    await until(() => opened.left() > 0);
  });
});

it("that nobody listens at is told as such", async () => {
  const gone = await startModelServer("openai", []);
  await gone.close();
  const messages: EngineMessage[] = [];
  const program = new EngineProgram(
    (message) => messages.push(message),
    () => {
      throw new Error("not needed");
    },
  );
  await program.receive({ type: "probe-endpoint", id: "1", endpoint: { url: gone.url } });
  expect(messages).toMatchObject([{ reply: { kind: "failed", error: { code: "ENDPOINT_UNREACHABLE", retry: {} } } }]);
});

function resultOf(reply: EngineReply): EngineResult {
  if (reply.kind === "detected") return reply.value;
  throw new Error(JSON.stringify(reply));
}

function failureOf(reply: EngineReply) {
  if (reply.kind === "failed") return reply.error;
  throw new Error(`It did not fail: ${reply.kind}`);
}
