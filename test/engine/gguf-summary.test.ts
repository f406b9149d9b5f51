import { describe, expect, it } from "vitest";
import { ggufSummarySchema } from "../../app/contract/index.ts";
import { parameterCount, summariseGguf } from "../../app/engine/gguf-summary.ts";
import { header, headers } from "./headers.ts";

describe("summariseGguf", () => {
  it("tells a language model's quantisation, dimensions and tensor types", () => {
    const model = {
      ...header({
        metadata: {
          "general.architecture": "qwen2vl",
          "general.name": "Holo1.5 7B",
          "general.file_type": 15,
          "qwen2vl.embedding_length": 3584,
          "qwen2vl.context_length": 128_000n,
        },
      }),
      path: "/models/holo.gguf",
      tensors: [
        { name: "a", type: "q4_k", shape: [256, 2], bytes: 288 },
        { name: "b", type: "q4_k", shape: [256, 4], bytes: 576 },
        { name: "c", type: "f32", shape: [7], bytes: 28 },
      ],
    };
    const summary = ggufSummarySchema.parse(summariseGguf(model));
    expect(summary).toEqual({
      path: "/models/holo.gguf",
      bytes: 1000,
      name: "Holo1.5 7B",
      architecture: "qwen2vl",
      quantisation: "Q4_K_M",
      parameters: 256 * 6 + 7,
      tensorTypes: { q4_k: { tensors: 2, bytes: 864 }, f32: { tensors: 1, bytes: 28 } },
      contextLength: 128_000,
      embeddingLength: 3584,
    });
    expect(parameterCount(model)).toBe(1543);
  });

  it("tells an mmproj's projector and the width of its output", () => {
    expect(summariseGguf(headers.qwen25mmproj)).toMatchObject({
      architecture: "clip",
      projector: "qwen2.5vl_merger",
      projectionDim: 3584,
    });
  });

  it("names the bf16 tensors, and nothing where there are none", () => {
    const tensors = [
      { name: "v.blk.0.ffn_up.weight", type: "bf16", shape: [64, 2], bytes: 256 },
      { name: "v.blk.0.ln1.weight", type: "f32", shape: [64], bytes: 256 },
    ];
    expect(summariseGguf({ ...headers.qwen25mmproj, tensors }).bf16Tensors).toEqual(["v.blk.0.ffn_up.weight"]);
    expect(Object.keys(summariseGguf({ ...headers.qwen25mmproj, tensors: tensors.slice(1) }))).not.toContain(
      "bf16Tensors",
    );
  });

  it("leaves out what a file does not say, and names an unknown file type by its number", () => {
    const summary = summariseGguf(header({ metadata: { "general.file_type": 999 } }));
    expect(summary.architecture).toBe("unknown");
    expect(summary.quantisation).toBe("type 999");
    expect(Object.keys(summary)).not.toContain("name");
  });
});
