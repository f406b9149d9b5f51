import {
  type ContextOptions,
  type EncodeOptions,
  type GeneratedToken,
  type GenerateOptions,
  type LoadOptions,
  NativeError,
  type NativeLibrary,
  type NativeModelInfo,
  type NativeSession,
  type PromptInput,
  type TimedNode,
} from "../../native/index.ts";

/** A token as the native side reports it. */
export function token(text: string, probability = 0.9, overruled = false): GeneratedToken {
  return { id: 1, bytes: new TextEncoder().encode(text), logProb: Math.log(probability), overruled };
}

export interface FakeOptions {
  readonly answer?: readonly GeneratedToken[];
  readonly finish?: "eos" | "grammar" | "length";
  /** px of a patch after merging; image tokens are counted with it. */
  readonly factor?: number;
  readonly parameters?: number;
  readonly nodes?: readonly TimedNode[];
  /** Called at the beginning of each native call; may throw or wait. */
  readonly before?: (call: string) => void | Promise<void>;
}

/** A native library that answers what it is told to, and remembers how it was called. */
export class FakeNative implements NativeLibrary {
  readonly variant = "cpu";
  readonly calls: string[] = [];
  readonly loads: LoadOptions[] = [];
  readonly contexts: ContextOptions[] = [];
  readonly prompts: PromptInput[] = [];
  readonly grammars: string[] = [];
  freed = 0;
  readonly #options: FakeOptions;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
  }

  systemInfo() {
    return { variant: "cpu" as const, llamaCppRelease: "v0", features: "FAKE", physicalCores: 4, devices: [] };
  }

  async load(options: LoadOptions): Promise<NativeSession> {
    await this.#enter("load");
    this.loads.push(options);
    options.onProgress?.(0.5);
    options.onProgress?.(1);
    return new FakeSession(this, this.#options, (call) => this.#enter(call));
  }

  async #enter(call: string): Promise<void> {
    this.calls.push(call);
    await this.#options.before?.(call);
  }
}

class FakeSession implements NativeSession {
  readonly model: NativeModelInfo;
  readonly #library: FakeNative;
  readonly #options: FakeOptions;
  readonly #enter: (call: string) => Promise<void>;
  #context: ContextOptions | undefined;
  #cancelled = false;

  constructor(library: FakeNative, options: FakeOptions, enter: (call: string) => Promise<void>) {
    this.#library = library;
    this.#options = options;
    this.#enter = async (call) => {
      this.#cancelled = false;
      await enter(call);
      this.#stopIfCancelled();
    };
    this.model = {
      description: "fake",
      architecture: "qwen3vl",
      parameters: options.parameters ?? 1e7,
      modelBytes: 1000,
      layers: 6,
      contextLengthTrained: 4096,
      vocabularySize: 2304,
      usesMrope: true,
    };
  }

  async configure(options: ContextOptions): Promise<void> {
    await this.#enter("configure");
    this.#context = options;
    this.#library.contexts.push(options);
  }

  async prepare(input: PromptInput) {
    await this.#enter("prepare");
    this.#library.prompts.push(input);
    const factor = this.#options.factor ?? 32;
    const imageTokens = (input.width / factor) * (input.height / factor);
    const textTokens = Math.ceil(input.prompt.length / 4);
    const room = this.#context?.contextTokens ?? 0;
    if (imageTokens + textTokens + input.reserveTokens > room) {
      throw new NativeError("CONTEXT_TOO_SMALL", `${imageTokens} + ${textTokens} tokens do not fit ${room}.`);
    }
    return { imageTokens, textTokens, positions: textTokens + 40 };
  }

  keeps(): boolean {
    return false;
  }

  async encode({ vit, cpuAttention }: EncodeOptions) {
    await this.#enter("encode");
    return { vit, cpuAttention, reused: false };
  }

  async prefill() {
    await this.#enter("prefill");
    return { imageMs: 2, textMs: 1 };
  }

  async generate(options: GenerateOptions) {
    await this.#enter("generate");
    this.#library.grammars.push(options.grammar);
    const answer = (this.#options.answer ?? []).slice(0, options.maxTokens);
    for (const one of answer) {
      this.#stopIfCancelled();
      options.onTokens([one]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#stopIfCancelled();
    const counts = { calls: answer.length, proposed: 0, accepted: 0, jumps: 0 };
    return { tokens: answer.length, finish: this.#options.finish ?? "eos", ...counts };
  }

  async nodeTimes() {
    await this.#enter("nodeTimes");
    return this.#options.nodes ?? [];
  }

  cancel(): void {
    this.#cancelled = true;
  }

  memory() {
    const item = { device: "CPU", model: 10, kvCache: 5, compute: 3 };
    return { languageModel: [item], visionEncoder: [{ ...item, kvCache: 0 }], keptImages: 0, residentBytes: 1e8 };
  }

  async free(): Promise<void> {
    this.#library.freed++;
  }

  /** As the real one: a cancel ends the running call and has no effect on later ones. */
  #stopIfCancelled(): void {
    if (!this.#cancelled) return;
    this.#cancelled = false;
    throw new NativeError("CANCELLED", "Cancelled.");
  }
}
