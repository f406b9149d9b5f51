import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DetectOverrides,
  type EngineMessage,
  type EngineReply,
  type EngineResult,
  engineMessageSchema,
  resolveSettings,
} from "../../app/contract/index.ts";
import { smartResize } from "../../app/engine/geometry.ts";
import { decodeImage, openImage } from "../../app/engine/image/decode.ts";
import { resizeExactly } from "../../app/engine/image/resize.ts";
import { fillRect } from "../../app/engine/overlay/canvas.ts";
import { readGguf } from "../../app/gguf/read.ts";
import { builtVariants, openNative } from "../../native/index.ts";
import { writeTinyQwen3vlPair } from "../support/gguf/tiny-qwen3vl.ts";
import { writeTinyQwen25vlPair } from "../support/gguf/tiny-qwen25vl.ts";
import { type TinyQwen35Options, writeTinyQwen35Pair } from "../support/gguf/tiny-qwen35.ts";
import { imageIdOf } from "../support/image-id.ts";
import { NANO as detector, repositoryRoot, samplePath } from "../support/repository.ts";
import { usual } from "../support/usual-native.ts";

const built = builtVariants().includes("cpu");
if (!built) console.warn("Skipped: the native addon is not built; run `npm run build:native`.");

/** Buttons of a plain page, in px: what the detector has to find. */
const page = { width: 1280, height: 736 };
const buttons = [
  [80, 60, 240, 100],
  [320, 60, 480, 100],
  [80, 200, 260, 244],
  [900, 600, 1100, 644],
  [1000, 120, 1180, 160],
] as const;

/** Drawn as shapes only, so that it looks the same on machines without fonts: dashes stand for the buttons' words. */
function drawPage(): Promise<Buffer> {
  const image = { ...page, rgb: new Uint8Array(page.width * page.height * 3).fill(255) };
  for (const [x1, y1, x2, y2] of buttons) {
    fillRect(image, [x1, y1, x2, y2], [37, 99, 235]);
    const middle = (y1 + y2) / 2;
    for (let x = x1 + 40; x < x2 - 40; x += 12) fillRect(image, [x, middle - 4, x + 8, middle + 4], [255, 255, 255]);
  }
  return sharp(image.rgb, { raw: { ...page, channels: 3 } })
    .png()
    .toBuffer();
}

