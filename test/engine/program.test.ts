import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type DetectOverrides,
  type EngineMessage,
  type EngineReply,
  type EngineResult,
  engineMessageSchema,
  localStageNames,
  resolveSettings,
} from "../../app/contract/index.ts";
import { EngineProgram } from "../../app/engine/program.ts";
import { NativeError, type NativeErrorCode } from "../../native/index.ts";
import type { TinyPair } from "../support/gguf/tiny-pair.ts";
import { imageIdOf } from "../support/image-id.ts";
import { FakeNative, type FakeOptions, token } from "./fake-native.ts";
import { headers, writeHeaders } from "./headers.ts";

let folder = "";
let imagePath = "";
let pair: TinyPair;
let holo15: TinyPair;
let namedDetector: TinyPair;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holoscope-program-"));
  imagePath = join(folder, "image.png");
  pair = await writeHeaders(folder);
  holo15 = await writeHeaders(join(folder, "holo"), headers.holo15, headers.qwen25mmproj);
  namedDetector = await writeHeaders(join(folder, "named"), headers.namedDetector);
  await sharp({ create: { width: 640, height: 320, channels: 3, background: "#ffffff" } })
    .png()
    .toFile(imagePath);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const box = (values: string, probability = 0.9) => token(`{"bbox_2d":[${values}],"label":"button"}`, probability);
const answer = [token("["), box("0,0,500,500"), token(","), box("500,500,999,999", 0.2), token("]")];

/** A program with a fake native library; `messages` holds all it sent, each checked against the contract. */
function start(options: FakeOptions = {}) {
  const native = new FakeNative({ answer, ...options });
  const messages: EngineMessage[] = [];
  const program = new EngineProgram(
    (message) => messages.push(engineMessageSchema.parse(structuredClone(message))),
    () => native,
  );
  let requests = 0;
  const ask = async (request: object, id = `r${requests++}`): Promise<EngineReply> => {
    await program.receive({ id, ...request });
    const replies = messages.filter((message) => message.type === "reply" && message.id === id);
    expect(replies).toHaveLength(1);
    const [reply] = replies;
    if (reply?.type !== "reply") throw new Error("no reply");
    return reply.reply;
  };
  const detectRequest = (overrides: DetectOverrides = {}, more: object = {}) => ({
    type: "detect",
    imageId: imageIdOf(imagePath),
    imagePath,
    pair,
    mode: "detect",
    settings: resolveSettings("balanced", { minConfidence: 0.3, maxNewTokens: 512, ...overrides }),
    ...more,
  });
  const init = () => ask({ type: "init", backend: "cpu" });
  return { native, messages, program, ask, detectRequest, init };
}

function detected(reply: EngineReply): EngineResult {
  if (reply.kind === "detected") return reply.value;
  throw new Error(`not detected: ${JSON.stringify(reply)}`);
}

function failed(reply: EngineReply) {
  if (reply.kind === "failed") return reply.error;
  throw new Error(`not failed: ${reply.kind}`);
}

const codes = (result: EngineResult) => result.warnings.map((warning) => warning.code);

