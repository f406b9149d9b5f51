import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { operatorTimesReport } from "../../app/cli/operator-times-report.ts";
import { processTerminal } from "../../app/cli/terminal.ts";
import { type OperatorStage, operatorStages } from "../../app/contract/index.ts";
import { inspectPair } from "../../app/engine/inspect.ts";
import { stageOperators } from "../../app/engine/operators/stage-operators.ts";
import { type ContextOptions, type NativeSession, openNative, type PromptInput } from "../../native/index.ts";
import { holo15ShapedPaths, writeHolo15ShapedPair } from "../support/gguf/tiny-qwen25vl.ts";
import { usual } from "../support/usual-native.ts";

/**
 * The operator profile of a model of Holo1.5-7B's shapes with random weights, at the sizes of a full HD screenshot and
 * of the 1280-token budget: the addon alone, without host and engine process. Writes 9.5 GB.
 *
 *   npx tsx test/bench/operator-times.ts [--variant cpu|cuda|vulkan|metal] [--flash auto|on|off] [--runs N]
 *     [--pair FOLDER]
 *
 *   --runs  plain runs whose median is the true time, after a warm one
 *   --pair  keeps the random pair in this folder and takes it from there the next time
 */
const { values } = parseArgs({
  options: {
    variant: { type: "string", default: "cpu" },
    flash: { type: "string", default: "auto" },
    runs: { type: "string", default: "5" },
    pair: { type: "string" },
  },
});
const sizes = [
  [1932, 1092],
  [1316, 728],
] as const;
const newTokens = 64;
const runs = Number(values.runs);
const variant = (["cpu", "cuda", "vulkan", "metal"] as const).find((one) => one === values.variant) ?? "cpu";
const flashAttention = (["auto", "on", "off"] as const).find((one) => one === values.flash) ?? "auto";

type Times = Readonly<Record<OperatorStage, number>>;

/** ms of each stage, and the ids of the tokens. */
async function runOnce(session: NativeSession, input: PromptInput): Promise<{ times: Times; ids: number[] }> {
  await session.prepare(input);
  const ids: number[] = [];
  const onTokens = (tokens: readonly { readonly id: number }[]): void => void ids.push(...tokens.map(({ id }) => id));
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  const encode = await timed(() => session.encode(usual.encode));
  const prefill = await timed(() => session.prefill());
  const generate = await timed(() =>
    session.generate({ ...usual.generate, maxTokens: newTokens, grammar: "", onTokens }),
  );
  return { times: { encode, prefill, generate }, ids };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Stripes: what an image shows makes no difference to the time it takes. */
function stripes(width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, index) => (index * 37) & 255);
}

const folder = values.pair ?? (await mkdtemp(path.join(os.tmpdir(), "holoscope-profile-")));
const pair = existsSync(holo15ShapedPaths(folder).mmprojPath)
  ? holo15ShapedPaths(folder)
  : await writeHolo15ShapedPair(folder);
const library = openNative(variant);
const { devices, physicalCores } = library.systemInfo();
console.log(`${variant}: ${devices.map(({ name, description }) => `${name} (${description})`).join(", ")}`);
const { question } = (await inspectPair(pair)).traits;
// The question about a whole screen is the same for each size.
const { prompt } = question("detect", "", 200, { width: 0, height: 0 });
const session = await library.load({
  ...usual.load,
  ...pair,
  ...{ gpuLayers: -1, mmprojOnGpu: true, encodeThreads: physicalCores, flashAttention, useMmap: true },
});
for (const [width, height] of sizes) {
  const context: ContextOptions = {
    ...usual.context,
    ...{ contextTokens: 4096, batchTokens: 3072, ubatchTokens: 3072, flashAttention },
    ...{ prefillThreads: physicalCores, generateThreads: physicalCores },
  };
  const input = { ...usual.prompt, rgb: stripes(width, height), width, height, prompt, reserveTokens: newTokens };
  await session.configure(context);
  const { imageTokens, textTokens } = await session.prepare(input);
  const { ids } = await runOnce(session, input);
  const plain: Times[] = [];
  for (let run = 0; run < runs; run++) plain.push((await runOnce(session, input)).times);
  await session.configure({ ...context, timeNodes: true });
  const start = performance.now();
  const profiled = await runOnce(session, input);
  const passMs = performance.now() - start;
  const nodes = await session.nodeTimes();
  console.log(`\n== ${width}x${height}, ${imageTokens} image tokens, flash attention ${flashAttention}\n`);
  const stages = operatorStages.map((stage) =>
    stageOperators(
      { stage, unprofiledMs: median(plain.map((times) => times[stage])), profiledMs: profiled.times[stage] },
      nodes,
    ),
  );
  const tokens = { image: imageTokens, text: textTokens, generated: profiled.ids.length };
  const sameAnswer = profiled.ids.join() === ids.join();
  console.log(operatorTimesReport(processTerminal(), { passMs, tokens, sameAnswer, stages }));
}
await session.free();
if (values.pair === undefined) await rm(folder, { recursive: true, force: true });
