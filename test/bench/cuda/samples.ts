import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { type BBox, type Detection, type RunRecord, runRecordSchema } from "../../../app/contract/index.ts";
import { localResult } from "../../support/local-result.ts";
import { repositoryRoot, samplePath } from "../../support/repository.ts";
import { spreadOf } from "../report.ts";
import { type Checks, gigabytes } from "./checks.ts";

const samples = ["settings", "shop"] as const;
const sameBoxIou = 0.9;
/** Share of the elements that may differ: other devices round differently, and one coordinate leads to the next. */
const mayDiffer = 0.1;

/** The bundled detector on the bundled screenshots, through the command line: GPU against CPU. */
export async function checkSamples(checks: Checks, runs: number): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-cuda-"));
  try {
    const cpu = await detect(folder, "cpu", 1);
    const cuda = await detect(folder, "cuda", runs + 1);
    const [auto] = await detect(folder, "auto", 1);
    checks.check(
      "auto chooses CUDA and says why",
      auto?.engine?.backend === "cuda" && auto.warnings.every(({ code }) => code !== "BACKEND_FALLBACK"),
      `${auto?.engine?.backend}, "${auto?.engine?.backendReason}"`,
    );
    for (const gpuLayers of [0, 4]) {
      const [partly] = await detect(folder, "cuda", 1, ["--set", `gpuLayers=${gpuLayers}`]);
      const { layersOnGpu, encoderDevice } = partly?.result?.model ?? {};
      // llama.cpp counts the output layer as the first of them.
      checks.check(
        `gpuLayers=${gpuLayers} is told as it is`,
        layersOnGpu === Math.max(0, gpuLayers - 1) && (encoderDevice === "CPU") === (gpuLayers === 0),
        `${layersOnGpu} layers on the GPU, encoder on ${encoderDevice}`,
      );
    }
    for (const name of samples) compare(checks, name, ofSample(cpu, name), ofSample(cuda, name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function detect(
  folder: string,
  backend: string,
  repeat: number,
  options: readonly string[] = [],
): Promise<RunRecord[]> {
  const json = path.join(folder, `${backend}.json`);
  const ended = spawnSync(
    process.execPath,
    [
      ...[path.join(repositoryRoot, "dist/main/cli.js"), "detect", ...samples.map(samplePath)],
      ...["--backend", backend, "--repeat", String(repeat), "--json", json, "--quiet", "--no-cache", ...options],
    ],
    { encoding: "utf8", env: { ...process.env, HOLOSCOPE_DATA: path.join(folder, "data") } },
  );
  if (ended.status !== 0) throw new Error(`holoscope detect --backend ${backend} failed:\n${ended.stderr}`);
  return z.array(runRecordSchema).parse(JSON.parse(await readFile(json, "utf8")));
}

const ofSample = (runs: readonly RunRecord[], name: string): RunRecord[] =>
  runs.filter(({ image }) => image.name === `${name}.png`);

function compare(checks: Checks, name: string, cpu: readonly RunRecord[], cuda: readonly RunRecord[]): void {
  const [reference, run] = [cpu.at(-1), cuda.at(-1)];
  if (reference?.result === undefined || run?.result === undefined) throw new Error(`${name}: a run did not finish`);
  const missing = unmatched(reference.detections, run.detections);
  const extra = unmatched(run.detections, reference.detections);
  const differing = Math.max(missing, extra);
  checks.check(
    `${name}: same elements as on the CPU`,
    differing <= mayDiffer * reference.detections.length,
    `${run.detections.length} against ${reference.detections.length}, ${differing} without a counterpart of the same label at IoU ${sameBoxIou}`,
  );
  const { model, memory } = localResult(run.result);
  const gpus = new Set(run.engine?.devices.filter(({ type }) => type === "gpu").map((device) => device.name));
  checks.check(
    `${name}: everything on the GPU`,
    model.layersOnGpu === model.layers && gpus.has(model.encoderDevice ?? ""),
    `${model.layersOnGpu} of ${model.layers} layers, encoder on ${model.encoderDevice}, devices ${[...gpus].join(", ")}`,
  );
  const onGpu = [...memory.languageModel, ...memory.visionEncoder]
    .filter(({ device }) => gpus.has(device))
    .reduce((sum, item) => sum + item.model, 0);
  const files = run.model.files.reduce((sum, { bytes }) => sum + bytes, 0);
  checks.check(
    `${name}: the weights lie on the GPU`,
    onGpu > 0.8 * files && onGpu < 1.2 * files,
    `${gigabytes(onGpu)} of files of ${gigabytes(files)}`,
  );
  // The first run of each process compiles kernels for GPUs that the prebuilt library has no machine code for.
  const warm = cuda.slice(1);
  const stage = (runs: readonly RunRecord[], wanted: string): number =>
    spreadOf(runs.flatMap(({ stages }) => stages.filter((one) => one.stage === wanted).map(({ ms }) => ms))).median;
  const speed = (runs: readonly RunRecord[], tokens: number): string =>
    `total ${spreadOf(runs.map(({ totalMs }) => totalMs)).median.toFixed(0)} ms: encode ${stage(runs, "encode").toFixed(1)}, ` +
    `prefill ${stage(runs, "prefill").toFixed(1)}, generate ${stage(runs, "generate").toFixed(1)} ` +
    `(${((1000 * tokens) / stage(runs, "generate")).toFixed(0)} tokens/s)`;
  console.log(`      cuda  ${speed(warm, run.result.tokens.generated)}; first run ${cuda[0]?.totalMs.toFixed(0)} ms`);
  console.log(`      cpu   ${speed(cpu, reference.result.tokens.generated)}`);
}

/** How many of `some` have no element of the same label in about the same place among `others`. */
function unmatched(some: readonly Detection[], others: readonly Detection[]): number {
  return some.filter(
    ({ label, bbox }) => !others.some((other) => other.label === label && iou(bbox, other.bbox) >= sameBoxIou),
  ).length;
}

function iou(a: BBox, b: BBox): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const common = Math.max(0, width) * Math.max(0, height);
  return common / (area(a) + area(b) - common);
}

const area = ([x1, y1, x2, y2]: BBox): number => (x2 - x1) * (y2 - y1);
