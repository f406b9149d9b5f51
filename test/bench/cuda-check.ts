import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import type { TinyPair } from "../support/gguf/tiny-pair.ts";
import { startRealHost } from "../support/real-host.ts";
import { samplePath } from "../support/repository.ts";
import { Checks, gpuMemoryUsed, queryGpus } from "./cuda/checks.ts";
import { compileBackend, putInPlace } from "./cuda/compile-backend.ts";
import { checkGeneration } from "./cuda/generation.ts";
import { checkCancelling, checkKilling, checkNothingLeft } from "./cuda/interruptions.ts";
import { checkSamples } from "./cuda/samples.ts";
import { checkShapes } from "./cuda/shapes.ts";
import { familyNamed, shapedArguments, shapedModel } from "./shaped-models.ts";

/**
 * Whether the CUDA variant works on this machine, and how fast it is: the bundled detector against the CPU, a pair of
 * Holo1.5-7B's (12 GB of GPU memory, 9.5 GB of disk) or Holo3.1-4B's shapes with random weights, cancelling, a killed
 * engine, and generation. Ends with 1 if something is not as it should be. Needs `npm run setup`, an NVIDIA GPU and CUDA
 * 13's runtime libraries where the loader finds them.
 *
 *   npx tsx test/bench/cuda-check.ts [--runs N] [--family holo1.5|holo3.1] [--scripted] [--pair FOLDER]
 *                                    [--compile FOLDER] [--only samples,shapes,cancel,kill,generate]
 *
 *   --scripted  random weights that spell an answer as long as is asked for
 *   --pair      keeps the random pair in this folder and takes it from there the next time
 *   --compile   compiles the CUDA backend for this GPU in this folder, and checks that
 *
 * For a machine without npm it is bundled like the benchmark: test/bench/cuda/rolldown.config.ts.
 */
const sections = ["samples", "shapes", "cancel", "kill", "generate"] as const;
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    ...shapedArguments,
    pair: { type: "string" },
    compile: { type: "string" },
    only: { type: "string", default: sections.join() },
  },
});
const runs = Number(values.runs);
const wanted = new Set(values.only.split(","));
const checks = new Checks();
const scratch = await mkdtemp(path.join(os.tmpdir(), "holoscope-cuda-"));

const model = shapedModel({ family: familyNamed(values.family), scripted: values.scripted });

async function shapedPair(): Promise<TinyPair> {
  const start = performance.now();
  const pair = await model.pair(values.pair ?? scratch);
  console.log(
    `random pair of ${model.title}'s shapes there after ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
  return pair;
}

const image = path.join(scratch, "screen.png");
await sharp(samplePath("shop")).resize(1920, 1080, { fit: "fill" }).png().toFile(image);

let restore = (): void => {};
if (values.compile !== undefined) {
  const { library, description } = compileBackend(values.compile);
  restore = putInPlace(library);
  console.log(`backend   ${description}`);
}
try {
  for (const { name, driver } of queryGpus()) console.log(`gpu       ${name}, driver ${driver}`);
  console.log(`machine   ${os.cpus()[0]?.model}, ${os.cpus().length} CPUs, Node ${process.versions.node}`);
  if (wanted.has("samples")) await checkSamples(checks, runs);
  if (["shapes", "cancel", "kill"].some((section) => wanted.has(section))) {
    const files = await shapedPair();
    const memoryBefore = gpuMemoryUsed();
    const real = await startRealHost();
    const { id: imageId } = await real.host.call("images.addPath", { path: image });
    const { id: modelId } = await real.host.call("models.add", files);
    const pair = { real, imageId, modelId, memoryBefore, limits: model.imageTokenLimits };
    if (wanted.has("shapes")) await checkShapes(checks, pair, runs);
    if (wanted.has("cancel")) await checkCancelling(checks, pair, runs);
    if (wanted.has("kill")) await checkKilling(checks, pair);
    await real.dispose();
    await checkNothingLeft(checks, memoryBefore);
  }
  if (wanted.has("generate")) await checkGeneration(checks, model, await shapedPair(), image, runs);
} finally {
  restore();
  await rm(scratch, { recursive: true, force: true });
}
console.log(checks.failed === 0 ? "\nAll as it should be." : `\n${checks.failed} checks failed.`);
process.exit(checks.failed === 0 ? 0 : 1);
