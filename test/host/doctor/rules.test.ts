import { describe, expect, it } from "vitest";
import { type DoctorTryReport, type Finding, findingSchema } from "../../../app/contract/index.ts";
import type { DoctorCase } from "../../../app/host/doctor/case.ts";
import { evidenceOf } from "../../../app/host/doctor/evidence.ts";
import { findingsOf, rules } from "../../../app/host/doctor/rules/index.ts";
import { kernelTypes } from "../../../app/host/doctor/rules/weights.ts";
import { loadedHolo as loaded } from "../../support/doctor-fixtures.ts";
import { caseOf, factsOf, fullHdRun } from "./cases.ts";

const seen = new Set<string>();

function findings(found: DoctorCase): Finding[] {
  const all = findingsOf(found);
  for (const { rule } of all) seen.add(rule);
  return all;
}

const ofRule = (found: DoctorCase, rule: string): Finding[] => findings(found).filter((one) => one.rule === rule);

describe("skipped kernels", () => {
  it("cost nothing when no tensor has their type: the report's own lines", () => {
    const [finding, ...others] = ofRule(caseOf({ log: "metal-2025-skipped-bf16" }), "skipped-kernels");
    expect(others).toEqual([]);
    expect(finding?.severity).toBe("fine");
    expect(finding?.title).toBe("30 bf16 kernels were skipped; no tensor of this model is bf16; they cost nothing.");
    expect(finding?.source).toEqual({
      kind: "engine-log",
      detail: "ggml_metal_init: skipping kernel_get_rows_bf16                     (not supported)",
    });
  });

  it("are a problem when a tensor needs them", () => {
    const [finding] = ofRule(caseOf({ log: "metal-2025-skipped-bf16", mmproj: "bf16" }), "skipped-kernels");
    expect(finding?.severity).toBe("problem");
    expect(finding?.title).toContain("226 tensors of this model are bf16");
  });

  it("are told apart by the types in their names", () => {
    expect(kernelTypes("kernel_mul_mm_bf16_f32")).toEqual(["bf16", "f32"]);
    expect(kernelTypes("kernel_flash_attn_ext_vec_bf16_hk576_hv512")).toEqual(["bf16"]);
    expect(kernelTypes("kernel_mul_mv_q4_K_f32")).toEqual(["q4_k", "f32"]);
    expect(kernelTypes("kernel_mul_mv_id_iq2_xxs_f32")).toEqual(["iq2_xxs", "f32"]);
    expect(kernelTypes("kernel_soft_max")).toEqual([]);
  });
});

describe("bf16 weights", () => {
  it("on a device without bf16: convert, with the button's action", () => {
    const [finding] = ofRule(caseOf({ log: "metal-without-bfloat", mmproj: "bf16" }), "bf16-weights");
    expect(finding).toMatchObject({
      severity: "problem",
      title: "The mmproj has 226 bf16 tensors (1.4 GB) and this device lacks bf16: convert it.",
      action: { type: "convert-mmproj", modelId: "holo1.5-7b", to: "f16" },
      source: { kind: "engine-log", detail: "ggml_metal_device_init: has bfloat            = false" },
    });
  });

  it("on one that has it: fine", () => {
    const found = caseOf({ log: "metal-unsupported-ops", mmproj: "bf16" });
    expect(ofRule(found, "bf16-weights")[0]?.severity).toBe("fine");
  });

  it.each([
    ["a GPU before compute capability 8.0", "cuda", "cuda-old-cards"],
    ["a Vulkan driver without it", "vulkan", "vulkan-without-bf16"],
    ["a processor without it", "cpu", undefined],
  ] as const)("on %s: advice, and nothing is claimed", (_, backend, log) => {
    const found = caseOf({ backend, mmproj: "bf16", ...(log === undefined ? {} : { log }) });
    const [finding] = ofRule(found, "bf16-weights");
    expect(finding?.severity).toBe("advice");
    expect(finding?.explanation).toContain("not known before it is measured");
  });

  it("that are not there need no support", () => {
    expect(ofRule(caseOf({ log: "cuda-part-on-cpu", backend: "cuda" }), "no-bf16")[0]).toMatchObject({
      severity: "fine",
      source: { kind: "gguf", detail: "header of Holo1.5-7B-Q4_K_M.gguf, header of mmproj-f16.gguf" },
    });
  });

  it("of a type that the table does not know are said to be unknown", () => {
    const found = caseOf();
    const files = found.files.map((file) => ({
      ...file,
      types: [
        {
          type: "tq9_9",
          tensors: 1,
          bytes: 10,
          support: "unknown",
          note: "not in the table",
          source: { kind: "llama.cpp", detail: "v0.4.0" },
        } as const,
      ],
    }));
    expect(ofRule({ ...found, files }, "unknown-types")).toHaveLength(2);
  });
});

