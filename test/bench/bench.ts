import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { DetectOverrides, DetectRequestInput, RunRecord } from "../../app/contract/index.ts";
import type { ModelTraits } from "../../app/engine/families/index.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";
import { growthSteps, ImageCopies } from "./images.ts";
import { type BenchResult, benchResultSchema, type SideName } from "./result.ts";
import { runRounds, summarise } from "./rounds.ts";
import { bareSide } from "./sides/bare.ts";
import { holoscopeSide } from "./sides/holoscope.ts";
import { mtmdCliSide } from "./sides/mtmd-cli.ts";
import { serverSide } from "./sides/server.ts";
import type { Side, Work } from "./sides/side.ts";
import { type PairFiles, traitsOf, workOf } from "./work.ts";

export interface BenchOptions {
  readonly pair: PairFiles;
  readonly image: string;
  readonly backend: NonNullable<DetectRequestInput["backend"]>;
  readonly newTokens: number;
  readonly runs: number;
  /** Images of the largest batch. */
  readonly batch: number;
  /** Runs at each step of the growth with image tokens; 0 = leave it out. */
  readonly growthRuns: number;
  /** Of Holoscope alone, over the profile "quality". */
  readonly overrides: DetectOverrides;
  readonly say: (line: string) => void;
}

/** Elements that the first question asks for; few enough for a short grammar, more than 64 tokens can hold. */
const maxDetections = 200;

/** Measures Holoscope and the programs that are built, in turns. Needs `npm run setup`. */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-bench-"));
  const real = await startRealHost();
  const opened: Side[] = [];
  try {
    return await measure(options, real, folder, opened);
  } finally {
    for (const side of opened) await side.end();
    await real.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(options: BenchOptions, real: RealHost, folder: string, opened: Side[]): Promise<BenchResult> {
  const { say } = options;
  const loadBefore = os.loadavg()[0] ?? 0;
  const traits = await traitsOf(options.pair);
  const { id: modelId } = await real.host.call("models.add", options.pair);
  const copies = await ImageCopies.of(options.image, folder, "screen");
  const overrides = requested(options);
  const holoscopeWork = { modelId, backend: options.backend, overrides, maxDetections };
  const probe = async (file: string, more: DetectOverrides = {}): Promise<RunRecord> => {
    const { id: imageId } = await real.host.call("images.addPath", { path: file });
    const all = { ...overrides, maxDetections, ...more };
    return real.run({ imageId, modelId, backend: options.backend, profile: "quality", overrides: all });
  };
  const run = await probe((await copies.next()).file);
  const work = await workOf(run, options.pair, traits, folder);
  const { result, engine } = run;
  if (result === undefined || engine === undefined) throw new Error("The first run has no result.");
  say(`${engine.backend}: ${result.tokens.image} image tokens, ${work.threads} threads`);

  const own = holoscopeSide(real, holoscopeWork);
  const { others, leftOut } = await openOthers(work, opened);
  const sides = [own, ...others];
  const runs = await runRounds(sides, copies, options.runs, (round) => say(`round ${round} of ${options.runs}`));
  const [reference] = runs;
  if (reference === undefined) throw new Error("Nothing was measured.");
  const summaries = runs.map((one) => summarise(one, reference));

  const batches: BenchResult["batches"] = [];
  for (const images of batchSizes(options.batch)) {
    const msPerImage: Partial<Record<SideName, number>> = {};
    const steadyPerSecond: Partial<Record<SideName, number>> = {};
    for (const side of sides) {
      const files = (await copies.many(images)).map(({ file }) => file);
      const ends = await side.batch(files);
      const [first = 0, last = 0] = [ends[0], ends.at(-1)];
      msPerImage[side.name] = last / images;
      if (images > 1) steadyPerSecond[side.name] = ((images - 1) * 1000) / (last - first);
    }
    batches.push({ images, msPerImage, steadyPerSecond });
    say(`batch of ${images}`);
  }
  await closeAll(opened);
  const growth = options.growthRuns > 0 ? await measureGrowth(options, real, folder, opened, traits, probe) : [];

  return benchResultSchema.parse({
    schema: "holoscope.bench",
    version: 1,
    createdAt: new Date().toISOString(),
    machine: run.machine,
    loadAverage: { before: loadBefore, after: os.loadavg()[0] ?? 0 },
    versions: {
      llamaCpp: engine.llamaCppRelease ?? "unknown",
      node: process.versions.node,
      backend: engine.backend,
      devices: engine.devices.map(({ name, description }) => `${name}: ${description}`),
    },
    model: { name: run.model.name, files: run.model.files.map(({ role, name, bytes }) => ({ role, name, bytes })) },
    input: {
      image: path.basename(options.image),
      width: run.image.width,
      height: run.image.height,
      modelWidth: result.input.width,
      modelHeight: result.input.height,
      imageTokens: result.tokens.image,
      textTokens: result.tokens.text,
    },
    settings: {
      newTokens: work.newTokens,
      runs: options.runs,
      threads: work.threads,
      generateThreads: work.generateThreads,
      contextTokens: work.contextTokens,
      batchTokens: work.batchTokens,
      maxImageTokens: work.maxImageTokens,
      overrides: Object.fromEntries(
        Object.entries(options.overrides).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      ),
    },
    sides: summaries,
    leftOut,
    batches,
    growth,
  } satisfies BenchResult);
}

/** No element is kept back for its confidence: the first whole one is a side's first box, whatever it is worth. */
const requested = ({ overrides, newTokens }: BenchOptions): DetectOverrides => ({
  minConfidence: 0,
  ...overrides,
  maxNewTokens: newTokens,
});

/** 1, then tens, up to the largest. */
export function batchSizes(largest: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < largest; size *= 10) sizes.push(size);
  return [...sizes, largest];
}

