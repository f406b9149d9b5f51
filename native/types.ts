/**
 * The native surface, in TypeScript. `native/src` mirrors these names one for one.
 * All sizes are bytes, all durations milliseconds, all pixel data row-major RGB with 8 bits a channel.
 */

/** A set of prebuilt llama.cpp libraries that the addon can be linked against. */
export type NativeVariant = "cpu" | "cuda" | "vulkan" | "metal";

/** Why a native call failed. */
export const NATIVE_ERROR_CODES = [
  "NATIVE_MISSING", // the addon of this variant is not built or cannot be loaded (missing driver, DLL, ...)
  "NO_DEVICE", // the addon of a GPU variant works, but its libraries find no GPU
  "WRONG_ARCHITECTURE", // not a model or an mmproj that llama.cpp can load
  "MMPROJ_MISMATCH", // the mmproj's output width is not the model's input width
  "MODEL_LOAD_FAILED", // llama.cpp refused for another reason; the message holds its last log lines
  "CONTEXT_TOO_SMALL", // image + prompt + answer do not fit n_ctx
  "OUT_OF_MEMORY", // a host or device buffer could not be allocated
  "BAD_GRAMMAR", // the GBNF text does not parse
  "BAD_ARGUMENT", // a value outside its documented range
  "CANCELLED", // cancel() was called, or the AbortSignal fired
  "DECODE_FAILED", // llama_decode or the encoder returned an error
  "BUSY", // another heavy call of this session is still running
  "FREED", // the session was freed
] as const;

/** The wrapper never throws anything but {@link NativeError}, which has one of these codes. */
export type NativeErrorCode = (typeof NATIVE_ERROR_CODES)[number];

export interface NativeDevice {
  readonly name: string;
  readonly description: string;
  readonly type: "cpu" | "gpu" | "igpu" | "accel";
  /** The ggml backend that drives it: "CPU", "CUDA", "Vulkan", "Metal", ... */
  readonly backend: string;
  readonly memoryFree: number;
  readonly memoryTotal: number;
}

export interface NativeSystemInfo {
  readonly variant: NativeVariant;
  /** Release of llama.cpp whose sources libmtmd was compiled from, such as "v0.4.0". */
  readonly llamaCppRelease: string;
  /** llama.cpp's own feature line (AVX512, NEON, ...). */
  readonly features: string;
  /** Physical cores this process may use; never more than its CPU affinity allows. */
  readonly physicalCores: number;
  readonly devices: readonly NativeDevice[];
}

export interface LoadOptions {
  readonly modelPath: string;
  readonly mmprojPath: string;
  /** Language-model layers to offload; -1 = all. */
  readonly gpuLayers: number;
  /** Run the vision encoder on the GPU when there is one. */
  readonly mmprojOnGpu: boolean;
  /**
   * Copies of Qwen2.5-VL's FFN weights with a rounder length, for which CUDA has faster kernels; they take 0.87 GB of GPU
   * memory with Holo1.5. "auto": on CUDA if plenty is free. Used on the windowed path; same embeddings to rounding.
   */
  readonly ffnPadding: "auto" | "on" | "off";
  /** Threads of the vision encoder (libmtmd takes them at load time). */
  readonly encodeThreads: number;
  readonly flashAttention: "auto" | "on" | "off";
  readonly useMmap: boolean;
  /** 0..1, not decreasing; covers model and mmproj. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

export interface NativeModelInfo {
  readonly description: string;
  readonly architecture: string;
  readonly parameters: number;
  readonly modelBytes: number;
  readonly layers: number;
  /** Layers whose weights really lie on a GPU device, read from llama.cpp, not from the setting; undefined if it cannot be known. */
  readonly layersOnGpu?: number;
  readonly contextLengthTrained: number;
  readonly vocabularySize: number;
  readonly usesMrope: boolean;
  /** Backend device of the vision encoder, as libmtmd reports it. */
  readonly encoderDevice?: string;
}

