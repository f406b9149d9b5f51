import type { DetectRequestInput, RunRecord, StageName } from "../../../app/contract/index.ts";
import { localResources, localResult } from "../../support/local-result.ts";
import type { RealHost } from "../../support/real-host.ts";
import { spreadOf } from "../report.ts";
import type { ShapedModel } from "../shaped-models.ts";
import { type Checks, gigabytes, gpuMemoryUsed } from "./checks.ts";

const stages: readonly StageName[] = ["decode", "preprocess", "encode", "prefill", "generate", "parse", "other"];
export const newTokens = 64;

export interface ShapedPair {
  readonly real: RealHost;
  readonly imageId: string;
  readonly modelId: string;
  /** bytes in use on the GPUs before the engine started */
  readonly memoryBefore: number;
  /** Budgets of image tokens, for the screen in full and smaller sizes. */
  readonly limits: ShapedModel["imageTokenLimits"];
}

interface Asked {
  readonly maxImageTokens: number;
  readonly maxNewTokens?: number;
  /** Whether a run may use what earlier ones left of the image; the times of a first question need it off. */
  readonly reuseImage?: boolean;
}

export function shapedRequest({ imageId, modelId }: ShapedPair, asked: Asked) {
  const overrides = { maxNewTokens: newTokens, reuseImage: false, ...asked };
  return { imageId, modelId, backend: "cuda", profile: "balanced", overrides } satisfies DetectRequestInput;
}

/** Detections with a pair of real shapes through host and engine process: where it runs, and for how long. */
export async function checkShapes(checks: Checks, pair: ShapedPair, runs: number): Promise<void> {
  const answers = new Map<number, string | undefined>();
  for (const maxImageTokens of pair.limits) {
    const first = await finished(pair, { maxImageTokens });
    const warm = await finished(pair, { maxImageTokens });
    const measured = await several(runs, () => finished(pair, { maxImageTokens }));
    await finished(pair, { maxImageTokens, reuseImage: true });
    const again = await several(runs, () => finished(pair, { maxImageTokens, reuseImage: true }));
    answers.set(maxImageTokens, warm.result?.rawOutput);
    checkPlacement(checks, pair, warm);
    checks.check(
      `${warm.result?.tokens.image} image tokens: a second question uses what the first left, and answers the same`,
      again.every(({ result }) => result?.reuse?.kind === "kvPrefix" && result.rawOutput === warm.result?.rawOutput),
      `${again[0]?.result?.reuse?.kind}, ${gigabytes(again[0]?.result?.reuse?.bytes ?? 0)}`,
    );
    printStages(first, measured, again);
  }
  await checkSizesInTurns(checks, pair, answers);
}

/** What was computed for one size must not be used for another: on Hopper a captured graph that was ends the process. */
async function checkSizesInTurns(
  checks: Checks,
  pair: ShapedPair,
  answers: ReadonlyMap<number, string | undefined>,
): Promise<void> {
  const differing: number[] = [];
  for (const maxImageTokens of [...pair.limits, ...pair.limits]) {
    const runs = await several(3, () => finished(pair, { maxImageTokens }));
    const same = runs.every(({ result }) => result?.rawOutput === answers.get(maxImageTokens));
    if (!same) differing.push(maxImageTokens);
  }
  checks.check(
    "sizes in turns, each encoded three times in a row, twice round: the same answers",
    differing.length === 0 && pair.real.engines.length === 1,
    `${differing.length} differ, ${pair.real.engines.length} engine process`,
  );
}

async function several<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < count; i++) results.push(await work());
  return results;
}

async function finished(pair: ShapedPair, asked: Asked): Promise<RunRecord> {
  const run = await pair.real.run(shapedRequest(pair, asked));
  if (run.result === undefined) throw new Error(`The run did not finish: ${run.error?.code} ${run.error?.message}`);
  return run;
}

function checkPlacement(checks: Checks, { memoryBefore }: ShapedPair, { result, engine }: RunRecord): void {
  if (result === undefined) return;
  const { model, memory, tokens } = localResult(result);
  const effective = localResources(result);
  const gpus = new Set(engine?.devices.filter(({ type }) => type === "gpu").map(({ name }) => name));
  const title = `${tokens.image} image tokens`;
  checks.check(
    `${title}: everything on the GPU`,
    model.layersOnGpu === model.layers && gpus.has(model.encoderDevice ?? ""),
    `${model.layersOnGpu} of ${model.layers} layers, encoder on ${model.encoderDevice}`,
  );
  const needed = tokens.image + tokens.text + newTokens;
  checks.check(
    `${title}: the context holds image, prompt and answer, a batch the whole image`,
    effective.contextTokens >= needed && effective.batchTokens >= tokens.image,
    `context ${effective.contextTokens} for ${needed} tokens, batch ${effective.batchTokens}`,
  );
  const items = [...memory.languageModel, ...memory.visionEncoder];
  const sum = (onGpu: boolean): number =>
    items
      .filter(({ device }) => gpus.has(device) === onGpu)
      .reduce((total, item) => total + item.model + item.kvCache + item.compute, 0);
  const driver = gpuMemoryUsed() - memoryBefore;
  // The driver also counts the CUDA context, its code, and the scratch memory of cuBLAS and of the kernels.
  checks.check(
    `${title}: memory as the driver sees it`,
    driver >= 0.98 * sum(true) && driver <= sum(true) + 3e9,
    `engine ${gigabytes(sum(true))} on the GPU and ${gigabytes(sum(false))} in main memory, driver ${gigabytes(driver)}`,
  );
  for (const [part, list] of Object.entries({ language: memory.languageModel, vision: memory.visionEncoder })) {
    for (const { device, model, kvCache, compute } of list) {
      console.log(
        `      ${part} ${device}: model ${gigabytes(model)}, KV ${gigabytes(kvCache)}, compute ${gigabytes(compute)}`,
      );
    }
  }
}

/** @param again runs that reused the image */
function printStages(first: RunRecord, measured: readonly RunRecord[], again: readonly RunRecord[]): void {
  const { input, tokens } = first.result ?? {};
  console.log(
    `\n| ms, median of ${measured.length} (p5-p95) | ${input?.width}x${input?.height}, ${tokens?.image} + ${tokens?.text} tokens | second question | first run |\n| --- | --- | --- | --- |`,
  );
  const row = (name: string, of: (run: RunRecord) => number): void => {
    const spread = (runs: readonly RunRecord[]): string => {
      const { median, p5, p95 } = spreadOf(runs.map(of));
      return `${median.toFixed(1)} (${p5.toFixed(1)}-${p95.toFixed(1)})`;
    };
    console.log(`| ${name} | ${spread(measured)} | ${spread(again)} | ${of(first).toFixed(1)} |`);
  };
  const stage = (run: RunRecord, name: StageName) => run.stages.find((one) => one.stage === name);
  for (const name of stages) {
    row(name, (run) => stage(run, name)?.ms ?? 0);
    for (const { name: part } of stage(first, name)?.parts ?? []) {
      row(`- ${part}`, (run) => stage(run, name)?.parts?.find((one) => one.name === part)?.ms ?? 0);
    }
  }
  row("total", ({ totalMs }) => totalMs);
  row("tokens generated", ({ result }) => result?.tokens.generated ?? 0);
  console.log("");
}
