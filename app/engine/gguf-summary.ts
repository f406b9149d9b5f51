import { defined, type GgufSummary } from "../contract/index.ts";
import { type GgufHeader, metadataNumber, metadataString } from "../gguf/header.ts";
import { projectorOf } from "./families/index.ts";

/** Names of `general.file_type` (llama.cpp, include/llama.h, enum llama_ftype). */
const fileTypes: Readonly<Record<number, string>> = {
  0: "F32",
  1: "F16",
  2: "Q4_0",
  3: "Q4_1",
  7: "Q8_0",
  8: "Q5_0",
  9: "Q5_1",
  10: "Q2_K",
  11: "Q3_K_S",
  12: "Q3_K_M",
  13: "Q3_K_L",
  14: "Q4_K_S",
  15: "Q4_K_M",
  16: "Q5_K_S",
  17: "Q5_K_M",
  18: "Q6_K",
  19: "IQ2_XXS",
  20: "IQ2_XS",
  21: "Q2_K_S",
  22: "IQ3_XS",
  23: "IQ3_XXS",
  24: "IQ1_S",
  25: "IQ4_NL",
  26: "IQ3_S",
  27: "IQ3_M",
  28: "IQ2_S",
  29: "IQ2_M",
  30: "IQ4_XS",
  31: "IQ1_M",
  32: "BF16",
  36: "TQ1_0",
  37: "TQ2_0",
  38: "MXFP4_MOE",
};

/** What a GGUF header says about its file: names, sizes in bytes, tensor types, dimensions. */
export function summariseGguf(header: GgufHeader): GgufSummary {
  const architecture = metadataString(header, "general.architecture") ?? "unknown";
  const fileType = metadataNumber(header, "general.file_type");
  const encoder = architecture === "clip";
  const tensorTypes: GgufSummary["tensorTypes"] = {};
  for (const { type, bytes } of header.tensors) {
    const sum = tensorTypes[type] ?? { tensors: 0, bytes: 0 };
    tensorTypes[type] = { tensors: sum.tensors + 1, bytes: sum.bytes + bytes };
  }
  const bf16Tensors = header.tensors.filter(({ type }) => type === "bf16").map(({ name }) => name);
  return {
    path: header.path,
    bytes: header.fileBytes,
    architecture,
    parameters: parameterCount(header),
    tensorTypes,
    ...defined({
      name: metadataString(header, "general.name"),
      projector: encoder ? projectorOf(header) : undefined,
      quantisation: fileType === undefined ? undefined : (fileTypes[fileType] ?? `type ${fileType}`),
      bf16Tensors: bf16Tensors.length === 0 ? undefined : bf16Tensors,
      contextLength: metadataNumber(header, `${architecture}.context_length`),
      embeddingLength: metadataNumber(header, `${encoder ? "clip.vision" : architecture}.embedding_length`),
      projectionDim: metadataNumber(header, "clip.vision.projection_dim"),
    }),
  };
}

/** Number of weights; an exact sum over the tensors' shapes. */
export function parameterCount(header: GgufHeader): number {
  return header.tensors.reduce((sum, tensor) => sum + tensor.shape.reduce((product, side) => product * side, 1), 0);
}
