import { defined, type EngineFacts } from "../../../contract/index.ts";
import type { EngineLogLine } from "../../engine/log.ts";
import { cudaFacts, libraryFacts, metalFacts, vulkanFacts } from "./device-facts.ts";
import { encoderFacts } from "./encoder-facts.ts";
import { allMatches, lastMatch, mebibytes } from "./line-search.ts";

/**
 * The facts in an engine's log. Formats: llama.cpp v0.4.0 (src/llama-model.cpp, llama-context.cpp, llama-kv-cache.cpp,
 * tools/mtmd/clip.cpp, ggml/src/ggml-*), and, where it differs, ggml-metal.m of 2025. Of lines that are written at each
 * load or for each context, the last counts. Facts that the log lacks are absent.
 */
export function engineFacts(lines: readonly EngineLogLine[]): EngineFacts {
  const texts = lines.map(({ text }) => text);
  const offloaded = lastMatch(texts, /offloaded (\d+)\/(\d+) layers to GPU/);
  const encoder = encoderFacts(texts);
  return {
    libraries: libraryFacts(texts),
    cuda: cudaFacts(texts),
    vulkan: vulkanFacts(texts),
    skippedKernels: allMatches(texts, /: skipping (\S+)\s+\(not supported\)/).map(
      ({ groups: [, kernel = ""], line }) => ({
        kernel,
        line,
      }),
    ),
    buffers: bufferFacts(texts),
    ...defined({
      metal: metalFacts(texts),
      offloaded: offloaded && {
        layers: Number(offloaded.groups[1]),
        of: Number(offloaded.groups[2]),
        line: offloaded.line,
      },
      kvCache: kvCacheFact(texts),
      context: contextFact(texts),
      encoderBackend: encoder.backend,
    }),
    flashAttention: { ...languageModelAttention(texts), ...defined({ encoder: encoder.flashAttention }) },
    unsupportedEncoderOps: encoder.unsupportedOps,
    graphSplits: defined({ languageModel: languageModelSplits(texts), encoder: encoder.splits }),
    ...complaintFacts(lines),
  };
}

/** Only the facts that do not depend on the model: libraries, devices and their kernels. */
export function withoutModelFacts(facts: EngineFacts): EngineFacts {
  const { libraries, cuda, vulkan, metal, skippedKernels, buildComplaints } = facts;
  return { ...engineFacts([]), libraries, cuda, vulkan, ...defined({ metal }), skippedKernels, buildComplaints };
}

const bufferPatterns: ReadonlyArray<readonly [EngineFacts["buffers"][number]["what"], RegExp]> = [
  ["weights", /load_tensors:\s+(\S+) model buffer size =\s+([\d.]+) MiB/],
  ["kv-cache", /llama_kv_cache\w*:\s+(\S+) KV buffer size =\s+([\d.]+) MiB/],
  ["compute", /(?:sched_reserve|llama_context|graph_reserve):\s+(\S+) compute buffer size =\s+([\d.]+) MiB/],
  ["output", /llama_context:\s+(\S+)\s+output buffer size =\s+([\d.]+) MiB/],
  ["encoder-compute", /(?:reserve_compute_meta|alloc_compute_meta):\s+(\S+) compute buffer size =\s+([\d.]+) MiB/],
];

/** The last buffer of each kind on each device; earlier ones belong to a context or model that was freed. */
function bufferFacts(texts: readonly string[]): EngineFacts["buffers"] {
  return bufferPatterns.flatMap(([what, pattern]) => {
    const byDevice = new Map<string, EngineFacts["buffers"][number]>();
    for (const { groups, line } of allMatches(texts, pattern)) {
      const [, device = "", size = ""] = groups;
      byDevice.set(device, { what, device, bytes: mebibytes(size), line });
    }
    return [...byDevice.values()];
  });
}

