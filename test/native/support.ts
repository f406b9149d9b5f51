/** What the native tests share: the addon, the bundled detector, images and one whole detection. */
import sharp from "sharp";
import { describe } from "vitest";
import {
  builtVariants,
  type ContextOptions,
  type EncodeOptions,
  type GeneratedToken,
  type GenerateOptions,
  type GenerateResult,
  type LoadOptions,
  type NativeLibrary,
  type NativeLog,
  type NativeSession,
  openNative,
  type PromptInput,
} from "../../native/index.ts";
import { createRandom } from "../support/gguf/random.ts";
import { NANO, samplePath } from "../support/repository.ts";
import { usual } from "../support/usual-native.ts";

export { NANO };

export const PROMPT =
  "<|im_start|>user\n<__media__>Detect every UI element. Answer in JSON.<|im_end|>\n<|im_start|>assistant\n";

const built = builtVariants().includes("cpu");
if (!built) console.warn("Native tests are skipped: the addon is not built; run `npm run build:native`.");

/** `describe`, skipped with a reason where the addon is not built. */
export const describeNative: typeof describe.skip = built ? describe : describe.skip;

/** Everything llama.cpp said since the library was opened. */
export const logs: NativeLog[] = [];

export function library(): NativeLibrary {
  return openNative("cpu", { onLog: (log) => logs.push(log) });
}

export function loadOptions(changes: Partial<LoadOptions> = {}): LoadOptions {
  return {
    ...usual.load,
    ...NANO,
    gpuLayers: -1,
    mmprojOnGpu: true,
    encodeThreads: library().systemInfo().physicalCores,
    flashAttention: "auto",
    useMmap: true,
    ...changes,
  };
}

export function contextOptions(changes: Partial<ContextOptions> = {}): ContextOptions {
  return {
    ...usual.context,
    contextTokens: 2048,
    batchTokens: 1024,
    ubatchTokens: 1024,
    generateThreads: 1,
    prefillThreads: library().systemInfo().physicalCores,
    flashAttention: "auto",
    ...changes,
  };
}

/** A prompt about an image of noise. The same seed gives the same pixels. */
export function noise(width: number, height: number, changes: Partial<PromptInput> = {}): PromptInput {
  const random = createRandom(width * 31 + height);
  const rgb = Uint8Array.from({ length: width * height * 3 }, () => random() * 256);
  return { ...usual.prompt, rgb, width, height, prompt: PROMPT, reserveTokens: 64, ...changes };
}

/** A prompt about one of the bundled screenshots, scaled to the given size. */
export async function screenshot(name: string, width: number, height: number): Promise<PromptInput> {
  const image = sharp(samplePath(name)).removeAlpha().resize(width, height, { fit: "fill" });
  return { ...usual.prompt, rgb: await image.raw().toBuffer(), width, height, prompt: PROMPT, reserveTokens: 512 };
}

export interface Answer extends GenerateResult {
  readonly text: string;
  readonly list: readonly GeneratedToken[];
}

/** Generates after a finished prefill. */
export async function generate(session: NativeSession, maxTokens: number, grammar = ""): Promise<Answer> {
  return collect(session, { ...usual.generate, maxTokens, grammar });
}

/** Generates after a finished prefill, with all options. */
export async function collect(session: NativeSession, options: Omit<GenerateOptions, "onTokens">): Promise<Answer> {
  const list: GeneratedToken[] = [];
  const result = await session.generate({ ...options, onTokens: (tokens) => list.push(...tokens) });
  return { ...result, list, text: Buffer.concat(list.map((token) => token.bytes)).toString("utf8") };
}

/** All stages on a configured session. */
export async function answer(
  session: NativeSession,
  input: PromptInput,
  maxTokens: number,
  grammar = "",
  options: EncodeOptions = usual.encode,
): Promise<Answer> {
  await session.prepare(input);
  await session.encode(options);
  await session.prefill();
  return generate(session, maxTokens, grammar);
}