describe("where the engine runs", () => {
  const cpu = caseOf({ backend: "cpu" });
  const cuda = {
    backend: "cuda",
    available: false,
    chosen: false,
    reason:
      "No driver for CUDA was found on this machine: cudart64_13.dll was not found; it comes with the CUDA 13 runtime.",
    package: "@node-llama-cpp/win-x64-cuda",
    installed: true,
    source: { kind: "probe", detail: "libraries looked for" },
  } as const;
  const nvidia = {
    gpus: [{ name: "NVIDIA RTX 3060", driverVersion: "580.1", memoryMiB: 12_288, computeCapability: "8.6" }],
    cudaVersion: "13.0",
  };

  it("on the CPU although a CUDA device exists: because of missing DLLs", () => {
    const [finding] = ofRule({ ...cpu, system: { busyShare: 0, nvidia }, backends: [cuda] }, "cpu-although-gpu");
    expect(finding?.severity).toBe("problem");
    expect(finding?.title).toBe(
      "The engine runs on the CPU although a CUDA device exists (NVIDIA RTX 3060), because no driver for CUDA was found on this machine: cudart64_13.dll was not found; it comes with the CUDA 13 runtime.",
    );
    expect(finding?.remedy).toBe("Install the CUDA 13 runtime.");
  });

  it("on the CPU because the driver is too old", () => {
    const reason = "The NVIDIA driver is too old to run this build on this GPU.";
    const old = { ...cuda, reason };
    const [finding] = ofRule({ ...cpu, system: { busyShare: 0, nvidia }, backends: [old] }, "cpu-although-gpu");
    expect(finding?.title).toContain("because the NVIDIA driver is too old");
    expect(finding?.remedy).toBe("Update the NVIDIA driver.");
  });

  it("on the CPU although another GPU exists", () => {
    const fallback = "The GPU is not used (no GPU driver that llama.cpp can use is installed).";
    const [finding] = ofRule({ ...cpu, fallback }, "cpu-although-gpu");
    expect(finding?.title).toContain(fallback);
    expect(finding?.source.kind).toBe("probe");
  });

  it("on the CPU by choice although a GPU works", () => {
    const works = { ...cuda, available: true, reason: "Works." };
    const [finding] = ofRule({ ...cpu, backendChoice: "cpu", backends: [works] }, "cpu-although-gpu");
    expect(finding).toMatchObject({ severity: "warning", action: { type: "change-backend", backend: "auto" } });
  });

  it("on the CPU without any GPU is nothing to complain of", () => {
    expect(ofRule(cpu, "cpu-although-gpu")).toEqual([]);
  });

  it("with layers on the CPU, read from the engine and not from the setting", () => {
    const found = caseOf({ log: "cuda-part-on-cpu", backend: "cuda", loaded: { ...loaded, layersOnGpu: 26 } });
    const [finding] = ofRule(found, "layers-on-cpu");
    expect(finding).toMatchObject({
      severity: "problem",
      title: "2 layers of 28 are on the CPU.",
      source: { kind: "engine-log", detail: "load_tensors: offloaded 27/29 layers to GPU" },
    });
    expect(finding?.action).toBeUndefined();
    const settings = { ...found.settings, gpuLayers: 27 };
    expect(ofRule({ ...found, settings }, "layers-on-cpu")[0]?.action).toEqual({
      type: "change-settings",
      overrides: { gpuLayers: -1 },
    });
  });

  it("with all layers on the GPU", () => {
    const found = caseOf({ log: "metal-unsupported-ops", loaded: { ...loaded, layersOnGpu: 28 } });
    expect(ofRule(found, "layers-on-cpu")[0]).toMatchObject({
      severity: "fine",
      title: "All 28 layers are on the GPU.",
    });
  });

  it("with the encoder on the CPU", () => {
    const found = caseOf({ backend: "cuda", loaded: { ...loaded, layersOnGpu: 28, encoderDevice: "CPU" } });
    expect(ofRule(found, "encoder-on-cpu")[0]?.title).toContain("although the language model runs on cuda");
  });

  it("on the CPU with a large model is slow, with a small one not worth a word", () => {
    expect(ofRule({ ...cpu, loaded }, "large-model-on-cpu")[0]?.title).toContain("7.6 billion weights");
    expect(ofRule({ ...cpu, loaded: { ...loaded, parameters: 18e6 } }, "large-model-on-cpu")).toEqual([]);
  });

  it("with fallbacks that the log tells of", () => {
    expect(ofRule(caseOf({ log: "cuda-old-cards", backend: "cuda" }), "fallback")).toHaveLength(2);
  });
});

