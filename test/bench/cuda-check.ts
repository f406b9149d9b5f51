import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import type { TinyPair } from "../support/gguf/tiny-pair.ts";
import { holo15ShapedPaths, writeHolo15ShapedPair } from "../support/gguf/tiny-qwen25vl.ts";
import { startRealHost } from "../support/real-host.ts";
import { samplePath } from "../support/repository.ts";
import { Checks, gpuMemoryUsed, queryGpus } from "./cuda/checks.ts";
import { checkGeneration } from "./cuda/generation.ts";
import { checkCancelling, checkKilling, checkNothingLeft } from "./cuda/interruptions.ts";
import { checkSamples } from "./cuda/samples.ts";
import { checkShapes } from "./cuda/shapes.ts";

/**
 * Whether the CUDA variant works on this machine, and how fast it is: the bundled detector against the CPU, a pair of
 * Holo1.5-7B's shapes with random weights (12 GB of GPU memory, 9.5 GB of disk), cancelling, a killed engine, and
 * generation. Ends with 1 if something is not as it should be. Needs `npm run setup`, an NVIDIA GPU and CUDA 13's
 * runtime libraries where the loader finds them.
 *
 *   npx tsx test/bench/cuda-check.ts [--runs N] [--pair FOLDER] [--only samples,shapes,cancel,kill,generate]
 *
 *   --pair  keeps the random pair in this folder and takes it from there the next time
 */
const sections = ["samples", "shapes", "cancel", "kill", "generate"] as const;
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    pair: { type: "string" },
    only: { type: "string", default: sections.join() },
  },
});
const runs = Number(values.runs);
const wanted = new Set(values.only.split(","));
const checks = new Checks();
const scratch = await mkdtemp(path.join(os.tmpdir(), "holoscope-cuda-"));

async function shapedPair(): Promise<TinyPair> {
  const folder = values.pair ?? scratch;
  const paths = holo15ShapedPaths(folder);
  if (values.pair !== undefined && existsSync(paths.mmprojPath)) return paths;
  const start = performance.now();
  const pair = await writeHolo15ShapedPair(folder);
  console.log(`random pair written in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return pair;
}

const image = path.join(scratch, "screen.png");
await sharp(samplePath("shop")).resize(1920, 1080, { fit: "fill" }).png().toFile(image);

for (const { name, driver } of queryGpus()) console.log(`gpu       ${name}, driver ${driver}`);
console.log(`machine   ${os.cpus()[0]?.model}, ${os.cpus().length} CPUs, Node ${process.versions.node}`);
if (wanted.has("samples")) await checkSamples(checks, runs);
if (["shapes", "cancel", "kill"].some((section) => wanted.has(section))) {
  const files = await shapedPair();
  const memoryBefore = gpuMemoryUsed();
  const real = await startRealHost();
  const { id: imageId } = await real.host.call("images.addPath", { path: image });
  const { id: modelId } = await real.host.call("models.add", files);
  const pair = { real, imageId, modelId, memoryBefore };
  if (wanted.has("shapes")) await checkShapes(checks, pair, runs);
  if (wanted.has("cancel")) await checkCancelling(checks, pair, runs);
  if (wanted.has("kill")) await checkKilling(checks, pair);
  await real.dispose();
  await checkNothingLeft(checks, memoryBefore);
}
if (wanted.has("generate")) await checkGeneration(checks, await shapedPair(), image, runs);
await rm(scratch, { recursive: true, force: true });
console.log(checks.failed === 0 ? "\nAll as it should be." : `\n${checks.failed} checks failed.`);
process.exit(checks.failed === 0 ? 0 : 1);