describe("detect", () => {
  it("answers with elements in source pixels, stages that add up, tokens and settings", async () => {
    const { ask, detectRequest, init, messages, native } = start();
    await init();
    const result = detected(await ask(detectRequest(), "d"));
    expect(result.detections).toMatchObject([{ id: "e1", bbox: [0, 0, 320, 160], label: "button" }]);
    expect(result.belowThreshold).toMatchObject([{ id: "e2", bbox: [320, 160, 639.36, 319.68] }]);
    expect(result.stages.map((stage) => stage.stage)).toEqual(localStageNames);
    const sum = result.stages.reduce((total, stage) => total + stage.ms, 0);
    expect(Math.abs(sum - result.totalMs)).toBeLessThan(result.totalMs * 0.02);
    expect(result.input).toEqual({ width: 640, height: 320 });
    expect(native.prompts[0]?.rgb.length).toBe(640 * 320 * 3);
    expect(result.tokens).toMatchObject({ image: 200, generated: 5 });
    expect(result.effective).toMatchObject({ threads: 4, generateThreads: 1 });
    expect(result.firstDetectionMs).toBeGreaterThan(0);
    expect(result.memory?.languageModel[0]?.kvCache).toBe(5);
    expect(codes(result)).toEqual(["BELOW_MIN_CONFIDENCE"]);
    const streamed = messages.filter((message) => message.type === "detection");
    expect(streamed).toMatchObject([{ id: "d", detection: { id: "e1" } }]);
    expect(messages.filter((message) => message.type === "stage").map((message) => message.stage)).toEqual(
      result.stages,
    );
    expect(messages.at(-1)?.type).toBe("reply");
  });

  it("keeps the loaded pair and its context for the next image, and loads again when it has to", async () => {
    const { ask, detectRequest, init, native } = start();
    await init();
    await ask(detectRequest());
    detected(await ask(detectRequest({ maxNewTokens: 128, minConfidence: 0 })));
    expect(native.loads).toHaveLength(1);
    expect(native.contexts[1]).toEqual(native.contexts[0]);
    await ask(detectRequest({ gpuLayers: 0 }));
    expect(native.loads).toHaveLength(2);
    expect(native.loads[1]).toMatchObject({ gpuLayers: 0, mmprojOnGpu: false });
    expect(native.freed).toBe(1);
    await ask({ type: "unload" });
    expect(native.freed).toBe(2);
  });

  it("does not count loading into the total", async () => {
    const hourMs = 3_600_000;
    const { bigint } = process.hrtime;
    const anHourPasses = (call: string): void => {
      if (call === "load") clock.mockImplementation(() => bigint() + BigInt(hourMs) * 1_000_000n);
    };
    const clock = vi.spyOn(process.hrtime, "bigint").mockImplementation(bigint);
    const { ask, detectRequest, init } = start({ before: anHourPasses });
    await init();
    const result = detected(await ask(detectRequest()));
    clock.mockRestore();
    expect(result.model?.loadMs).toBeGreaterThanOrEqual(hourMs);
    expect(result.totalMs).toBeLessThan(hourMs);
  });

  it("numbers what it shows without gaps, as it streams it and in the end", async () => {
    const faintFirst = [token("["), box("0,0,200,200", 0.2), token(","), box("500,500,999,999"), token("]")];
    const { ask, detectRequest, init, messages } = start({ answer: faintFirst });
    await init();
    const result = detected(await ask(detectRequest()));
    expect(result.detections.map(({ id, bbox }) => [id, bbox[0]])).toEqual([["e1", 320]]);
    expect(result.belowThreshold.map(({ id, bbox }) => [id, bbox[0]])).toEqual([["e2", 0]]);
    const streamed = messages.flatMap((message) => (message.type === "detection" ? [message.detection] : []));
    expect(streamed).toEqual(result.detections);
  });

  it("warns of a cut answer, of the limit of detections and of boxes without area", async () => {
    const cut = start({ answer: [token('[{"bbox_2d":[1,2')], finish: "length" });
    await cut.init();
    expect(codes(detected(await cut.ask(cut.detectRequest())))).toEqual(["ANSWER_TRUNCATED"]);
    const full = start({ answer: [token("["), box("5,5,5,5"), token("]", 0.1, true)], finish: "grammar" });
    await full.init();
    const result = detected(await full.ask(full.detectRequest({ maxDetections: 1 })));
    expect(codes(result)).toEqual(["MAX_DETECTIONS", "BOX_DROPPED"]);
  });

  it("marks what is off a model's training, and too few image tokens for it", async () => {
    const holo = start({ factor: 28, parameters: 7e9 });
    await holo.init();
    const result = detected(await holo.ask(holo.detectRequest({}, { pair: holo15 })));
    // In px of the resized image the second box lies below its lower edge.
    expect(codes(result)).toEqual(["OFF_TRAINING", "BOX_DROPPED", "FEW_IMAGE_TOKENS"]);
    expect(result.input).toEqual({ width: 644, height: 308 });
    expect(result.effective.generateThreads).toBe(4);
  });

  it("locates a target as a point", async () => {
    const click = [token('{"action":"click_absolute","x":322,"y":154}')];
    const holo = start({ factor: 28, answer: click });
    await holo.init();
    const request = holo.detectRequest({}, { pair: holo15, mode: "locate", target: "the button" });
    const result = detected(await holo.ask(request));
    expect(result.detections).toMatchObject([{ label: "the button", point: [320, 160] }]);
    expect(codes(result)).toEqual(["FEW_IMAGE_TOKENS"]);
    expect(failed(await holo.ask(holo.detectRequest({}, { pair: holo15, mode: "locate" }))).code).toBe("BAD_REQUEST");
  });

  it("finds a target by kind and position where the model only lists elements, and lists them all for it", async () => {
    const named = start({
      answer: [
        token("["),
        ...["0,0,99,99", "0,500,99,599", "500,0,599,99"].flatMap((box, index) => [
          token(`${index === 0 ? "" : ","}{"bbox_2d":[${box}],"label":"${index === 2 ? "button" : "checkbox"}"}`, 0.9),
        ]),
        token("]"),
      ],
    });
    await named.init();
    const locate = (target: string, overrides: DetectOverrides = {}) =>
      named.ask(named.detectRequest(overrides, { pair: namedDetector, mode: "locate", target }));
    const second = detected(await locate("the second checkbox", { maxDetections: 1 }));
    expect(second.detections).toMatchObject([
      { label: "checkbox", bbox: [0, 160, expect.any(Number), expect.any(Number)] },
    ]);
    expect(second.detections[0]).toMatchObject({ confidenceSource: "calibrated", color: "#aabbcc" });
    expect(codes(second)).toEqual(["OFF_TRAINING"]);
    expect(named.native.grammars.at(-1)).toContain("{0,199}");
    expect(detected(await locate("Save button")).detections).toMatchObject([{ label: "button" }]);
    expect(detected(await locate("the menu item")).detections).toEqual([]);
    const faint = detected(await locate("the button", { minConfidence: 0.95 }));
    expect([faint.detections.length, faint.belowThreshold.length]).toEqual([0, 1]);
    const ambiguous = failed(await locate("the checkbox"));
    expect(ambiguous).toMatchObject({ code: "BAD_REQUEST", message: expect.stringContaining("2 elements") });
    const generations = named.native.grammars.length;
    const unknown = failed(await locate("the thing that saves"));
    expect(unknown).toMatchObject({
      code: "BAD_REQUEST",
      hint: expect.stringContaining("button, checkbox, menu item"),
    });
    expect(named.native.grammars).toHaveLength(generations);
  });

  it("shrinks the image to the token budget", async () => {
    const { ask, detectRequest, init } = start();
    await init();
    const result = detected(await ask(detectRequest({ maxImageTokens: 50 })));
    expect(result.tokens.image).toBeLessThanOrEqual(50);
    expect(result.detections[0]?.bbox).toEqual([0, 0, 320, 160]);
  });

  it("raises a context that holds the image but not the whole answer, and refuses one that holds neither", async () => {
    const { ask, detectRequest, init } = start();
    await init();
    const raised = detected(await ask(detectRequest({ contextTokens: 400 })));
    expect(codes(raised)).toContain("CONTEXT_RAISED");
    expect(raised.effective.contextTokens).toBeGreaterThan(712);
    const error = failed(await ask(detectRequest({ contextTokens: 100 })));
    expect(error.code).toBe("CONTEXT_TOO_SMALL");
    expect(error.hint).toContain("contextTokens");
  });
});

