import type { ContextOptions, EncodeOptions, GenerateOptions, LoadOptions, PromptInput } from "../../native/index.ts";

/** What tests and benchmarks pass to the native calls where they do not care. */
export const usual = {
  load: { ffnPadding: "auto" },
  context: { takeBackTokens: 0, timeNodes: false },
  /** Nothing of the image is kept. */
  prompt: { imageKey: "", keepMegabytes: 0 },
  encode: { vit: "windowed", cpuAttention: false },
  generate: { jumpForward: true, examples: [] },
} as const satisfies {
  readonly load: Partial<LoadOptions>;
  readonly context: Partial<ContextOptions>;
  readonly prompt: Partial<PromptInput>;
  readonly encode: EncodeOptions;
  readonly generate: Partial<GenerateOptions>;
};