function kvCacheFact(texts: readonly string[]): EngineFacts["kvCache"] {
  const match = lastMatch(
    texts,
    /llama_kv_cache\w*: size =\s+([\d.]+) MiB \(\s*(\d+) cells,.*K \((\w+)\):.*V \((\w+)\):/,
  );
  if (match === undefined) return undefined;
  const [, size = "", cells, keys = "", values = ""] = match.groups;
  return { cells: Number(cells), keys, values, bytes: mebibytes(size), line: match.line };
}

function contextFact(texts: readonly string[]): EngineFacts["context"] {
  const number = (name: string): number | undefined => {
    const value = lastMatch(texts, new RegExp(`llama_context: ${name}\\s+= (\\d+)$`))?.groups[1];
    return value === undefined ? undefined : Number(value);
  };
  const [contextTokens, batchTokens, ubatchTokens] = [number("n_ctx"), number("n_batch"), number("n_ubatch")];
  if (contextTokens === undefined && batchTokens === undefined && ubatchTokens === undefined) return undefined;
  return defined({ contextTokens, batchTokens, ubatchTokens });
}

/** "auto" is decided when the graph is reserved, which the log reports; "enabled" and "disabled" need no decision. */
function languageModelAttention(texts: readonly string[]): EngineFacts["flashAttention"] {
  const asked = lastMatch(texts, /llama_context: flash_attn\s+= (\w+)/);
  const decided = lastMatch(texts, /Flash Attention (enabled|not supported, set to disabled)/i);
  if (asked === undefined) return {};
  const [, value = ""] = asked.groups;
  const requested = { value, line: asked.line };
  if (value === "enabled" || value === "disabled") {
    return { requested, languageModel: { on: value === "enabled", line: asked.line } };
  }
  // A decision logged before the last context was requested belongs to an earlier context.
  if (decided === undefined || decided.position < asked.position) return { requested };
  return { requested, languageModel: { on: /enabled$/i.test(decided.groups[1] ?? ""), line: decided.line } };
}

function languageModelSplits(texts: readonly string[]): EngineFacts["graphSplits"]["languageModel"] {
  const match = lastMatch(texts, /(?:sched_reserve|llama_context): graph splits = (\d+)/);
  return match && { splits: Number(match.groups[1]), line: match.line };
}

/** Lines about work that runs elsewhere, or otherwise, than it should. */
const fallbackPatterns = [
  /is assigned to device \S+ but .* is assigned to device/,
  /falling back to /i,
  /failed to initialize (?:CUDA|Vulkan|Metal)/i,
  /no usable GPU found/i,
  /flash attention not supported by /i,
  /Flash Attention not supported, set to disabled/i,
  /current allocated size is greater than the recommended max working set size/,
];
const buildPatterns = [
  /\bdebug build\b/i,
  /not compiled with GPU offload support/i,
  /suboptimal performance due to a lack of tensor cores/i,
];
/**
 * Warnings that are no complaints: the frame of a list of libmtmd's, advice that the engine follows anyway, and lines
 * that are read as facts.
 */
const notComplaints = [
  /\*{10}/,
  /the CLIP graph uses unsupported operators/,
  /the performance will be suboptimal/,
  /list of unsupported ops/,
  /warmup:\s+[A-Z_0-9]+: type = /,
  /warmup: (?:flash attention is |op params|\s+(?:dst|src\d): type = )/,
  /please report this on github/,
  /ref: https:\/\//,
  /require at minimum \d+ image tokens/,
  /--image-min-tokens/,
  /more info: https:/,
  /: skipping \S+\s+\(not supported\)/,
];

function complaintFacts(
  lines: readonly EngineLogLine[],
): Pick<EngineFacts, "fallbacks" | "buildComplaints" | "complaints"> {
  const matches = (patterns: readonly RegExp[], text: string): boolean => patterns.some((one) => one.test(text));
  const fallbacks = lines.filter(({ text }) => matches(fallbackPatterns, text));
  const build = lines.filter(({ text }) => matches(buildPatterns, text));
  const complaints = lines.filter(
    (line) =>
      (line.level === "warn" || line.level === "error") &&
      !fallbacks.includes(line) &&
      !build.includes(line) &&
      !matches(notComplaints, line.text),
  );
  return {
    fallbacks: distinct(fallbacks),
    buildComplaints: distinct(build),
    complaints: distinct(complaints).slice(-maxComplaints),
  };
}

const maxComplaints = 50;

function distinct(lines: readonly EngineLogLine[]): string[] {
  return [...new Set(lines.map(({ text }) => text.trim()))].filter((text) => text !== "");
}