export interface ContextOptions {
  readonly contextTokens: number;
  readonly batchTokens: number;
  readonly ubatchTokens: number;
  readonly generateThreads: number;
  readonly prefillThreads: number;
  readonly flashAttention: "auto" | "on" | "off";
  /**
   * Tokens of an answer that can be taken back, which `jumpForward` needs. Only models with recurrent layers need to be
   * told: they keep one more recurrent state for each. The others can take back any. On a GPU models with recurrent layers
   * take back none, whatever this says.
   */
  readonly takeBackTokens: number;
  /** Wait after every node of encode, prefill and generate and time it; see {@link NativeSession.nodeTimes}. */
  readonly timeNodes: boolean;
}

export interface PromptInput {
  /** Empty if the session keeps the image of `imageKey` (see {@link NativeSession.keeps}). */
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The whole chat-formatted prompt; exactly one `<__media__>` marker stands where the image goes. */
  readonly prompt: string;
  /** Room that must remain for the answer; checked against the context. */
  readonly reserveTokens: number;
  /**
   * Stands for the pixels, their size and how they are encoded. With it the session keeps the embeddings and the KV
   * cache's part for the image, and uses those of an earlier prompt with the same key; if empty, everything is computed and
   * nothing is added to what is kept.
   */
  readonly imageKey: string;
  /** Most MiB of host memory for what is kept of all images; the least recently used go first. */
  readonly keepMegabytes: number;
}

export interface PreparedPrompt {
  readonly imageTokens: number;
  readonly textTokens: number;
  /** Positions used; with M-RoPE an image takes fewer positions than tokens. */
  readonly positions: number;
}

/**
 * How layers with windowed attention are computed (Qwen2.5-VL; no other supported encoder has any): as attention inside
 * each window, or as llama.cpp does it, between all patches behind a mask. The results agree to rounding.
 */
export type VitPath = "windowed" | "upstream";

export interface EncodeOptions {
  readonly vit: VitPath;
  /** On a CPU, flash attention by the addon's own kernel, the same to rounding as ggml's. */
  readonly cpuAttention: boolean;
  /** For tests: hand out what the encoder received, and what it made. */
  readonly captureInput?: boolean;
  readonly captureOutput?: boolean;
}

export interface Encoded {
  /** What was computed: "upstream" too for an encoder without windowed layers. */
  readonly vit: VitPath;
  /** False too on a GPU, without flash attention, and where there is no kernel for the processor. */
  readonly cpuAttention: boolean;
  /** True if the encoder did not run, because embeddings or KV prefix of an earlier prompt are used. */
  readonly reused: boolean;
  /** With `captureInput`. */
  readonly input?: EncoderInput;
  /** With `captureOutput`: the embeddings, token by token in reading order. */
  readonly output?: Float32Array;
}

/** The image tensor that the vision encoder really received (for tests). */
export interface EncoderInput {
  readonly width: number;
  readonly height: number;
  /** Normalised values, planar: [channel][row][column]. */
  readonly data: Float32Array;
}

/** What prefill used of an earlier prompt on the same image. */
export interface ReusedImage {
  /** Embeddings: the language model read them again. KV prefix: it had text and image up to the image's end. */
  readonly kind: "embeddings" | "kvPrefix";
  readonly bytes: number;
  /** Time to bring the prefix back into the KV cache; 0 if it was still there. */
  readonly restoreMs: number;
}

export interface Prefilled {
  readonly imageMs: number;
  readonly textMs: number;
  readonly reuse?: ReusedImage;
}

export interface GeneratedToken {
  readonly id: number;
  /** The token's bytes; a UTF-8 character may be spread over several tokens. */
  readonly bytes: Uint8Array;
  /** Natural log of the model's own probability of this token (softmax over all logits, before the grammar). */
  readonly logProb: number;
  /** True if the grammar overruled the model's own first choice. */
  readonly overruled: boolean;
}

export interface GenerateOptions {
  readonly maxTokens: number;
  /** GBNF with a `root` rule; empty = unconstrained. */
  readonly grammar: string;
  /**
   * With a grammar: tokens that it forces, and those between the parts of an answer that change, are run through the
   * model several at a time. Each is kept only if it is what the model's choice would have been; so the answer is the
   * same, but for rounding, which differs with the number of tokens in a call.
   */
  readonly jumpForward: boolean;
  /** For `jumpForward`: answers as the model writes them. They change the number of calls, never the answer. */
  readonly examples: readonly string[];
  /** Called in order on the JS thread with the tokens since the last call, about every 16 ms. */
  readonly onTokens: (tokens: readonly GeneratedToken[]) => void;
}