describe("attention and operators", () => {
  it("off by the settings can be switched on", () => {
    const found = caseOf({ log: "cuda-part-on-cpu", backend: "cuda" });
    const settings = { ...found.settings, flashAttention: "off" } as const;
    expect(ofRule({ ...found, settings }, "flash-attention")[0]).toMatchObject({
      severity: "advice",
      title: "Flash attention is off in the language model and the vision encoder because the settings say so.",
      action: { type: "change-settings", overrides: { flashAttention: "auto" } },
    });
  });

  it("off by the backend is a warning", () => {
    expect(ofRule(caseOf({ log: "metal-2025-skipped-bf16" }), "flash-attention")[0]).toMatchObject({
      severity: "warning",
      source: { kind: "engine-log", detail: "llama_context: flash_attn            = disabled" },
    });
  });

  it("on is fine, unknown is not mentioned", () => {
    expect(ofRule(caseOf({ log: "metal-unsupported-ops" }), "flash-attention")[0]?.severity).toBe("fine");
    expect(ofRule(caseOf(), "flash-attention")).toEqual([]);
  });

  it("that the encoder's backend lacks run on the CPU", () => {
    expect(ofRule(caseOf({ log: "metal-unsupported-ops" }), "encoder-ops")[0]).toMatchObject({
      severity: "problem",
      title: "2 operators of the vision encoder are not supported by MTL0 and run on the CPU: UPSCALE, IM2COL.",
    });
  });
});

describe("a run", () => {
  it("of 2,691 image tokens: shares of prefill and encode, and no promise", () => {
    const [finding] = ofRule(caseOf({ run: fullHdRun }), "image-tokens");
    expect(finding).toMatchObject({
      severity: "advice",
      title: "2,691 image tokens: prefill is 18.3 % and encode 58.1 % of this run.",
      action: { type: "try" },
      source: fullHdRun.source,
    });
    expect(JSON.stringify(finding)).not.toMatch(/times faster/);
  });

  it("after a measurement: what was measured", () => {
    const tried = {
      rows: [
        {
          id: "image-tokens-1280",
          remedy: "image-tokens",
          label: "at most 1280 image tokens",
          overrides: { maxImageTokens: 1280 },
          status: "done",
          runs: 5,
          tokens: { image: 1222, text: 80, generated: 64 },
          stages: {},
          ratio: { median: 0.45, p5: 0.44, p95: 0.47 },
          significant: true,
          agreement: { baseline: 40, found: 38, matched: 36, f1: 0.92, f1SameLabel: 0.9 },
          source: { kind: "measurement", detail: "5 runs" },
        },
      ],
    } as unknown as DoctorTryReport;
    expect(ofRule(caseOf({ run: fullHdRun, tried }), "image-tokens")[0]?.title).toBe(
      "2,691 image tokens: prefill is 18.3 % and encode 58.1 % of this run; 1,222 tokens made it 2.2 times faster (measured, F1 0.92 against the baseline).",
    );
  });

  it("in which stages were reused says nothing of shares", () => {
    const stages = fullHdRun.stages.map((stage) => (stage.stage === "encode" ? { ...stage, reused: true } : stage));
    expect(ofRule(caseOf({ run: { ...fullHdRun, stages } }), "image-tokens")).toEqual([]);
  });

  it("whose micro-batch is smaller than the image", () => {
    const found = caseOf({ log: "cuda-part-on-cpu", backend: "cuda", run: fullHdRun });
    expect(ofRule(found, "ubatch-below-image")[0]).toMatchObject({
      severity: "warning",
      title: "The micro-batch of 512 tokens is smaller than the image's 2,691 tokens.",
      action: { type: "change-settings", overrides: { batchTokens: 0 } },
    });
    expect(ofRule(caseOf({ run: fullHdRun }), "ubatch-below-image")).toEqual([]);
  });

  it("with a context that a full-HD screenshot does not fit in", () => {
    const { settings, ...rest } = caseOf();
    const small = ofRule({ ...rest, settings: { ...settings, contextTokens: 4096 } }, "context-below-full-hd");
    expect(small[0]?.severity).toBe("warning");
    expect(small[0]?.title).toContain("A context of 4,096 tokens is too small for a 1920 × 1080 screenshot");
    const tiny = ofRule({ ...rest, settings: { ...settings, contextTokens: 2048 } }, "context-below-full-hd");
    expect(tiny[0]?.severity).toBe("problem");
    const large = ofRule({ ...rest, settings: { ...settings, contextTokens: 8192 } }, "context-below-full-hd");
    expect(large).toEqual([]);
  });

  it("that stalled", () => {
    const warnings = [{ code: "GENERATION_STALLED", message: "Generation fell from 800 to 20.0 tokens/s." }] as const;
    expect(ofRule(caseOf({ run: { ...fullHdRun, warnings: [...warnings] } }), "generation-stalled")).toHaveLength(1);
  });
});

