import type { DetectRequestInput, RunRecord, StageName } from "../../../app/contract/index.ts";
import { localResources, localResult } from "../../support/local-result.ts";
import type { RealHost } from "../../support/real-host.ts";
import { spreadOf } from "../report.ts";
import { type Checks, gigabytes, gpuMemoryUsed } from "./checks.ts";

const stages: readonly StageName[] = ["decode", "preprocess", "encode", "prefill", "generate", "parse", "other"];
export const imageTokenLimits = [2880, 1280] as const;
export const newTokens = 64;

export interface ShapedPair {
  readonly real: RealHost;
  readonly imageId: string;
  readonly modelId: string;
  /** bytes in use on the GPUs before the engine started */
  readonly memoryBefore: number;
}

export function shapedRequest({ imageId, modelId }: ShapedPair, maxImageTokens: number, maxNewTokens = newTokens) {
  const overrides = { maxImageTokens, maxNewTokens };
  return { imageId, modelId, backend: "cuda", profile: "balanced", overrides } satisfies DetectRequestInput;
}

/** Detections with a pair of Holo1.5-7B's shapes through host and engine process: where it runs, and for how long. */
export async function checkShapes(checks: Checks, pair: ShapedPair, runs: number): Promise<void> {
  for (const limit of imageTokenLimits) {
    const first = await finished(pair, limit);
    const warm = await finished(pair, limit);
    const measured: RunRecord[] = [];
    for (let i = 0; i < runs; i++) measured.push(await finished(pair, limit));
    checkPlacement(checks, pair, warm);
    printStages(first, measured);
  }
}

async function finished(pair: ShapedPair, limit: number): Promise<RunRecord> {
  const run = await pair.real.run(shapedRequest(pair, limit));
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

function printStages(first: RunRecord, measured: readonly RunRecord[]): void {
  const result = first.result;
  console.log(
    `\n| ms, median of ${measured.length} (p5-p95) | ${result?.input.width}x${result?.input.height}, ${result?.tokens.image} + ${result?.tokens.text} tokens | first run |\n| --- | --- | --- |`,
  );
  const row = (name: string, of: (run: RunRecord) => number): void => {
    const { median, p5, p95 } = spreadOf(measured.map(of));
    console.log(`| ${name} | ${median.toFixed(1)} (${p5.toFixed(1)}-${p95.toFixed(1)}) | ${of(first).toFixed(1)} |`);
  };
  for (const name of stages) {
    row(name, (run) => run.stages.find(({ stage }) => stage === name)?.ms ?? 0);
    for (const { name: part } of first.stages.find(({ stage }) => stage === name)?.parts ?? []) {
      row(`- ${part}`, (run) => {
        const parts = run.stages.find(({ stage }) => stage === name)?.parts;
        return parts?.find((one) => one.name === part)?.ms ?? 0;
      });
    }
  }
  row("total", ({ totalMs }) => totalMs);
  row("tokens generated", ({ result }) => result?.tokens.generated ?? 0);
  console.log("");
}
