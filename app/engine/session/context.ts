import type { ContextOptions } from "../../../native/index.ts";
import type { DetectSettings, LoadedModel } from "../../contract/index.ts";

/** Below this many weights, generating a token is so little work that threads lose more waiting than they gain. */
const singleThreadParameters = 0.5e9;
/** Contexts and batches are multiples of this many tokens, so that images of similar size share one context. */
const granularity = 256;
/** Room for the tokens that stand for no byte of the prompt: begin and end of the image and of the turn. */
const marginTokens = 16;

export interface ThreadPlan {
  readonly threads: number;
  readonly generateThreads: number;
}

/**
 * CPU threads for encode and prefill, and for generation. Never more than physical cores: ggml's threads spin at a
 * barrier after each operation, so one that has to wait for a core stalls all others (measured: 4 threads on 2 cores
 * generate a thousand times slower). Small models generate on one thread, which a busy machine cannot stall.
 */
export function planThreads(settings: DetectSettings, physicalCores: number, parameters: number): ThreadPlan {
  const limited = (wanted: number, automatic: number): number =>
    Math.max(1, Math.min(physicalCores, wanted === 0 ? automatic : wanted));
  return {
    threads: limited(settings.threads, physicalCores),
    generateThreads: limited(settings.generateThreads, parameters < singleThreadParameters ? 1 : physicalCores),
  };
}

/**
 * Whether to decode several tokens in one call where the next tokens of the answer can be guessed. GPU backends have
 * kernels that multiply a few columns at little more cost than one: CUDA and Vulkan up to eight, Metal from two to eight
 * (ggml-cuda/mmvq.cuh, ggml-vulkan.cpp's mul_mat_vec_max_cols, kernel_mul_mv_ext of ggml-metal). On a CPU it does not pay:
 * measured on one core with a matrix of 152,000 rows, a call with 4 tokens took 5.5 times one with a single token in q4_K,
 * 6.6 times in q8_0, 3.6 times in q6_K and 2.4 times in f16; with 2 tokens 2.6, 7.0, 1.6 and 2.0 times.
 */
export function planJumps(
  { jumpForward }: Pick<DetectSettings, "jumpForward">,
  { layers, layersOnGpu = 0, architecture }: Pick<LoadedModel, "layers" | "layersOnGpu" | "architecture">,
): boolean {
  // The session does not either: see configure() in native/src/session.cpp.
  if (layersOnGpu > 0 && architecture.startsWith("qwen35")) return false;
  return jumpForward === "auto" ? layersOnGpu >= layers : jumpForward === "on";
}

export interface ContextNeed {
  readonly imageTokens: number;
  /** The whole prompt; a token has at least one byte, so its bytes bound its tokens. */
  readonly prompt: string;
  readonly threads: ThreadPlan;
  /** Whether several tokens of the answer are decoded in one call; see {@link planJumps}. */
  readonly jumps: boolean;
}

/** Tokens that one call can propose and then take back: it has at most eight, and the first is certain. */
const takeBackTokens = 7;

/**
 * Options of the context for one detection. With contextTokens 0 it is as large as image, prompt and answer need, and
 * with batchTokens 0 a batch holds the whole image (splitting an image over micro-batches is known to shift boxes).
 * What is chosen automatically never shrinks below `current`, because making a context costs more than keeping it.
 */
export function planContext(settings: DetectSettings, need: ContextNeed, current?: ContextOptions): ContextOptions {
  const text = Buffer.byteLength(need.prompt) + marginTokens;
  const contextNeeded = roundUp(need.imageTokens + text + settings.maxNewTokens);
  const batchNeeded = roundUp(need.imageTokens);
  const contextTokens = settings.contextTokens || Math.max(contextNeeded, current?.contextTokens ?? 0);
  const batchTokens = settings.batchTokens || Math.max(batchNeeded, current?.batchTokens ?? 0);
  return {
    contextTokens,
    batchTokens: Math.min(batchTokens, contextTokens),
    ubatchTokens: Math.min(batchTokens, contextTokens),
    prefillThreads: need.threads.threads,
    generateThreads: need.threads.generateThreads,
    flashAttention: settings.flashAttention,
    takeBackTokens: need.jumps ? takeBackTokens : 0,
    timeNodes: false,
  };
}

/** The same context with room for this many tokens. */
export function raiseContext(options: ContextOptions, tokens: number): ContextOptions {
  return { ...options, contextTokens: roundUp(tokens + marginTokens) };
}

function roundUp(tokens: number): number {
  return Math.ceil(tokens / granularity) * granularity;
}