describe.skipIf(!built)("the engine process with real models", () => {
  let folder = "";
  let pagePath = "";
  let child: ChildProcess;
  const messages: EngineMessage[] = [];
  const waiting = new Map<string, (reply: EngineReply) => void>();
  let requests = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "holoscope-engine-"));
    pagePath = path.join(folder, "page.png");
    await writeFile(pagePath, await drawPage());
    child = fork(path.join(repositoryRoot, "app", "engine", "main.ts"), {
      cwd: repositoryRoot,
      execArgv: ["--import", "tsx"],
      serialization: "advanced",
    });
    child.on("message", (raw) => {
      const message = engineMessageSchema.parse(raw);
      messages.push(message);
      if (message.type === "reply") waiting.get(message.id)?.(message.reply);
    });
    expect((await ask({ type: "init", backend: "cpu" })).kind).toBe("initialised");
  });

  afterAll(async () => {
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.disconnect();
    expect(await ended).toBe(0);
    await rm(folder, { recursive: true, force: true });
  });

  function ask(request: object, id = `r${requests++}`): Promise<EngineReply> {
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, ...request });
    });
  }

  const request = (imagePath: string, overrides: DetectOverrides = {}, more: object = {}) => ({
    type: "detect",
    imageId: imageIdOf(imagePath),
    imagePath,
    pair: detector,
    mode: "detect",
    settings: resolveSettings("quality", { minConfidence: 0, ...overrides }),
    ...more,
  });

  async function detected(reply: Promise<EngineReply>): Promise<EngineResult> {
    const answer = await reply;
    if (answer.kind === "detected") return answer.value;
    throw new Error(`not detected: ${JSON.stringify(answer)}`);
  }

  function addsUp({ stages, totalMs }: EngineResult): void {
    const sum = stages.reduce((total, stage) => total + stage.ms, 0);
    expect(Math.abs(sum - totalMs)).toBeLessThan(totalMs * 0.02);
  }

  it("finds the buttons of a page where they are", async () => {
    const result = await detected(ask(request(pagePath)));
    addsUp(result);
    expect(result.input).toEqual(page);
    expect(result.tokens.image).toBe(920);
    expect(result.model).toMatchObject({ architecture: "qwen3vl", projector: "qwen3vl_merger" });
    for (const button of buttons) {
      const distances = result.detections.map(({ bbox }) =>
        Math.max(...bbox.map((v, i) => Math.abs(v - (button[i] ?? 0)))),
      );
      expect(Math.min(...distances), `button at ${button.join(", ")}`).toBeLessThanOrEqual(8);
    }
    expect(result.detections.every(({ confidence }) => confidence > 0.1 && confidence <= 1)).toBe(true);
    expect(() => JSON.parse(result.rawOutput)).not.toThrow();
  });

  it("finds at least ten elements in a sample screenshot, streamed in the answer's order, twice the same", async () => {
    const first = await detected(ask(request(samplePath("settings")), "sample"));
    addsUp(first);
    expect(first.detections.length).toBeGreaterThanOrEqual(10);
    const streamed = messages.filter((message) => message.type === "detection" && message.id === "sample");
    expect(streamed.map((message) => message.type === "detection" && message.detection)).toEqual(first.detections);
    const second = await detected(ask(request(samplePath("settings"))));
    expect(second.rawOutput).toBe(first.rawOutput);
    expect(second.detections).toEqual(first.detections);
  });

  it("writes valid JSON that ends at the limit of detections", async () => {
    const result = await detected(ask(request(samplePath("shop"), { maxDetections: 5 })));
    expect(result.detections).toHaveLength(5);
    expect(JSON.parse(result.rawOutput)).toHaveLength(5);
    expect(result.warnings.map((warning) => warning.code)).toEqual(["MAX_DETECTIONS"]);
    expect(result.detections.at(-1)?.confidence).toBeGreaterThan(0.1);
  });

  it("cuts the answer at the limit of new tokens and says so", async () => {
    const result = await detected(ask(request(samplePath("shop"), { maxNewTokens: 23 })));
    expect(result.tokens.generated).toBe(23);
    expect(result.detections).toHaveLength(4);
    expect(result.warnings.map((warning) => warning.code)).toEqual(["ANSWER_TRUNCATED"]);
  });

  it("cancels while encoding and works on", async () => {
    const running = ask(request(samplePath("shop")), "victim");
    await expect
      .poll(() => messages.some((m) => m.type === "progress" && m.id === "victim" && m.phase === "encode"))
      .toBe(true);
    await ask({ type: "cancel", target: "victim" });
    expect(await running).toMatchObject({ kind: "failed", error: { code: "CANCELLED" } });
    expect((await detected(ask(request(pagePath, { maxImageTokens: 200 })))).tokens.image).toBeLessThanOrEqual(200);
  });

  it("refuses a context that is too small, with what to do", async () => {
    expect(await ask(request(pagePath, { contextTokens: 512 }))).toMatchObject({
      kind: "failed",
      error: { code: "CONTEXT_TOO_SMALL", hint: expect.stringContaining("maxImageTokens") },
    });
  });

  it.each([
    ["Holo1.5", writeTinyQwen25vlPair, "Tiny Holo1.5", "point"],
    ["Qwen2.5-VL", writeTinyQwen25vlPair, "Tiny Qwen2.5-VL", "box"],
    ["Holo2", writeTinyQwen3vlPair, "Tiny Holo2", "point"],
    ["Qwen3-VL", writeTinyQwen3vlPair, "Tiny Qwen3-VL", "box"],
    ["Holo3.1", writeTinyQwen35Pair, "Tiny Holo-3.1", "point"],
    ["Holo4 of experts", writeTinyExperts, "Tiny Holo4", "point"],
    ["Qwen3.5", writeTinyQwen35Pair, "Tiny Qwen3.5", "box"],
  ] as const)("drives a tiny %s in both modes with valid answers", async (_family, write, name, kind) => {
    const pair = await write(path.join(folder, name), { name });
    const settings = { maxDetections: 2, maxNewTokens: 1024 };
    const located = await detected(
      ask(request(pagePath, settings, { pair, mode: "locate", target: "the first button" })),
    );
    addsUp(located);
    const answer: unknown = JSON.parse(located.rawOutput);
    // Weights are random: a list may as well be empty.
    if (kind === "point") expect(answer).toMatchObject({ x: expect.any(Number), y: expect.any(Number) });
    else expect(Array.isArray(answer) && answer.length <= 1).toBe(true);
    const all = await detected(ask(request(pagePath, settings, { pair })));
    expect(Array.isArray(JSON.parse(all.rawOutput))).toBe(true);
    const offTraining = all.warnings.some((warning) => warning.code === "OFF_TRAINING");
    expect(offTraining).toBe(kind === "point");
  });

  it("asks one pair as each chosen preset says, the user's own too, and reads each form of answer", async () => {
    const own = {
      id: "own",
      name: "Own",
      source: "this test",
      base: "qwen2.5-vl",
      space: "normalised-1000",
      locate: { system: "The image is {width} wide.", text: "Where is {target}?", answer: "<point>{y} {x}</point>" },
    };
    const forms = [
      [undefined, "qwen2.5-vl", /^\[/],
      ["holo1.5", "holo1.5", /^\{ ?"action": ?"click_absolute", ?"x": ?\d+, ?"y": ?\d+ ?\}$/],
      ["ui-tars-1.5", "ui-tars-1.5", /^Action: ?click\(start_box='\(\d+, ?\d+\)'\)$/],
      ["ui-venus", "ui-venus", /^\[\d+, ?\d+, ?\d+, ?\d+\]$/],
      ["gta1", "gta1", /^\(\d+, ?\d+\)$/],
      [own, "own", /^<point>\d+ \d+<\/point>$/],
    ] as const;
    const files = await writeTinyQwen25vlPair(path.join(folder, "presets"), { name: "Tiny Qwen2.5-VL" });
    for (const [preset, id, form] of forms) {
      const pair = preset === undefined ? files : { ...files, preset };
      const located = ask(
        request(pagePath, { maxNewTokens: 1024 }, { pair, mode: "locate", target: "the first button" }),
      );
      const { rawOutput, detections, prompt, input, model } = await detected(located);
      expect(model?.preset).toBe(id);
      expect(rawOutput).toMatch(form);
      expect(prompt).toContain("the first button");
      if (id === "gta1") expect(prompt).toContain(`height ${input.height} and width ${input.width}`);
      if (preset === undefined) continue;
      // A box may have no area, since the weights are random.
      if (id !== "ui-venus") expect(detections).toHaveLength(1);
      const written = (rawOutput.match(/\d+/g) ?? []).map(Number);
      for (const { raw } of detections) expect(raw.values).toEqual(id === "own" ? written.toReversed() : written);
    }
    const misfit = await ask(request(pagePath, {}, { pair: { ...files, preset: "holo2" } }));
    expect(misfit).toMatchObject({ kind: "failed", error: { code: "PRESET_MISFIT" } });
    const unknown = await ask({ type: "inspect", pair: { ...files, preset: "nothing" } });
    expect(unknown).toMatchObject({ kind: "failed", error: { code: "PRESET_NOT_FOUND" } });
  });

  it.each([
    ["Qwen2.5-VL", writeTinyQwen25vlPair, "Tiny Holo1.5"],
    ["Qwen3-VL", writeTinyQwen3vlPair, "Tiny Qwen3-VL"],
    ["Qwen3.5", writeTinyQwen35Pair, "Tiny Holo4"],
  ] as const)("compares the prompts of a tiny %s with its own chat template", async (_base, write, name) => {
    const pair = await write(path.join(folder, `template ${name}`), { name });
    const reply = await ask({ type: "inspect", pair });
    expect(reply).toMatchObject({ kind: "inspected", value: { template: { verdict: "same", differences: [] } } });
  });

  it.each([
    ["Holo3.1", writeTinyQwen35Pair],
    ["Holo4 of experts", writeTinyExperts],
  ] as const)(
    "answers a second question of a tiny %s about the kept image as afresh, with jumps and without",
    async (name, write) => {
      // In single precision, so that no two tokens are as likely.
      const pair = await write(path.join(folder, `again ${name}`), {
        name: "Tiny Qwen3.5",
        modelType: "f32",
        type: "f32",
      });
      const settings = { maxDetections: 5, maxNewTokens: 256, flashAttention: "off" } as const;
      const asked = (jumpForward: "on" | "off", more: object = {}) =>
        detected(ask(request(pagePath, { ...settings, jumpForward }, { pair, ...more })));
      const target = { mode: "locate", target: "the second button" };
      const fresh = await asked("off", { ...target, fresh: true });
      await asked("off");
      const again = await asked("off", target);
      const jumped = await asked("on", target);
      const jumpedAgain = await asked("on", target);
      for (const { stages } of [again, jumpedAgain]) {
        expect(stages.filter(({ reused }) => reused).map(({ stage }) => stage)).toEqual(
          expect.arrayContaining(["decode", "encode", "prefill"]),
        );
      }
      for (const result of [again, jumped, jumpedAgain]) {
        expect(result.rawOutput).toBe(fresh.rawOutput);
        expect(result.detections.map(({ bbox }) => bbox)).toEqual(fresh.detections.map(({ bbox }) => bbox));
      }
      expect(fresh.tokens.decoding?.accepted).toBe(0);
      expect(jumped.tokens.decoding?.accepted).toBeGreaterThan(0);
      const profiled = await asked("on", { ...target, profileOps: true });
      expect(profiled.rawOutput).toBe(fresh.rawOutput);
      for (const { categories, nodeMs } of profiled.opProfile?.stages ?? []) {
        expect(categories.find(({ category }) => category === "other")?.ms ?? 0).toBeLessThan(nodeMs * 0.02);
      }
      expect(profiled.opProfile?.stages.at(-1)?.categories.map(({ category }) => category)).toContain("delta-net");
    },
  );
});

