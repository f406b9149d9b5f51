/**
 * A stand-in for the engine program: the same messages over fork's channel, no model. What it does is written in what
 * it is given, so that each test decides for itself:
 * - init: the environment variable FAKE_ENGINE_INIT, JSON from backend to "gpu", "no-device", "native-missing",
 *   "refused-device", "crash", "old-driver" or "hang"; a backend that is not named comes up with a CPU device only.
 * - probe: the file's text: "800x600 ..." is an image of that size, with "turned" one that lies turned, with "144dpi" one
 *   of that density; "refuse", "abort" and "hang" do so.
 * - inspect, inspect-model: each file's text is JSON {"width": number}; widths that differ are a mismatch. With
 *   {"clip": true} it is an mmproj, with {"broken": true} no GGUF file.
 *   A preset is told back as it came; "holo2" fits no model.
 * - detect: words of the target (mode "locate"): "slow" goes on until it is cancelled, "abort", "exit", "hang", "garbage",
 *   "garbage-reply", "stubborn" (never reacts to cancel), "fail". Without them it answers at once.
 */
import { readFileSync } from "node:fs";

const send = (message) => process.send(message);
const reply = (id, value) => send({ type: "reply", id, reply: value });
const fail = (id, code, message) => reply(id, { kind: "failed", error: { code, message } });
const running = new Map();
let heavy = 0;

process.on("disconnect", () => process.exit(0));

function abortLikeGgml() {
  process.stderr.write("/build/llama.cpp/ggml/src/ggml.c:1234: GGML_ASSERT(a->ne[0] == b->ne[0]) failed\n", () =>
    process.abort(),
  );
}

/** What the addon prints when the driver cannot compile the CUDA kernels. */
function abortOfOldDriver() {
  process.stderr.write(
    "/builds/llama.cpp/ggml/src/ggml-cuda/ggml-cuda.cu:108: CUDA error\n" +
      "CUDA error: the provided PTX was compiled with an unsupported toolchain.\n" +
      "  current device: 0, in function ggml_cuda_compute_forward at ggml-cuda.cu:2417\n",
    () => process.abort(),
  );
}

const device = { name: "CPU", description: "Fake CPU", type: "cpu", backend: "CPU", memoryFree: 1, memoryTotal: 2 };
const model = {
  description: "fake 1M",
  family: "fake",
  architecture: "fake",
  projector: "fake",
  parameters: 1_000_000,
  layers: 2,
  contextLengthTrained: 4096,
  loadMs: 1,
};

const detection = (number, confidence) => ({
  id: `e${number}`,
  label: "button",
  bbox: [number, 0, number + 10, 10],
  confidence,
  confidenceSource: "token-probability",
  raw: { space: "normalised-1000", values: [number, 0, number + 10, 10] },
});

const presetOf = ({ preset }) => (typeof preset === "object" ? preset.id : preset);
const presetField = (pair) => (pair.preset === undefined ? {} : { preset: presetOf(pair) });

