import type { EngineFacts, Evidence } from "../../contract/index.ts";
import { formatBytes, plural } from "../../presentation/numbers.ts";
import { evidenceRows } from "./evidence-rows.ts";

/** A fact with the line that tells it; one whose value or line is absent is left out. */
type LogRow = readonly [id: string, label: string, value: string | undefined, line: string | undefined];

/** The facts of the engine's log as readable lines, each with the log's line as its source. */
export function logEvidence(facts: EngineFacts): Evidence[] {
  const rows = [...deviceRows(facts), ...computeRows(facts), ...complaintRows(facts)];
  return evidenceRows(
    "engine-log",
    rows.flatMap(([id, label, value, line]) =>
      line === undefined ? [] : [[id, label, value, { kind: "engine-log", detail: line }] as const],
    ),
  );
}

const yesNo = (value: boolean | undefined): string => (value === undefined ? "not told" : value ? "yes" : "no");
const onOff = ({ on }: { readonly on: boolean }): string => (on ? "on" : "off");
/** The texts that are there. */
const joined = (...texts: readonly (string | undefined)[]): string => texts.filter((text) => text).join("; ");

function deviceRows({ libraries, cuda, vulkan, metal, skippedKernels }: EngineFacts): LogRow[] {
  const kernels = skippedKernels.map(({ kernel }) => kernel.replace(/^kernel_/, ""));
  const metalRow = (id: string, label: string, value: string | undefined, part: string): LogRow => [
    `metal.${id}`,
    label,
    metal && value,
    metal?.lines.findLast((line) => line.includes(part)) ?? "ggml_metal",
  ];
  return [
    ...libraries.map(({ backend, file, line }): LogRow => [`library.${backend}`, `Library for ${backend}`, file, line]),
    ...cuda.map(({ index, name, computeCapability, line }): LogRow => {
      return [`cuda.${index}`, `CUDA device ${index}`, `${name}, compute capability ${computeCapability}`, line];
    }),
    ...vulkan.map(({ index, name, fp16, bf16, matrixCores, line }): LogRow => {
      const support = `f16 ${yesNo(fp16)}, bf16 ${yesNo(bf16)}, matrix cores ${matrixCores ?? "not told"}`;
      return [`vulkan.${index}`, `Vulkan device ${index}`, `${name}; ${support}`, line];
    }),
    metalRow("gpu", "Metal GPU", `${metal?.gpu ?? "not told"} (${metal?.families.join(", ")})`, "GPU"),
    metalRow("bfloat", "bf16 arithmetic", yesNo(metal?.bfloat), "bfloat"),
    metalRow("simdgroup", "Simdgroup matrix products", yesNo(metal?.simdgroupMatrix), "simdgroup matrix"),
    metalRow("tensor", "Tensor API", yesNo(metal?.tensorApi), "tensor"),
    ["skipped-kernels", "Skipped kernels", `${kernels.length}: ${kernels.join(", ")}`, skippedKernels[0]?.line],
  ];
}

function computeRows(facts: EngineFacts): LogRow[] {
  const { flashAttention, kvCache, context, unsupportedEncoderOps: ops, graphSplits, buffers } = facts;
  const { languageModel, encoder, requested } = flashAttention;
  const attention = joined(
    requested && `asked for: ${requested.value}`,
    languageModel && `language model ${onOff(languageModel)}`,
    encoder && `vision encoder ${onOff(encoder)}`,
  );
  const splits = joined(
    graphSplits.languageModel && `language model ${graphSplits.languageModel.splits}`,
    graphSplits.encoder && `vision encoder ${graphSplits.encoder.splits} (${graphSplits.encoder.nodes} nodes)`,
  );
  const contextTokens = context?.contextTokens;
  const batches = `batch ${context?.batchTokens ?? "?"}, micro-batch ${context?.ubatchTokens ?? "?"}`;
  const lacking = ops.map(({ op, type, shape }) => `${op} ${type} [${shape.join(", ")}]`);
  const kept =
    kvCache &&
    `${formatBytes(kvCache.bytes)} for ${plural(kvCache.cells, "token")}, keys ${kvCache.keys}, values ${kvCache.values}`;
  return [
    ["flash-attention", "Flash attention", attention, languageModel?.line ?? encoder?.line ?? requested?.line],
    [
      "context",
      "Context",
      contextTokens === undefined ? undefined : `${contextTokens} tokens, ${batches}`,
      `llama_context: n_ctx = ${contextTokens}`,
    ],
    ["kv-cache", "KV cache", kept, kvCache?.line],
    ...buffers.map(({ what, device, bytes, line }): LogRow => {
      return [`buffer.${what}.${device}`, `${what} on ${device}`, formatBytes(bytes), line];
    }),
    ["encoder-ops", "Operators that the encoder's backend lacks", lacking.join("; "), ops[0]?.line],
    ["splits", "Parts of the graph by device", splits, (graphSplits.encoder ?? graphSplits.languageModel)?.line],
  ];
}

function complaintRows({ fallbacks, buildComplaints, complaints }: EngineFacts): LogRow[] {
  return [
    ["fallbacks", "Fallbacks", fallbacks.join(" / "), fallbacks[0]],
    ["build", "About the build", buildComplaints.join(" / "), buildComplaints[0]],
    ["complaints", "Other warnings and errors", complaints.join(" / "), complaints[0]],
  ];
}