describe("surroundings", () => {
  it("a busy machine and a battery are warnings", () => {
    const found = caseOf({ system: { busyShare: 0.8, onBattery: true } });
    expect(ofRule(found, "busy-machine")[0]?.title).toContain("80.0 %");
    expect(ofRule(found, "on-battery")).toHaveLength(1);
  });

  it("a build without kernels for the card", () => {
    expect(ofRule(caseOf({ log: "cuda-old-cards", backend: "cuda" }), "unsuitable-build")).toHaveLength(1);
  });
});

describe("prompts", () => {
  const rule = "prompt-not-of-template";
  const difference = { mode: "locate", template: "<|im_start|>system", prompt: "" } as const;

  it("that are not what the model's own chat template gives are a warning, unless that is deliberate", () => {
    const [finding] = ofRule(caseOf({ template: { verdict: "differs", differences: [difference] } }), rule);
    expect(finding).toMatchObject({ severity: "warning", source: { kind: "gguf" } });
    expect(finding?.explanation).toContain('where the template has "<|im_start|>system", the prompt has nothing.');
    expect(finding?.remedy).toContain("holoscope models preset holo1.5-7b");
    const reasoned = { ...difference, reason: "so it is." };
    for (const verdict of ["same", "absent"] as const) {
      expect(ofRule(caseOf({ template: { verdict, differences: [] } }), rule)).toEqual([]);
    }
    expect(ofRule(caseOf({ template: { verdict: "deliberate", differences: [reasoned] } }), rule)).toEqual([]);
  });

  it("that cannot be compared are told", () => {
    const [finding] = ofRule(caseOf({ template: { verdict: "unreadable", differences: [], error: "no end" } }), rule);
    expect(finding).toMatchObject({ severity: "advice", explanation: "The template says: no end." });
  });
});

describe("every finding", () => {
  it("of a healthy case is fine", () => {
    const healthy = caseOf({ facts: factsOf("metal-unsupported-ops"), loaded: { ...loaded, layersOnGpu: 28 } });
    const found = { ...healthy, facts: { ...healthy.facts, unsupportedEncoderOps: [] } };
    expect(findings(found).every(({ severity }) => severity === "fine")).toBe(true);
    expect(evidenceOf(found).length).toBeGreaterThan(10);
  });

  it("has a source, or does not pass the schema", () => {
    const finding = { rule: "x", severity: "fine", title: "x" };
    expect(findingSchema.safeParse(finding).success).toBe(false);
    expect(findingSchema.safeParse({ ...finding, source: { kind: "engine", detail: "" } }).success).toBe(false);
    expect(findingSchema.safeParse({ ...finding, source: { kind: "engine", detail: "x" } }).success).toBe(true);
  });

  it("comes of a rule that a test above has seen to speak", () => {
    expect(Object.keys(rules).filter((id) => !seen.has(id))).toEqual([]);
  });
});