const handlers = {
  init({ id, backend }) {
    const how = JSON.parse(process.env.FAKE_ENGINE_INIT ?? "{}")[backend];
    if (how === "hang") return;
    if (how === "crash") return abortLikeGgml();
    if (how === "old-driver") return abortOfOldDriver();
    if (how === "native-missing") return fail(id, "NATIVE_MISSING", `The native addon for ${backend} is not built.`);
    if (how === "refused-device") return fail(id, "BACKEND_UNAVAILABLE", "No GPU was found.");
    const gpu = { ...device, name: "GPU0", description: "Fake GPU", type: "gpu", backend };
    const devices = how === "gpu" ? [device, gpu] : [device];
    reply(id, { kind: "initialised", value: { llamaCppRelease: "v0", features: "FAKE", physicalCores: 3, devices } });
  },
  inspect({ id, pair }) {
    const read = (path) => ({ path, bytes: readFileSync(path).length, ...JSON.parse(readFileSync(path, "utf8")) });
    const [language, vision] = [read(pair.modelPath), read(pair.mmprojPath)];
    if (language.broken) return fail(id, "NOT_A_GGUF", "The model is no GGUF file.");
    if (language.width !== vision.width) return fail(id, "MMPROJ_MISMATCH", "The widths differ.");
    if (presetOf(pair) === "holo2") return fail(id, "PRESET_MISFIT", "The preset is for other models.");
    const tensorTypes = { f16: { tensors: 1, bytes: 2 } };
    const modes = { detect: pair.preset === undefined ? "trained" : "off-training", locate: "trained" };
    const summary = ({ path, bytes, width }) => ({
      path,
      bytes,
      architecture: "fake",
      tensorTypes,
      embeddingLength: width,
    });
    reply(id, {
      kind: "inspected",
      value: { model: summary(language), mmproj: summary(vision), family: "fake", modes, ...presetField(pair) },
    });
  },
  "inspect-model"({ id, modelPath }) {
    const { width, clip, broken } = JSON.parse(readFileSync(modelPath, "utf8"));
    if (broken) return fail(id, "NOT_A_GGUF", "The model is no GGUF file.");
    if (clip) return fail(id, "WRONG_ARCHITECTURE", "The file is an mmproj.");
    const value = { path: modelPath, bytes: 1, architecture: "fake", tensorTypes: {}, embeddingLength: width };
    reply(id, { kind: "model-inspected", value });
  },
  probe({ id, imagePath }) {
    const text = readFileSync(imagePath, "utf8");
    if (text.startsWith("hang")) return;
    if (text.startsWith("abort")) return abortLikeGgml();
    const size = /^(\d+)x(\d+)/.exec(text);
    if (!size) return fail(id, "IMAGE_FORMAT", "This is not an image.");
    const density = /(\d+)dpi/.exec(text)?.[1];
    const value = {
      width: Number(size[1]),
      height: Number(size[2]),
      format: "png",
      frames: 1,
      turned: text.includes("turned"),
      ...(density === undefined ? {} : { density: Number(density) }),
    };
    reply(id, { kind: "probed", value });
  },
  load: ({ id }) => reply(id, { kind: "loaded", value: model }),
  unload: ({ id }) => reply(id, { kind: "done" }),
  overlay({ id, ground, elements }) {
    const where = typeof ground === "string" ? "" : ` on ${ground.width}x${ground.height}`;
    reply(id, { kind: "overlaid", value: { png: new TextEncoder().encode(`${elements.length}${where}`) } });
  },
  cancel({ id, target }) {
    running.get(target)?.();
    reply(id, { kind: "done" });
  },
  // A prefetch is answered when it is cancelled: it goes on as long as a slow detection.
  prefetch({ id }) {
    running.set(id, () => {
      running.delete(id);
      reply(id, { kind: "done" });
    });
  },
  detect: detect,
};

async function detect({ id, pair, mode, target = "", settings }) {
  if (++heavy > 1) return fail(id, "INTERNAL", "Two detections at once.");
  const words = target.split(" ");
  const cancelled = new Promise((resolve) => running.set(id, () => resolve()));
  const finish = (answer) => {
    heavy--;
    running.delete(id);
    answer();
  };
  send({ type: "log", level: "info", text: `detect ${target}` });
  send({ type: "progress", id, phase: "loading", fraction: 1 });
  send({ type: "progress", id, phase: "decode" });
  send({ type: "stage", id, stage: { stage: "decode", ms: 1 } });
  send({ type: "detection", id, detection: detection(1, 0.9) });
  // Resolves when all of this is on its way: what a process has not yet sent ends with it.
  const sent = new Promise((resolve) =>
    process.send({ type: "detection", id, detection: detection(2, 0.01) }, () => resolve()),
  );
  if (words.includes("abort")) return sent.then(abortLikeGgml);
  if (words.includes("exit")) return sent.then(() => process.exit(7));
  if (words.includes("hang")) return;
  if (words.includes("garbage")) {
    send({ type: "detection", id, detection: { id: 5 } });
    send("nonsense");
    send({ type: "unheard-of", id });
  }
  if (words.includes("garbage-reply"))
    return finish(() => send({ type: "reply", id, reply: { kind: "detected", value: {} } }));
  if (words.includes("fail")) return finish(() => fail(id, "OUT_OF_MEMORY", "There is not enough memory."));
  if (words.includes("stubborn")) running.delete(id);
  send({ type: "progress", id, phase: "generate", fraction: 0 });
  if (words.includes("slow") || words.includes("stubborn")) {
    await (words.includes("stubborn") ? new Promise(() => {}) : cancelled);
    return finish(() => fail(id, "CANCELLED", "Cancelled."));
  }
  const stages = ["decode", "preprocess", "encode", "prefill", "generate", "parse", "other"];
  finish(() =>
    reply(id, {
      kind: "detected",
      value: {
        stages: stages.map((stage) => ({ stage, ms: 1 })),
        totalMs: stages.length,
        tokens: { image: 1, text: 2, generated: 3 },
        input: { width: 32, height: 32 },
        prompt: mode,
        rawOutput: target,
        detections: [detection(1, 0.9)],
        belowThreshold: [detection(2, 0.01)],
        warnings: [],
        effective: {
          contextTokens: settings.maxImageTokens,
          batchTokens: settings.batchTokens || 1,
          threads: 1,
          generateThreads: 1,
        },
        model: { ...model, ...presetField(pair) },
        memory: { languageModel: [], visionEncoder: [], residentBytes: 1 },
      },
    }),
  );
}

process.on("message", (message) => void handlers[message.type](message));
