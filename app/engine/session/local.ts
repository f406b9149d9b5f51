import type { ContextOptions, NativeSession, TimedNode } from "../../../native/index.ts";
import { type DetectSettings, defined, type EngineResult, HoloscopeError } from "../../contract/index.ts";
import { planContext, planJumps, planThreads, raiseContext } from "./context.ts";
import type { GenerateOptions, PreparedTokens, Prompt, Resources, Session } from "./session.ts";

/** A session on this machine: the native one, with a context that is as large as each question needs. */
export class LocalSession implements Session {
  readonly place = "here";
  readonly #native: NativeSession;
  readonly #physicalCores: number;
  /** Options of the present context; undefined while there is none. */
  #context: ContextOptions | undefined;
  #encoding: Pick<DetectSettings, "vit" | "cpuAttention"> | undefined;

  constructor(native: NativeSession, physicalCores: number) {
    this.#native = native;
    this.#physicalCores = physicalCores;
  }

  keeps(imageKey: string): boolean {
    return this.#native.keeps(imageKey);
  }

  resources(settings: DetectSettings): Resources {
    const { contextTokens = 0, batchTokens = 0 } = this.#context ?? {};
    return {
      contextTokens,
      batchTokens,
      ...planThreads(settings, this.#physicalCores, this.#native.model.parameters),
    };
  }

  async prepare({ imageTokens, question: _, ...image }: Prompt, settings: DetectSettings): Promise<PreparedTokens> {
    const { vit, cpuAttention, maxNewTokens } = settings;
    this.#encoding = { vit, cpuAttention };
    if (this.#context?.timeNodes !== true) {
      const jumps = planJumps(settings, this.#native.model);
      const threads = planThreads(settings, this.#physicalCores, this.#native.model.parameters);
      const need = { imageTokens, prompt: image.prompt, threads, jumps };
      await this.#configure(planContext(settings, need, this.#context));
    }
    const input = { ...image, reserveTokens: 1 };
    const tokens = await this.#native.prepare(input);
    const raisedContext = await this.#makeRoom(tokens.imageTokens + tokens.textTokens + maxNewTokens);
    if (raisedContext !== undefined) await this.#native.prepare(input);
    return { ...tokens, ...defined({ raisedContext }) };
  }

  encode() {
    if (this.#encoding === undefined) throw new HoloscopeError("INTERNAL", "Nothing is prepared to be encoded.");
    return this.#native.encode(this.#encoding);
  }

  prefill() {
    return this.#native.prefill();
  }

  generate(options: GenerateOptions) {
    return this.#native.generate(options);
  }

  /** In a context of its own, so the KV cache begins empty; then the context is made again as it was. */
  async timingNodes<T>(work: (nodes: () => Promise<readonly TimedNode[]>) => Promise<T>): Promise<T> {
    const context = this.#context;
    if (context === undefined) throw new HoloscopeError("INTERNAL", "There is no context to time operators in.");
    try {
      await this.#configure({ ...context, timeNodes: true });
      return await work(() => this.#native.nodeTimes());
    } finally {
      await this.#configure(context);
    }
  }

  cancel(): void {
    this.#native.cancel();
  }

  memory(): EngineResult["memory"] {
    const { languageModel, visionEncoder, ...rest } = this.#native.memory();
    return { ...rest, languageModel: [...languageModel], visionEncoder: [...visionEncoder] };
  }

  free(): Promise<void> {
    return this.#native.free();
  }

  async #configure(options: ContextOptions): Promise<void> {
    this.#context = undefined;
    await this.#native.configure(options);
    this.#context = options;
  }

  /**
   * Raises a context size that the user chose if it holds image and text but not the whole answer, and returns the new
   * size. The native prepare() has already refused one that does not even hold image and text.
   */
  async #makeRoom(tokens: number): Promise<number | undefined> {
    if (this.#context === undefined || tokens <= this.#context.contextTokens) return undefined;
    const raised = raiseContext(this.#context, tokens);
    await this.#configure(raised);
    return raised.contextTokens;
  }
}