export interface GenerateResult {
  readonly tokens: number;
  /** "eos": the model ended; "grammar": the grammar allows nothing more; "length": maxTokens reached. */
  readonly finish: "eos" | "grammar" | "length";
  /** Calls of the language model; the first token needs none, because prefill gave its logits. */
  readonly calls: number;
  /** Tokens that were run through the model before they were chosen. */
  readonly proposed: number;
  /** Of these, those that were chosen; `tokens` are at most `calls + accepted + 1`. */
  readonly accepted: number;
  /** Calls with accepted tokens. */
  readonly jumps: number;
}

export interface NativeMemoryItem {
  readonly device: string;
  readonly model: number;
  readonly kvCache: number;
  readonly compute: number;
}

export interface NativeMemory {
  /** The language model's buffers by device. */
  readonly languageModel: readonly NativeMemoryItem[];
  /** The vision encoder's buffers by device; `kvCache` is 0. */
  readonly visionEncoder: readonly NativeMemoryItem[];
  /** What is kept of recent images, in host memory. */
  readonly keptImages: number;
  /** Resident set of this process. */
  readonly residentBytes: number;
}

/** A tensor that a node reads; where that is a view, `name` is of the tensor behind it. Shapes fastest-varying first. */
export interface NodeOperand {
  readonly name: string;
  /** ggml's type name in lower case. */
  readonly type: string;
  readonly shape: readonly number[];
}

/** All executions of one node of a graph in one stage of a timed pass. Views and empty nodes are left out. */
export interface TimedNode {
  readonly stage: "encode" | "prefill" | "generate";
  readonly name: string;
  /** ggml's name of the operator; of a UNARY or GLU node that of its function. */
  readonly op: string;
  readonly type: string;
  /** The device that holds the result. */
  readonly device: string;
  /** Of the largest execution, as the operands' shapes are. */
  readonly shape: readonly number[];
  readonly operands: readonly NodeOperand[];
  readonly runs: number;
  /** Time of all executions, from handing the node over to its end. */
  readonly ms: number;
}

export interface NativeLog {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}

/**
 * One loaded pair of language model and mmproj, with at most one context.
 * Every method that returns a promise runs off the JS thread; one at a time (else BUSY).
 */
export interface NativeSession {
  readonly model: NativeModelInfo;
  /** Creates the context, or keeps the present one when nothing changed. */
  configure(options: ContextOptions): Promise<void>;
  /** Whether prepare() takes this `imageKey` without pixels; it then does until another image is prepared. */
  keeps(imageKey: string): boolean;
  /** Tokenises. Errors: CONTEXT_TOO_SMALL, BAD_ARGUMENT. */
  prepare(input: PromptInput): Promise<PreparedPrompt>;
  /** Runs the vision encoder on the prepared image. */
  encode(options: EncodeOptions): Promise<Encoded>;
  /** Runs image embeddings and prompt text through the language model. */
  prefill(): Promise<Prefilled>;
  generate(options: GenerateOptions): Promise<GenerateResult>;
  /**
   * The nodes executed since prepare(), in the order of their first execution. Empty unless the context was configured
   * with `timeNodes`.
   */
  nodeTimes(): Promise<readonly TimedNode[]>;
  /** Makes the running call end with CANCELLED soon; safe from any state. No effect on later calls. */
  cancel(): void;
  memory(): NativeMemory;
  /** Frees everything; waits for a running call (cancel it first). Idempotent. */
  free(): Promise<void>;
}

export interface NativeLibrary {
  readonly variant: NativeVariant;
  systemInfo(): NativeSystemInfo;
  /**
   * Loads a pair whose files the caller has checked (app/engine/inspect.ts): llama.cpp aborts the process on some that are
   * damaged or do not belong together. Errors: WRONG_ARCHITECTURE, MMPROJ_MISMATCH, MODEL_LOAD_FAILED (also for a file
   * that is not there), OUT_OF_MEMORY, BAD_ARGUMENT, CANCELLED.
   */
  load(options: LoadOptions): Promise<NativeSession>;
}
