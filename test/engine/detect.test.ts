import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Detection, type LoadedModel, localStageNames, resolveSettings } from "../../app/contract/index.ts";
import { detect } from "../../app/engine/detect.ts";
import { recognise } from "../../app/engine/families/index.ts";
import { SeenImages } from "../../app/engine/image/seen.ts";
import type { LoadedPair } from "../../app/engine/models.ts";
import { Prefetcher } from "../../app/engine/prefetch.ts";
import { EngineProgram } from "../../app/engine/program.ts";
import type { LocalCall } from "../../app/engine/steps/plan.ts";
import { writeTinyQwen3vlPair } from "../support/gguf/tiny-qwen3vl.ts";
import { imageIdOf } from "../support/image-id.ts";
import { FakeNative, token } from "./fake-native.ts";
import { FakeSession } from "./fake-session.ts";
import { headers } from "./headers.ts";

/** Files opened and hashes begun through Node's own functions. */
const used = vi.hoisted(() => ({ opened: [] as unknown[], hashes: 0 }));
vi.mock("node:fs/promises", async (importActual) => {
  const actual = await importActual<typeof import("node:fs/promises")>();
  const open: typeof actual.open = (path, ...rest) => {
    used.opened.push(path);
    return actual.open(path, ...rest);
  };
  const readFile = ((path: string, ...rest: []) => {
    used.opened.push(path);
    return actual.readFile(path, ...rest);
  }) as typeof actual.readFile;
  return { ...actual, open, readFile };
});
vi.mock("node:crypto", async (importActual) => {
  const actual = await importActual<typeof import("node:crypto")>();
  const createHash: typeof actual.createHash = (...args) => {
    used.hashes++;
    return actual.createHash(...args);
  };
  return { ...actual, createHash };
});

let folder = "";
let image = { imageId: "", imagePath: "" };
let pair = { modelPath: "", mmprojPath: "" };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holoscope-detect-"));
  pair = await writeTinyQwen3vlPair(folder);
  const imagePath = join(folder, "image.png");
  const blank = sharp({ create: { width: 640, height: 320, channels: 3, background: "#ffffff" } });
  await blank.png().toFile(imagePath);
  image = { imageId: imageIdOf(imagePath), imagePath };
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  used.opened = [];
  used.hashes = 0;
});

const box = (values: string, probability = 0.9) => token(`{"bbox_2d":[${values}],"label":"button"}`, probability);
const answer = [token("["), box("0,0,500,500"), token(","), box("500,500,999,999", 0.2), token("]")];
const settings = resolveSettings("balanced", { minConfidence: 0.3 });
const call = (): LocalCall => ({ type: "detect", id: "d", ...image, pair, mode: "detect", settings });

const info: LoadedModel = {
  description: "fake",
  family: "qwen3vl",
  architecture: "qwen3vl",
  projector: "qwen3vl_merger",
  parameters: 1e7,
  layers: 6,
  contextLengthTrained: 4096,
  loadMs: 1,
};

/** Detections in a session that is already there, with everything that is reported of them. */
function start(session = new FakeSession(answer)) {
  const traits = recognise(headers.detector, headers.detectorMmproj);
  const loaded: LoadedPair = { pair, session, traits, info, seen: new SeenImages() };
  const models = { loaded: async () => loaded, load: () => Promise.reject(new Error("It is loaded already.")) };
  const stages: string[] = [];
  const phases: string[] = [];
  const found: Detection[] = [];
  const listener = {
    progress: (phase: string) => void phases.push(phase),
    stage: ({ stage }: { readonly stage: string }) => void stages.push(stage),
    detection: (detection: Detection) => void found.push(detection),
  };
  const controller = new AbortController();
  const run = () => detect(models, call(), listener, controller.signal, new Prefetcher());
  return { session, stages, phases, found, controller, run };
}

