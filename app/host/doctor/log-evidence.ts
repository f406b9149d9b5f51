import type { Evidence } from "../../contract/doctor.ts";
import type { EngineFacts } from "../../contract/doctor-facts.ts";
import { formatBytes } from "../format-bytes.ts";
import { counted } from "./rules/rule.ts";

/** The engine's log in words; each with the line that says it. */
export function logEvidence(facts: EngineFacts): Evidence[] {
  return [...deviceEvidence(facts), ...computeEvidence(facts), ...complaintEvidence(facts)];
}

function fact(id: string, label: string, value: string, line: string): Evidence {
  return { topic: "engine-log", id: `log.${id}`, label, value, source: { kind: "engine-log", detail: line } };
}

const yesNo = (value: boolean | undefined): string => (value === undefined ? "not told" : value ? "yes" : "no");

function deviceEvidence({ libraries, cuda, vulkan, metal, skippedKernels }: EngineFacts): Evidence[] {
  const [skipped] = skippedKernels;
  const metalLine = (part: string): string => metal?.lines.findLast((line) => line.includes(part)) ?? "ggml_metal";
  return [
    ...libraries.map(({ backend, file, line }) => fact(`library.${backend}`, `Library for ${backend}`, file, line)),
    ...cuda.map(({ index, name, computeCapability, line }) =>
      fact(`cuda.${index}`, `CUDA device ${index}`, `${name}, compute capability ${computeCapability}`, line),
    ),
    ...vulkan.map(({ index, name, fp16, bf16, matrixCores, line }) =>
      fact(
        `vulkan.${index}`,
        `Vulkan device ${index}`,
        `${name}; f16 ${yesNo(fp16)}, bf16 ${yesNo(bf16)}, matrix cores ${matrixCores ?? "not told"}`,
        line,
      ),
    ),
    ...(metal === undefined
      ? []
      : [
          fact("metal.gpu", "Metal GPU", `${metal.gpu ?? "not told"} (${metal.families.join(", ")})`, metalLine("GPU")),
          fact("metal.bfloat", "bf16 arithmetic", yesNo(metal.bfloat), metalLine("bfloat")),
          fact(
            "metal.simdgroup",
            "Simdgroup matrix products",
            yesNo(metal.simdgroupMatrix),
            metalLine("simdgroup matrix"),
          ),
          fact("metal.tensor", "Tensor API", yesNo(metal.tensorApi), metalLine("tensor")),
        ]),
    ...(skipped === undefined
      ? []
      : [
          fact(
            "skipped-kernels",
            "Skipped kernels",
            `${skippedKernels.length}: ${skippedKernels.map(({ kernel }) => kernel.replace(/^kernel_/, "")).join(", ")}`,
            skipped.line,
          ),
        ]),
  ];
}

function computeEvidence(facts: EngineFacts): Evidence[] {
  const { flashAttention, kvCache, context, unsupportedEncoderOps, graphSplits, buffers } = facts;
  const { languageModel, encoder, requested } = flashAttention;
  const attention = [
    ...(requested === undefined ? [] : [`asked for: ${requested.value}`]),
    ...(languageModel === undefined ? [] : [`language model ${languageModel.on ? "on" : "off"}`]),
    ...(encoder === undefined ? [] : [`vision encoder ${encoder.on ? "on" : "off"}`]),
  ];
  const attentionLine = languageModel?.line ?? encoder?.line ?? requested?.line;
  const [op] = unsupportedEncoderOps;
  const splits = graphSplits.encoder ?? graphSplits.languageModel;
  return [
    ...(attentionLine === undefined
      ? []
      : [fact("flash-attention", "Flash attention", attention.join("; "), attentionLine)]),
    ...(context?.contextTokens === undefined
      ? []
      : [
          fact(
            "context",
            "Context",
            `${context.contextTokens} tokens, batch ${context.batchTokens ?? "?"}, micro-batch ${context.ubatchTokens ?? "?"}`,
            `llama_context: n_ctx = ${context.contextTokens}`,
          ),
        ]),
    ...(kvCache === undefined
      ? []
      : [
          fact(
            "kv-cache",
            "KV cache",
            `${formatBytes(kvCache.bytes)} for ${counted(kvCache.cells, "token")}, keys ${kvCache.keys}, values ${kvCache.values}`,
            kvCache.line,
          ),
        ]),
    ...buffers.map(({ what, device, bytes, line }) =>
      fact(`buffer.${what}.${device}`, `${what} on ${device}`, formatBytes(bytes), line),
    ),
    ...(op === undefined
      ? []
      : [
          fact(
            "encoder-ops",
            "Operators that the encoder's backend lacks",
            unsupportedEncoderOps.map((one) => `${one.op} ${one.type} [${one.shape.join(", ")}]`).join("; "),
            op.line,
          ),
        ]),
    ...(splits === undefined
      ? []
      : [
          fact(
            "splits",
            "Parts of the graph by device",
            [
              ...(graphSplits.languageModel === undefined
                ? []
                : [`language model ${graphSplits.languageModel.splits}`]),
              ...(graphSplits.encoder === undefined
                ? []
                : [`vision encoder ${graphSplits.encoder.splits} (${graphSplits.encoder.nodes} nodes)`]),
            ].join("; "),
            splits.line,
          ),
        ]),
  ];
}

function complaintEvidence({ fallbacks, buildComplaints, complaints }: EngineFacts): Evidence[] {
  const list = (id: string, label: string, lines: readonly string[]): Evidence[] => {
    const [first] = lines;
    return first === undefined ? [] : [fact(id, label, lines.join(" / "), first)];
  };
  return [
    ...list("fallbacks", "Fallbacks", fallbacks),
    ...list("build", "About the build", buildComplaints),
    ...list("complaints", "Other warnings and errors", complaints),
  ];
}
