import type { DetectSettings } from "../../app/contract/index.ts";
import type { GeneratedToken, GenerateOptions, Prompt, Session } from "../../app/engine/session/session.ts";
import { NativeError } from "../../native/index.ts";

/** A session without any model behind it: it answers what it is told to, and notes what it was asked. */
export class FakeSession implements Session {
  readonly place = "here";
  readonly calls: string[] = [];
  readonly prompts: Prompt[] = [];
  readonly keptKeys = new Set<string>();
  /** Called at the beginning of each step. */
  before: (step: string) => void = () => {};
  /** Called after each group of tokens was handed over. */
  afterTokens: () => void = () => {};
  readonly #answers: readonly (readonly GeneratedToken[])[];
  #asked = 0;
  #cancelled = false;

  /** @param answers one for each question; the last one answers all that come after it */
  constructor(...answers: readonly (readonly GeneratedToken[])[]) {
    this.#answers = answers;
  }

  keeps(imageKey: string): boolean {
    return this.keptKeys.has(imageKey);
  }

  resources() {
    return { contextTokens: 2048, batchTokens: 512, threads: 2, generateThreads: 1 };
  }

  async prepare(prompt: Prompt, _settings: DetectSettings) {
    this.#enter("prepare");
    this.prompts.push(prompt);
    if (prompt.imageKey !== undefined) this.keptKeys.add(prompt.imageKey);
    return { imageTokens: prompt.imageTokens, textTokens: 7 };
  }

  async encode() {
    this.#enter("encode");
    return { vit: "upstream", cpuAttention: false, reused: this.prompts.at(-1)?.rgb.length === 0 } as const;
  }

  async prefill() {
    this.#enter("prefill");
    return { imageMs: 2, textMs: 1 };
  }

  async generate({ onTokens }: GenerateOptions) {
    this.#enter("generate");
    const answer = this.#answers[Math.min(this.#asked++, this.#answers.length - 1)] ?? [];
    for (const token of answer) {
      onTokens([token]);
      this.afterTokens();
      this.#stopIfCancelled();
    }
    return { tokens: answer.length, finish: "eos", calls: 0, proposed: 0, accepted: 0, jumps: 0 } as const;
  }

  timingNodes(): Promise<never> {
    return Promise.reject(new Error("This session cannot time its nodes."));
  }

  cancel(): void {
    this.calls.push("cancel");
    this.#cancelled = true;
  }

  memory() {
    return { languageModel: [], visionEncoder: [], residentBytes: 1e6 };
  }

  async free(): Promise<void> {}

  #enter(step: string): void {
    this.calls.push(step);
    this.before(step);
    this.#stopIfCancelled();
  }

  #stopIfCancelled(): void {
    if (!this.#cancelled) return;
    this.#cancelled = false;
    throw new NativeError("CANCELLED", "Cancelled.");
  }
}