function writeTinyExperts(dir: string, options: TinyQwen35Options) {
  return writeTinyQwen35Pair(dir, { ...options, experts: true });
}

describe.skipIf(!built)("from file to vision encoder", () => {
  it("hands libmtmd exactly the pixels that sharp made: no further resizing, no padding", async () => {
    const library = openNative("cpu");
    const mmproj = await readGguf(detector.mmprojPath);
    const [mean, deviation] = ["clip.vision.image_mean", "clip.vision.image_std"].map((key) => mmproj.metadata[key]);
    if (!Array.isArray(mean) || !Array.isArray(deviation)) throw new Error("the mmproj names no mean and deviation");
    const session = await library.load({
      ...usual.load,
      ...detector,
      gpuLayers: 0,
      mmprojOnGpu: false,
      encodeThreads: library.systemInfo().physicalCores,
      flashAttention: "auto",
      useMmap: true,
    });
    try {
      const image = await decodeImage(await openImage(samplePath("shop")));
      const given = await resizeExactly(image, smartResize(image, { factor: 32, minTokens: 8, maxTokens: 300 }));
      const tokens = 1024;
      await session.configure({
        ...usual.context,
        contextTokens: tokens,
        batchTokens: tokens,
        ubatchTokens: tokens,
        generateThreads: 1,
        prefillThreads: 1,
        flashAttention: "auto",
      });
      await session.prepare({ ...usual.prompt, ...given, prompt: "<__media__>", reserveTokens: 1 });
      const { input } = await session.encode({ ...usual.encode, captureInput: true });
      if (input === undefined) throw new Error("nothing was captured");
      expect([input.width, input.height]).toEqual([given.width, given.height]);
      const plane = given.width * given.height;
      const wrong = given.rgb.findIndex((value, index) => {
        const channel = index % 3;
        const seen = input.data[channel * plane + Math.floor(index / 3)] ?? Number.NaN;
        return Math.round((seen * Number(deviation[channel]) + Number(mean[channel])) * 255) !== value;
      });
      expect(wrong).toBe(-1);
    } finally {
      await session.free();
    }
  });
});
