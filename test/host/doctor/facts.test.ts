import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { engineFactsSchema } from "../../../app/contract/index.ts";
import { engineFacts, withoutModelFacts } from "../../../app/host/doctor/facts/engine-facts.ts";
import { EngineLog } from "../../../app/host/engine/log.ts";
import { factsOf, logLines } from "./cases.ts";

describe("facts of a Metal log of 2025", () => {
  const facts = factsOf("metal-2025-skipped-bf16");

  it("counts the 30 skipped kernels and names them", () => {
    expect(facts.skippedKernels).toHaveLength(30);
    expect(facts.skippedKernels[0]).toEqual({
      kernel: "kernel_get_rows_bf16",
      line: "ggml_metal_init: skipping kernel_get_rows_bf16                     (not supported)",
    });
  });

  it("takes what the build uses before what the device has", () => {
    expect(facts.metal).toMatchObject({
      gpu: "Apple M1",
      families: ["MTLGPUFamilyApple7", "MTLGPUFamilyCommon3", "MTLGPUFamilyMetal3"],
      simdgroupReduction: true,
      simdgroupMatrix: true,
      unifiedMemory: true,
      bfloat: false,
    });
    expect(facts.metal?.tensorApi).toBeUndefined();
  });

  it("reads layers, buffers, KV cache, context and that flash attention was off", () => {
    expect(facts.offloaded).toMatchObject({ layers: 29, of: 29 });
    expect(facts.buffers.map(({ what, device, bytes }) => [what, device, Math.round(bytes / 2 ** 20)])).toEqual([
      ["weights", "Metal_Mapped", 4460],
      ["weights", "CPU_Mapped", 292],
      ["kv-cache", "Metal", 224],
      ["compute", "Metal", 304],
    ]);
    expect(facts.kvCache).toMatchObject({ cells: 4096, keys: "f16", values: "f16", bytes: 224 * 2 ** 20 });
    expect(facts.context).toEqual({ contextTokens: 4096, batchTokens: 2048, ubatchTokens: 512 });
    expect(facts.flashAttention.languageModel?.on).toBe(false);
    expect(facts.encoderBackend?.name).toBe("Metal");
  });

  it("does not take a skipped kernel for another complaint", () => {
    expect(facts.complaints).toEqual([]);
    expect(facts.fallbacks).toEqual([]);
  });
});

describe("facts of a Metal log of v0.4.0", () => {
  const facts = factsOf("metal-unsupported-ops");

  it("lists the operators that the encoder's backend lacks, with type and shape", () => {
    expect(facts.unsupportedEncoderOps.map(({ op, type, shape }) => ({ op, type, shape }))).toEqual([
      { op: "UPSCALE", type: "f32", shape: [69, 39, 1280, 1] },
      { op: "IM2COL", type: "f16", shape: [588, 138, 78, 1] },
    ]);
    expect(facts.complaints).toEqual([]);
  });

  it("tells bfloat, tensor API, and what auto was decided to be", () => {
    expect(facts.metal).toMatchObject({ bfloat: true, tensorApi: false, gpu: "MTL0 (Apple M2 Pro)" });
    expect(facts.flashAttention).toMatchObject({
      requested: { value: "auto" },
      languageModel: { on: true },
      encoder: { on: true },
    });
    expect(facts.graphSplits).toMatchObject({ languageModel: { splits: 2 }, encoder: { splits: 5, nodes: 1290 } });
  });

  it("names a library by its file only", () => {
    expect(facts.libraries).toEqual([
      {
        backend: "MTL",
        file: "libggml-metal.so",
        line: "load_backend: loaded MTL backend from libggml-metal.so",
      },
    ]);
  });
});

describe("facts of CUDA and Vulkan logs", () => {
  it("reads devices with compute capability and memory", () => {
    expect(factsOf("cuda-part-on-cpu").cuda).toEqual([
      {
        index: 0,
        name: "NVIDIA H200",
        computeCapability: "9.0",
        memoryBytes: 143_156 * 2 ** 20,
        line: "Device 0: NVIDIA H200, compute capability 9.0, VMM: yes, VRAM: 143156 MiB",
      },
    ]);
    expect(factsOf("cuda-old-cards").cuda.map(({ computeCapability }) => computeCapability)).toEqual(["7.5", "8.6"]);
  });

  it("reads what lies where when layers stay on the CPU", () => {
    const { offloaded, buffers } = factsOf("cuda-part-on-cpu");
    expect(offloaded).toMatchObject({ layers: 27, of: 29 });
    expect(buffers.filter(({ what }) => what === "kv-cache").map(({ device }) => device)).toEqual(["CUDA0", "CPU"]);
  });

  it("tells that flash attention was refused, and on which device it would have run", () => {
    const facts = factsOf("cuda-old-cards");
    expect(facts.fallbacks).toHaveLength(2);
    expect(facts.fallbacks[0]).toContain("Flash Attention is assigned to device CPU");
    expect(facts.buildComplaints).toHaveLength(1);
  });

  it("reads a Vulkan device line", () => {
    expect(factsOf("vulkan-without-bf16").vulkan).toMatchObject([
      { index: 0, fp16: true, bf16: false, matrixCores: "none" },
    ]);
  });
});

describe("facts of any log", () => {
  it("are what the schema says, for every recorded log", () => {
    const names = readdirSync(new URL("logs", import.meta.url)).map((file) => file.replace(/\.txt$/, ""));
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) {
      expect(logLines(name).length, name).toBeGreaterThan(1);
      engineFactsSchema.parse(factsOf(name));
    }
  });

  it("are absent where the log is silent", () => {
    const facts = engineFacts([]);
    expect(facts.metal).toBeUndefined();
    expect(facts.offloaded).toBeUndefined();
    expect(facts.flashAttention).toEqual({});
  });

  it("of the last load count, and a decision of an earlier context does not", () => {
    const info = (text: string) => ({ level: "info", text }) as const;
    const facts = engineFacts([
      info("llama_context: flash_attn            = auto"),
      info("resolve_fused_ops: Flash Attention enabled"),
      info("load_tensors: offloaded 3/7 layers to GPU"),
      info("load_tensors: offloaded 7/7 layers to GPU"),
      info("llama_context: flash_attn            = auto"),
    ]);
    expect(facts.offloaded?.layers).toBe(7);
    expect(facts.flashAttention.requested?.value).toBe("auto");
    expect(facts.flashAttention.languageModel).toBeUndefined();
  });

  it("keep warnings that nothing else explains", () => {
    const facts = engineFacts([
      { level: "warn", text: "something odd" },
      { level: "info", text: "all well" },
    ]);
    expect(facts.complaints).toEqual(["something odd"]);
  });

  it("about a model can be left out", () => {
    const facts = withoutModelFacts(factsOf("cuda-part-on-cpu"));
    expect(facts.offloaded).toBeUndefined();
    expect(facts.buffers).toEqual([]);
    expect(facts.cuda).toHaveLength(1);
  });
});

describe("the memory of an engine's lines", () => {
  it("keeps the first lines and the last ones, and drops debug lines", () => {
    const log = new EngineLog();
    log.push("info", "first");
    for (let i = 0; i < 20_000; i++) log.push("info", `line ${i}`);
    log.push("debug", "create_tensor: loading tensor x");
    log.push("debug", "ggml_vulkan: 0 = GPU | uma: 0");
    const texts = log.lines.map(({ text }) => text);
    expect(texts[0]).toBe("first");
    expect(texts.at(-1)).toBe("ggml_vulkan: 0 = GPU | uma: 0");
    expect(texts).toContain("line 19999");
    expect(texts.length).toBeLessThan(10_000);
  });
});
