import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { parseOverrides } from "../../../app/cli/detect-options.ts";
import { backendChoiceSchema } from "../../../app/contract/index.ts";
import { repositoryRoot, samplePath } from "../../support/repository.ts";
import { runBench } from "../bench.ts";
import { toMarkdown } from "../output/markdown.ts";
import { writeResult } from "../output/write.ts";
import { familyNamed, shapedArguments, shapedModel } from "../shaped-models.ts";
import { queryGpus } from "./checks.ts";
import { compileBackend, putInPlace } from "./compile-backend.ts";

/**
 * `npm run bench` on an NVIDIA GPU with random weights of Holo1.5's shapes (Q4_K_M, mmproj f16) or of Holo3.1-4B's (q8_0,
 * mmproj f16), a screen of 1920 x 1080 px and 64 new tokens, which scripted weights are made to spell
 * (test/support/gguf/scripted-answer.ts). Needs `npm run setup` and `npm run build:native -- --bench`.
 *
 *   npx tsx test/bench/cuda/bench.ts [--out DIR] [--family holo1.5|holo3.1] [--size 7b|3b] [--scripted] [--pair FOLDER] [--compile FOLDER] [--runs 10] [--batch 100]
 *                                    [--growth-runs 3] [--set key=value ...] [--backend cuda]
 *
 *   --size     of Holo1.5
 *   --pair     keeps the random pair in this folder and takes it from there the next time
 *   --compile  compiles the CUDA backend for this GPU in this folder, and measures all sides with that
 *
 * For a machine without npm, bundle it beside the command line's program and carry dist/, native/build/out,
 * native/build/llama.cpp, resources/ and node_modules: resources/docs/bench.md.
 */
const { values } = parseArgs({
  options: {
    out: { type: "string", default: path.join(repositoryRoot, "out/bench-cuda") },
    ...shapedArguments,
    size: { type: "string", default: "7b" },
    pair: { type: "string" },
    compile: { type: "string" },
    runs: { type: "string", default: "10" },
    batch: { type: "string", default: "100" },
    "growth-runs": { type: "string", default: "3" },
    set: { type: "string", multiple: true, default: [] },
    backend: { type: "string", default: "cuda" },
  },
});
const { size } = values;
if (size !== "7b" && size !== "3b") throw new Error(`--size takes 7b or 3b, not "${size}".`);
// Holo1.5-3B's tied embeddings cannot be scripted: its answers are as short as they happen to be.
if (size === "3b" && values.scripted) throw new Error("--scripted needs --size 7b.");
const backend = backendChoiceSchema.parse(values.backend);
const scratch = await mkdtemp(path.join(os.tmpdir(), "holoscope-bench-cuda-"));

const model = shapedModel({
  family: familyNamed(values.family),
  scripted: values.scripted,
  holo15: { size, weights: "q4_k_m" },
});

let restore = (): void => {};
try {
  let library = "the prebuilt CUDA library of node-llama-cpp";
  if (values.compile !== undefined) {
    const compiled = compileBackend(values.compile);
    restore = putInPlace(compiled.library);
    library = `not the prebuilt CUDA library, but the same release's sources ${compiled.description}`;
  }
  const pair = await model.pair(values.pair ?? scratch);
  const image = path.join(scratch, "shop-1920x1080.png");
  await sharp(samplePath("shop")).resize(1920, 1080, { fit: "fill" }).png().toFile(image);
  const result = await runBench({
    pair,
    image,
    backend,
    newTokens: 64,
    runs: Number(values.runs),
    batch: Number(values.batch),
    growthRuns: Number(values["growth-runs"]),
    overrides: parseOverrides(values.set),
    say: (line) => console.error(`bench: ${line}`),
  });
  const notes = [
    ...(backend === "cuda" ? queryGpus().map(({ name, driver }) => `${name}, driver ${driver}; ${library}`) : []),
    `random weights of ${model.title}'s shapes: times and memory are those of such a model, its answers mean nothing${model.scripted ? ", but spell a list of boxes that the grammar allows" : " and end by chance"}`,
    'the screen is the sample "shop", 1440 x 900 px, stretched to 1920 x 1080',
  ];
  console.log(`${toMarkdown(result)}\n${notes.map((note) => `- ${note}\n`).join("")}`);
  for (const file of await writeResult(path.resolve(values.out), result, notes)) console.log(file);
} finally {
  restore();
  await rm(scratch, { recursive: true, force: true });
}
// node-llama-cpp keeps handles open that would keep the process alive.
process.exit(0);
