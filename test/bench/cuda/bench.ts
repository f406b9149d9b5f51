import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { parseOverrides } from "../../../app/cli/detect-options.ts";
import { backendChoiceSchema } from "../../../app/contract/index.ts";
import { readQwen2Tokenizer } from "../../support/gguf/qwen2-tokenizer.ts";
import {
  type Holo15Options,
  holo15ShapedPaths,
  holo15Vocabulary,
  writeHolo15ShapedPair,
} from "../../support/gguf/tiny-qwen25vl.ts";
import { repositoryRoot, samplePath } from "../../support/repository.ts";
import { runBench } from "../bench.ts";
import { toMarkdown } from "../output/markdown.ts";
import { writeResult } from "../output/write.ts";
import type { PairFiles } from "../work.ts";
import { queryGpus } from "./checks.ts";
import { compileBackend, putInPlace } from "./compile-backend.ts";

/**
 * `npm run bench` on an NVIDIA GPU with random weights of Holo1.5's shapes (Q4_K_M, mmproj f16), a screen of 1920 x 1080 px
 * (1932 x 1092 for the model, 2691 tokens) and 64 new tokens, which the 7B's weights are made to spell
 * (test/support/gguf/scripted-answer.ts). Needs `npm run setup` and `npm run build:native -- --bench`.
 *
 *   npx tsx test/bench/cuda/bench.ts [--out DIR] [--size 7b|3b] [--pair FOLDER] [--compile FOLDER] [--runs 10] [--batch 100]
 *                                    [--growth-runs 3] [--set key=value ...] [--backend cuda]
 *
 *   --pair     keeps the random pair in this folder and takes it from there the next time
 *   --compile  compiles the CUDA backend for this GPU in this folder, and measures all sides with that
 *
 * For a machine without npm, bundle it beside the command line's program and carry dist/, native/build/out,
 * native/build/llama.cpp, resources/ and node_modules: resources/docs/bench.md.
 */
const { values } = parseArgs({
  options: {
    out: { type: "string", default: path.join(repositoryRoot, "out/bench-cuda") },
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
const backend = backendChoiceSchema.parse(values.backend);
const scratch = await mkdtemp(path.join(os.tmpdir(), "holoscope-bench-cuda-"));

async function shapedPair(folder: string, shape: Holo15Options): Promise<PairFiles> {
  const paths = holo15ShapedPaths(folder, shape);
  if (existsSync(paths.mmprojPath)) return paths;
  const vocabulary = path.join(repositoryRoot, "native/build/llama.cpp/models/ggml-vocab-qwen2.gguf");
  const tokenizer = await readQwen2Tokenizer(vocabulary, holo15Vocabulary(shape.size));
  return writeHolo15ShapedPair(folder, { ...shape, tokenizer });
}

let restore = (): void => {};
try {
  let library = "the prebuilt CUDA library of node-llama-cpp";
  if (values.compile !== undefined) {
    const compiled = compileBackend(values.compile);
    restore = putInPlace(compiled.library);
    library = `not the prebuilt CUDA library, but the same release's sources ${compiled.description}`;
  }
  // Tied embeddings, as the 3B has them, cannot be scripted: its answers are as short as they happen to be.
  const scripted = size === "7b";
  const pair = await shapedPair(values.pair ?? scratch, { size, weights: "q4_k_m", scripted });
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
    `random weights of Holo1.5-${size.toUpperCase()}'s shapes: times and memory are those of such a model, its answers mean nothing${scripted ? ", but spell a list of boxes that the grammar allows" : " and end by chance"}`,
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