describe("a detection in any session", () => {
  it("goes through its steps in order, and shows an element before the answer has ended", async () => {
    const { session, stages, phases, found, run } = start();
    const shown: number[] = [];
    session.afterTokens = () => shown.push(found.length);
    const result = await run();
    expect(session.calls).toEqual(["prepare", "encode", "prefill", "generate"]);
    expect(stages).toEqual(localStageNames);
    expect([...new Set(phases)]).toEqual(localStageNames.slice(0, -1));
    expect(shown).toEqual([0, 1, 1, 1, 1]);
    expect(found).toEqual(result.detections);
    expect(result.detections).toMatchObject([{ id: "e1", bbox: [0, 0, 320, 160], confidence: expect.closeTo(0.9, 6) }]);
    expect(result.belowThreshold).toMatchObject([{ id: "e2", confidence: expect.closeTo(0.2, 6) }]);
    expect(result.tokens).toMatchObject({ image: 200, text: 7, generated: 5 });
    expect(result.effective).toMatchObject({ ...session.resources(), vit: "upstream", cpuAttention: false });
    expect(result.memory).toEqual(session.memory());
    const sum = result.stages.reduce((total, { ms }) => total + ms, 0);
    expect(sum).toBeCloseTo(result.totalMs, 6);
  });

  it("ends an answer that only repeats itself, keeps what it found and does not advise a higher limit", async () => {
    const empty = [box("7,454,7,455"), token(",")];
    const endless = [token("["), box("0,0,500,500"), token(","), ...Array.from({ length: 300 }, () => empty).flat()];
    const session = new FakeSession(endless);
    let handedOver = 0;
    session.afterTokens = () => void handedOver++;
    const result = await start(session).run();
    expect(result.detections).toHaveLength(1);
    expect(handedOver).toBe(3 + 2 * 10 - 1);
    expect(result.tokens).toEqual({ image: 200, text: 7, generated: 22 });
    expect(result.warnings.map(({ code }) => code)).toEqual(["ANSWER_LOOPED", "BOX_DROPPED"]);
    expect(result.warnings[0]?.message).toMatch(/ended after 22 tokens.*box without area.*does not help/);
    expect(result.warnings[1]?.message).toMatch(/^10 boxes without an area/);
  });

  it("ends text that never becomes an element", async () => {
    const session = new FakeSession([token("["), ...Array.from({ length: 2000 }, () => token(" again"))]);
    const result = await start(session).run();
    expect(result.warnings).toMatchObject([{ code: "ANSWER_LOOPED", message: expect.stringContaining("same text") }]);
    expect(result.tokens.generated).toBeLessThan(100);
  });

  it("is cancelled by the user even while it goes round in circles", async () => {
    const session = new FakeSession([token("["), ...Array.from({ length: 40 }, () => box("1,1,1,1"))]);
    const { run, controller } = start(session);
    session.afterTokens = () => {
      if (session.calls.at(-1) === "cancel") controller.abort();
    };
    await expect(run()).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("gives the session the pixels at the model's size, and none once it keeps the image", async () => {
    const { session, run } = start();
    await run();
    const second = await run();
    const [first, again] = session.prompts;
    expect(first).toMatchObject({ width: 640, height: 320, imageTokens: 200 });
    expect(first?.rgb.length).toBe(640 * 320 * 3);
    expect(again).toEqual({ ...first, rgb: new Uint8Array(0) });
    const reused = second.stages.filter((stage) => stage.reused).map(({ stage }) => stage);
    expect(reused).toEqual(["decode", "preprocess", "encode"]);
    expect(second.detections).toHaveLength(1);
  });

  it.each(["prepare", "encode", "prefill", "generate"])("is cancelled in %s, and goes no further", async (step) => {
    const { session, controller, stages, run } = start();
    session.before = (begun) => {
      if (begun === step) controller.abort();
    };
    await expect(run()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(session.calls.slice(-2)).toEqual([step, "cancel"]);
    expect(stages).toHaveLength(1 + ["prepare", "encode", "prefill", "generate"].indexOf(step));
  });

  it("is cancelled between two steps even if the session takes no notice", async () => {
    const { session, controller, run } = start();
    session.cancel = () => {};
    session.before = (begun) => {
      if (begun === "encode") controller.abort();
    };
    await expect(run()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(session.calls).toEqual(["prepare", "encode"]);
  });

  it("stops showing elements when it is cancelled in the middle of the answer", async () => {
    const { session, controller, found, run } = start();
    session.afterTokens = () => {
      if (found.length === 1) controller.abort();
    };
    await expect(run()).rejects.toMatchObject({ code: "CANCELLED" });
    expect(found).toHaveLength(1);
  });
});

describe("the image's file", () => {
  const reads = () => used.opened.filter((path) => path === image.imagePath).length;

  async function coldProgram() {
    const replies: string[] = [];
    const program = new EngineProgram(
      (message) => {
        if (message.type === "reply") replies.push(message.reply.kind);
      },
      () => new FakeNative({ answer }),
    );
    await program.receive({ type: "init", id: "i", backend: "cpu" });
    return { program, replies };
  }

  it("is read once and not hashed by a detection that has to load the model first", async () => {
    const { program, replies } = await coldProgram();
    await program.receive(call());
    expect(replies).toEqual(["initialised", "detected"]);
    expect([reads(), used.hashes]).toEqual([1, 0]);
    await program.receive(call());
    expect([reads(), used.hashes]).toEqual([2, 0]);
    // A hash would have been counted.
    imageIdOf(image.imagePath);
    expect(used.hashes).toBe(1);
  });

  it("is read once where it is prepared ahead and then detected", async () => {
    const { program, replies } = await coldProgram();
    await program.receive({ type: "load", id: "l", pair, settings });
    await program.receive({ type: "prefetch", id: "p", ...image, pair, settings });
    expect(reads()).toBe(1);
    await program.receive(call());
    expect(replies.at(-1)).toBe("detected");
    expect([reads(), used.hashes]).toEqual([1, 0]);
  });

  it("is not read at all if the session keeps the image", async () => {
    const { run } = start();
    await run();
    expect(reads()).toBe(1);
    await run();
    expect([reads(), used.hashes]).toEqual([1, 0]);
  });
});