describe("errors", () => {
  it("refuses what the model cannot do before it loads any weights", async () => {
    const { ask, detectRequest, init, native } = start();
    await init();
    const error = failed(await ask(detectRequest({}, { mode: "locate", target: "x" })));
    expect(error).toMatchObject({ code: "MODE_UNSUPPORTED", hint: expect.stringContaining("Holo1.5") });
    expect(failed(await ask(detectRequest({}, { imagePath: join(folder, "none.png") }))).code).toBe("FILE_MISSING");
    expect(native.loads).toHaveLength(0);
  });

  it.each<[NativeErrorCode, string]>([
    ["OUT_OF_MEMORY", "OUT_OF_MEMORY"],
    ["DECODE_FAILED", "INTERNAL"],
    ["CONTEXT_TOO_SMALL", "CONTEXT_TOO_SMALL"],
    ["MODEL_LOAD_FAILED", "MODEL_LOAD_FAILED"],
    ["BAD_GRAMMAR", "INTERNAL"],
  ])("translates %s and works on", async (native, code) => {
    let broken = true;
    const { ask, detectRequest, init } = start({
      before: (call) => {
        if (broken && call === "prefill") throw new NativeError(native, "the reason");
      },
    });
    await init();
    const error = failed(await ask(detectRequest()));
    expect(error).toMatchObject({ code, message: "the reason" });
    expect(error.hint).toBeTruthy();
    broken = false;
    expect(detected(await ask(detectRequest())).detections).toHaveLength(1);
  });

  it("refuses an encoder that splits the image otherwise than planned", async () => {
    const { ask, detectRequest, init } = start({ factor: 16 });
    await init();
    expect(failed(await ask(detectRequest())).message).toContain("800 tokens instead of 200");
  });

  it("answers wrong messages, and anything before init", async () => {
    const { ask, detectRequest, init, program, messages } = start();
    expect(failed(await ask(detectRequest())).code).toBe("BAD_REQUEST");
    expect(failed(await ask({ type: "dance" })).code).toBe("BAD_REQUEST");
    await program.receive(null);
    expect(messages.at(-1)).toMatchObject({ type: "reply", id: "", reply: { kind: "failed" } });
    expect((await init()).kind).toBe("initialised");
    expect(failed(await ask({ type: "init", backend: "cuda" })).code).toBe("BAD_REQUEST");
  });

  it("names a missing model file", async () => {
    const { ask, detectRequest, init } = start();
    await init();
    const gone = { ...pair, modelPath: join(folder, "gone.gguf") };
    expect(failed(await ask(detectRequest({}, { pair: gone }))).code).toBe("FILE_MISSING");
  });
});

