import {
  type DoctorReport,
  type DoctorTryReport,
  doctorReportSchema,
  doctorTryReportSchema,
  profiles,
} from "../../app/contract/index.ts";

/** Holo1.5-7B, as an engine describes it. */
export const loadedHolo = {
  description: "qwen2vl 7B Q4_K",
  family: "qwen25vl",
  architecture: "qwen2vl",
  projector: "qwen2.5vl_merger",
  parameters: 7.6e9,
  layers: 28,
  contextLengthTrained: 128_000,
  loadMs: 2000,
};

const machine = {
  name: "Linux, Test CPU",
  platform: "linux",
  arch: "x64",
  osRelease: "6.1",
  cpu: "Test CPU",
  physicalCores: 8,
  logicalCores: 16,
  memoryBytes: 32e9,
};

const engine = {
  backend: "cuda",
  backendReason: "CUDA is the best that works on this machine.",
  llamaCppRelease: "v0.4.0",
  features: "CPU : AVX2 = 1 | ",
  devices: [
    {
      name: "CUDA0",
      description: "NVIDIA RTX 3060",
      type: "gpu",
      backend: "CUDA",
      memoryFree: 12e9,
      memoryTotal: 12.8e9,
    },
  ],
} as const;

/** A report with something under each heading. */
export function doctorReportFixture(): DoctorReport {
  const log = (detail: string) => ({ kind: "engine-log", detail }) as const;
  return doctorReportSchema.parse({
    schema: "holoscope.doctor",
    version: 1,
    createdAt: "2026-10-05T14:23:01.000Z",
    app: { version: "1.2.3", node: "20.20.0" },
    machine,
    engine,
    model: { id: "holo1.5-7b", name: "Holo1.5 7B", family: "qwen25vl" },
    loaded: { ...loadedHolo, layersOnGpu: 26, encoderDevice: "CUDA0", loadMs: 2100 },
    evidence: [
      {
        id: "machine.cpu",
        topic: "machine",
        label: "Processor",
        value: "Test CPU, 8 cores",
        source: { kind: "system", detail: "the operating system" },
      },
      {
        id: "placement.layers",
        topic: "placement",
        label: "Layers on a GPU",
        value: "26 of 28",
        source: log("load_tensors: offloaded 27/29 layers to GPU"),
      },
    ],
    backends: [
      {
        backend: "cuda",
        available: true,
        chosen: true,
        reason: "Works with NVIDIA RTX 3060.",
        package: "@node-llama-cpp/linux-x64-cuda",
        installed: true,
        source: { kind: "probe", detail: "an engine process that started with this backend" },
      },
    ],
    devices: [{ ...engine.devices[0], source: { kind: "engine", detail: "ggml_backend_dev_memory" } }],
    files: [
      {
        role: "mmproj",
        summary: {
          path: "/models/mmproj-bf16.gguf",
          bytes: 1.35e9,
          architecture: "clip",
          projector: "qwen2.5vl_merger",
          tensorTypes: { bf16: { tensors: 226, bytes: 1.35e9 } },
          bf16Tensors: ["mm.0.weight"],
        },
        types: [
          {
            type: "bf16",
            tensors: 226,
            bytes: 1.35e9,
            support: "native",
            note: "computed as it is",
            source: { kind: "llama.cpp", detail: "v0.4.0, ggml/src/ggml-cuda/ggml-cuda.cu" },
          },
        ],
        source: { kind: "gguf", detail: "header of mmproj-bf16.gguf" },
      },
    ],
    memory: [
      {
        part: "language-model",
        device: "CUDA0",
        weights: 4.3e9,
        kvCache: 2.5e8,
        compute: 6e8,
        source: { kind: "engine", detail: "llama_get_memory_breakdown" },
      },
    ],
    fits: [
      {
        imageTokens: 1280,
        contextTokens: 3392,
        gpuBytes: 6.2e9,
        cpuBytes: 4e8,
        fits: true,
        note: "Compared with 12.00 GB that were free on the GPU before loading.",
        source: { kind: "estimate", detail: "node-llama-cpp's insights" },
      },
    ],
    facts: {
      libraries: [],
      cuda: [],
      vulkan: [],
      skippedKernels: [],
      buffers: [],
      flashAttention: {},
      unsupportedEncoderOps: [],
      graphSplits: {},
      fallbacks: [],
      buildComplaints: [],
      complaints: [],
    },
    findings: [
      {
        rule: "layers-on-cpu",
        severity: "problem",
        title: "2 layers of 28 are on the CPU.",
        explanation: "The setting gpuLayers asks for 27.",
        remedy: "Set gpuLayers to -1.",
        action: { type: "change-settings", overrides: { gpuLayers: -1 } },
        source: log("load_tensors: offloaded 27/29 layers to GPU"),
        evidence: ["placement.layers"],
      },
      {
        rule: "bf16-weights",
        severity: "fine",
        title: "The mmproj has 226 bf16 tensors (1.4 GB); this device computes bf16 as it is.",
        source: { kind: "llama.cpp", detail: "v0.4.0, ggml/src/ggml-cuda/ggml-cuda.cu" },
      },
    ],
    gaps: [
      {
        what: "the probing detection",
        error: { code: "OUT_OF_MEMORY", message: "Too little memory.", hint: "Close." },
      },
    ],
  });
}