/** The other sides, as far as their programs are built. */
async function openOthers(work: Work, opened: Side[]) {
  const leftOut: BenchResult["leftOut"] = [];
  const makers = [
    { name: "bare", program: "holoscope-bare", open: async () => bareSide(work) },
    { name: "mtmd-cli", program: "llama-mtmd-cli", open: async () => mtmdCliSide(work) },
    { name: "server", program: "llama-server", open: () => serverSide(work) },
  ] as const;
  const others: Side[] = [];
  for (const { name, program, open } of makers) {
    const built = ["", ".exe"].some((suffix) => existsSync(path.join(work.programs, program + suffix)));
    if (!built) {
      leftOut.push({ name, reason: `${program} is not built (npm run build:native -- --bench)` });
      continue;
    }
    const side = await open();
    opened.push(side);
    others.push(side);
  }
  return { others, leftOut };
}

async function closeAll(opened: Side[]): Promise<void> {
  for (const side of opened.splice(0)) await side.end();
}

/** Screens of growing size, each of exactly a size that the model takes. */
async function measureGrowth(
  options: BenchOptions,
  real: RealHost,
  folder: string,
  opened: Side[],
  traits: ModelTraits,
  probe: (file: string, more: DetectOverrides) => Promise<RunRecord>,
): Promise<BenchResult["growth"]> {
  const growth: BenchResult["growth"] = [];
  for (const step of growthSteps(traits.sizing)) {
    const copies = await ImageCopies.of(options.image, folder, `growth-${step.imageTokens}`, step);
    const limit = { maxImageTokens: Math.max(step.imageTokens, 4) };
    const run = await probe((await copies.next()).file, limit);
    const work = await workOf(run, options.pair, traits, folder);
    const overrides = { ...requested(options), ...limit };
    const own = holoscopeSide(real, { modelId: run.model.id, backend: options.backend, overrides, maxDetections });
    const { others } = await openOthers(work, opened);
    const total: Partial<Record<SideName, number>> = {};
    const encode: Partial<Record<SideName, number>> = {};
    for (const one of await runRounds([own, ...others], copies, options.growthRuns, () => {})) {
      const side = summarise(one, one);
      total[side.name] = side.total.median;
      if (side.stages.encode !== undefined) encode[side.name] = side.stages.encode.median;
    }
    await closeAll(opened);
    growth.push({ ...step, total, encode, runs: options.growthRuns });
    options.say(`${step.imageTokens} image tokens`);
  }
  return growth;
}
