import sharp from "sharp";
import { smartResize } from "../../../app/engine/geometry.ts";
import { inspectPair } from "../../../app/engine/inspect.ts";
import { type NativeSession, openNative } from "../../../native/index.ts";
import type { TinyPair } from "../../support/gguf/tiny-pair.ts";
import { usual } from "../../support/usual-native.ts";
import { formatSpread, spreadOf } from "../report.ts";
import type { Checks } from "./checks.ts";
import { imageTokenLimits, newTokens } from "./shapes.ts";

/** Lines of llama.cpp's log that tell how the graphs run. */
const telling = /flash attention|graph (splits|nodes)|unsupported|CUDA graph warmup complete|falling back/i;

/**
 * The addon alone, in this process: what llama.cpp says about the graphs, the stages without engine and host, and
 * generation with and without the grammar.
 */
export async function checkGeneration(checks: Checks, pair: TinyPair, image: string, runs: number): Promise<void> {
  const logs = new Set<string>();
  const library = openNative("cuda", { onLog: ({ text }) => telling.test(text) && logs.add(text.trim()) });
  const cores = library.systemInfo().physicalCores;
  const { sizing, question } = (await inspectPair(pair)).traits;
  // The question about a whole screen is the same for each size.
  const { prompt, grammar } = question("detect", "", 200, { width: 0, height: 0 });
  const session = await library.load({
    ...usual.load,
    ...pair,
    gpuLayers: -1,
    mmprojOnGpu: true,
    encodeThreads: cores,
    flashAttention: "auto",
    useMmap: true,
  });
  for (const limit of imageTokenLimits) {
    const { rgb, width, height } = await pixels(image, { ...sizing, maxTokens: limit });
    const configure = (generateThreads: number): Promise<void> =>
      session.configure({
        ...usual.context,
        ...{ contextTokens: 4096, batchTokens: 3072, ubatchTokens: 3072, flashAttention: "auto" },
        ...{ prefillThreads: cores, generateThreads },
      });
    await configure(cores);
    const { imageTokens } = await session.prepare({
      ...usual.prompt,
      rgb,
      width,
      height,
      prompt,
      reserveTokens: newTokens,
    });
    console.log(`\n${width}x${height}, ${imageTokens} image tokens, the addon alone:`);
    const measure = async (what: string, work: () => Promise<number | undefined>): Promise<number> => {
      await work();
      const times: number[] = [];
      for (let i = 0; i < runs; i++) {
        const start = performance.now();
        times.push((await work()) ?? performance.now() - start);
      }
      console.log(`${what.padEnd(42)} ${formatSpread(spreadOf(times))}`);
      return spreadOf(times).median;
    };
    await measure("encode", () => session.encode(usual.encode).then(() => undefined));
    await measure("prefill", () => session.prefill().then(() => undefined));
    const free = await measure(`generate, a token (${cores} threads)`, () => perToken(session, ""));
    await measure("generate, a token, with the grammar", () => perToken(session, grammar));
    checks.check("generation is of a GPU's speed", free < 20, `${(1000 / free).toFixed(0)} tokens/s`);
    await configure(1);
    await session.prepare({ ...usual.prompt, rgb, width, height, prompt, reserveTokens: newTokens });
    await session.encode(usual.encode);
    await measure("generate, a token (1 thread)", () => perToken(session, ""));
  }
  await session.free();
  console.log(`\nllama.cpp's log:\n${[...logs].map((line) => `      ${line}`).join("\n")}`);
  const said = [...logs].join("\n");
  checks.check("CUDA graphs are used", /CUDA graph warmup complete/.test(said), "as the log above says");
  checks.check(
    "flash attention is on in encoder and language model, and no operator falls to the CPU",
    /flash attention is enabled/.test(said) &&
      /Flash Attention enabled/.test(said) &&
      !/unsupported|falling back/.test(said),
    "as the log above says",
  );
}

/** ms a token, without the first, whose logits come from the prefill. */
async function perToken(session: NativeSession, grammar: string): Promise<number> {
  await session.prefill();
  const start = performance.now();
  const { tokens } = await session.generate({ ...usual.generate, maxTokens: newTokens, grammar, onTokens: () => {} });
  return (performance.now() - start) / (tokens - 1);
}

async function pixels(image: string, sizing: Parameters<typeof smartResize>[1]) {
  const { width, height } = await sharp(image).metadata();
  const size = smartResize({ width, height }, sizing);
  const rgb = await sharp(image).resize(size.width, size.height, { fit: "fill" }).removeAlpha().raw().toBuffer();
  return { ...size, rgb: new Uint8Array(rgb) };
}