const spread = (median: number) => ({ median, p5: median * 0.98, p95: median * 1.03 });
const measured = { kind: "measurement", detail: "5 warm runs, each in a round with the baseline" } as const;

/** A measurement with a measured, a skipped and a failed row. */
export function doctorTryFixture(): DoctorTryReport {
  return doctorTryReportSchema.parse({
    schema: "holoscope.doctor-try",
    version: 1,
    createdAt: "2026-10-05T14:30:00.000Z",
    app: { version: "1.2.3", node: "20.20.0" },
    machine,
    engine,
    model: {
      id: "holo1.5-7b",
      name: "Holo1.5 7B",
      family: "qwen25vl",
      files: [
        {
          role: "model",
          name: "Holo1.5-7B-Q4_K_M.gguf",
          bytes: 4.68e9,
          sha256: null,
          tensorTypes: { q4_k: { tensors: 169, bytes: 3.5e9 } },
        },
      ],
    },
    image: { id: "a".repeat(64), width: 1920, height: 1080, bytes: 100, format: "png", frames: 1 },
    profile: "quality",
    settings: profiles.quality,
    repeats: 5,
    rows: [
      {
        id: "baseline",
        remedy: "baseline",
        label: "baseline",
        overrides: {},
        status: "done",
        runs: 5,
        input: { width: 1932, height: 1092 },
        tokens: { image: 2691, text: 80, generated: 64 },
        effective: { contextTokens: 6912, batchTokens: 2816, flashAttention: true },
        stages: { encode: spread(828), prefill: spread(260), generate: spread(296) },
        total: spread(1425),
        agreement: { baseline: 40, found: 40, matched: 40, f1: 1, f1SameLabel: 1 },
        source: measured,
      },
      {
        id: "image-tokens-1280",
        remedy: "image-tokens",
        label: "at most 1280 image tokens",
        overrides: { maxImageTokens: 1280 },
        status: "done",
        runs: 5,
        input: { width: 1316, height: 728 },
        tokens: { image: 1222, text: 80, generated: 60 },
        effective: { contextTokens: 5376, batchTokens: 1280, flashAttention: true },
        stages: { encode: spread(206), prefill: spread(124), generate: spread(260) },
        total: spread(640),
        ratio: spread(0.45),
        significant: true,
        agreement: { baseline: 40, found: 38, matched: 36, f1: 0.923, f1SameLabel: 0.897 },
        source: measured,
      },
      {
        id: "ubatch-4096",
        remedy: "ubatch",
        label: "micro-batch of 4096 tokens",
        overrides: { batchTokens: 4096 },
        status: "skipped",
        reason: "the micro-batch is the baseline's, 2816 tokens",
        runs: 0,
        stages: {},
        source: measured,
      },
      {
        id: "flash-attention-off",
        remedy: "flash-attention",
        label: "flash attention off",
        overrides: { flashAttention: "off" },
        status: "failed",
        reason: "There is not enough memory.",
        runs: 0,
        stages: {},
        source: measured,
      },
    ],
  });
}