describe("cancel", () => {
  it.each(["load", "configure", "encode", "prefill", "generate"])("ends a detection during %s", async (stage) => {
    let cancel = (): void => {};
    const harness = start({
      before: (call) => {
        if (call === stage) cancel();
      },
    });
    await harness.init();
    let cancelled: Promise<EngineReply> | undefined;
    cancel = () => {
      cancelled ??= harness.ask({ type: "cancel", target: "victim" });
    };
    expect(failed(await harness.ask(harness.detectRequest(), "victim")).code).toBe("CANCELLED");
    expect((await cancelled)?.kind).toBe("done");
    cancel = () => {};
    expect(detected(await harness.ask(harness.detectRequest())).detections).toHaveLength(1);
  });

  it("ends a request that still waits, and leaves the running one alone", async () => {
    const { ask, detectRequest, init, native } = start();
    await init();
    const first = ask(detectRequest(), "first");
    const second = ask(detectRequest(), "second");
    await ask({ type: "cancel", target: "second" });
    expect(detected(await first).detections).toHaveLength(1);
    expect(failed(await second).code).toBe("CANCELLED");
    expect(native.prompts).toHaveLength(1);
  });

  it("does nothing for a request that is not there", async () => {
    const { ask } = start();
    expect(await ask({ type: "cancel", target: "nobody" })).toEqual({ kind: "done" });
  });
});

describe("beside a detection", () => {
  it("probes, inspects and draws while the model is busy", async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { ask, detectRequest, init } = start({ before: (call) => (call === "encode" ? held : undefined) });
    await init();
    const running = ask(detectRequest());
    expect(await ask({ type: "probe", imagePath })).toEqual({
      kind: "probed",
      value: { width: 640, height: 320, format: "png", frames: 1, turned: false },
    });
    expect(await ask({ type: "inspect", pair })).toMatchObject({ kind: "inspected", value: { family: "qwen3vl" } });
    expect((await ask({ type: "overlay", ground: imagePath, elements: [] })).kind).toBe("overlaid");
    release();
    detected(await running);
  });

  it("cancels and frees everything when it is closed", async () => {
    const { ask, detectRequest, init, native, program } = start();
    await init();
    await ask(detectRequest());
    const running = ask(detectRequest());
    await program.close();
    expect(failed(await running).code).toBe("CANCELLED");
    expect(native.freed).toBe(1);
  });
});
