import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, renameSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { readQwen2Tokenizer } from "../../support/gguf/qwen2-tokenizer.ts";
import { holo15ShapedPaths, holo15Vocabulary, writeHolo15ShapedPair } from "../../support/gguf/tiny-qwen25vl.ts";
import { repositoryRoot, samplePath } from "../../support/repository.ts";
import { queryGpus } from "./checks.ts";
import { compileBackend, putInPlace } from "./compile-backend.ts";

/**
 * `holoscope doctor --try` with random weights of Holo1.5-7B's shapes (Q4_K_M, 4.7 GB; mmproj bf16, and f16 made of it by
 * `holoscope models convert`, 1.35 GB each) on a screen of 1920 x 1080 px, with its table as a Markdown file. Needs
 * `npm run setup`, `npm run build` and an NVIDIA GPU; its driver must run the prebuilt CUDA library, or --compile.
 *
 *   npx tsx test/bench/cuda/doctor-try.ts OUT.md [--pair FOLDER] [--compile FOLDER] [--repeat N] [--backend cuda]
 *
 *   --pair     keeps the random pair in this folder and takes it from there the next time
 *   --compile  compiles the CUDA backend for this GPU in this folder, and measures with that instead of the prebuilt one
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pair: { type: "string" },
    compile: { type: "string" },
    repeat: { type: "string", default: "5" },
    backend: { type: "string", default: "cuda" },
  },
});
const [output] = positionals;
if (output === undefined) throw new Error("Name the Markdown file to write.");
const scratch = await mkdtemp(path.join(os.tmpdir(), "holoscope-try-"));
const command = path.join(repositoryRoot, "dist/main/cli.js");

/** Prints how long a step took. */
async function timed<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** The language model, and the same mmproj as bf16 and as f16. */
async function shapedPair(folder: string) {
  const { modelPath, mmprojPath } = holo15ShapedPaths(folder, { weights: "q4_k_m" });
  const files = { modelPath, f16: mmprojPath, bf16: mmprojPath.replace(/\.gguf$/, "-bf16.gguf") };
  if (existsSync(files.f16) && existsSync(files.bf16)) return files;
  const vocabulary = path.join(repositoryRoot, "native/build/llama.cpp/models/ggml-vocab-qwen2.gguf");
  const tokenizer = await readQwen2Tokenizer(vocabulary, holo15Vocabulary());
  await writeHolo15ShapedPair(folder, { weights: "q4_k_m", mmprojType: "bf16", tokenizer });
  renameSync(files.f16, files.bf16);
  execFileSync(process.execPath, [command, "models", "convert", files.bf16, files.f16, "--bf16-to", "f16"]);
  return files;
}

/** Throws with what the command said if it fails. */
function measure(image: string, { modelPath, f16 }: Awaited<ReturnType<typeof shapedPair>>): string {
  const options = ["--backend", values.backend, "--profile", "quality", "--set", "maxNewTokens=64"];
  const args = ["doctor", "--try", image, "--model", modelPath, "--mmproj", f16, "--repeat", values.repeat, ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args, "--markdown"], {
    encoding: "utf8",
    env: { ...process.env, HOLOSCOPE_DATA: path.join(scratch, "data") },
  });
  if (status !== 0) throw new Error(`doctor --try ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

let restore = (): void => {};
try {
  let library = "the prebuilt CUDA library of node-llama-cpp";
  const { compile } = values;
  if (compile !== undefined) {
    const compiled = await timed("CUDA backend compiled", () => compileBackend(compile));
    restore = putInPlace(compiled.library);
    library = `not the prebuilt CUDA library, but the same release's sources ${compiled.description}`;
  }
  const pair = await timed("random pair", () => shapedPair(values.pair ?? scratch));
  const image = path.join(scratch, "screen.png");
  await sharp(samplePath("shop")).resize(1920, 1080, { fit: "fill" }).png().toFile(image);
  const table = await timed("doctor --try", () => measure(image, pair));
  const gpus =
    values.backend === "cuda" ? queryGpus().map(({ name, driver }) => `${name}, driver ${driver}; ${library}`) : [];
  const notes = [
    ...gpus,
    "random weights of Holo1.5-7B's shapes: times and memory are those of such a model, its answers mean nothing, and so does F1",
    'the screen is the sample "shop", 1440 x 900 px, stretched to 1920 x 1080',
  ];
  await writeFile(
    output,
    `${table}\nMade by \`test/bench/cuda/doctor-try.ts\`:\n\n${notes.map((note) => `- ${note}\n`).join("")}`,
  );
  console.log(table);
} finally {
  restore();
  await rm(scratch, { recursive: true, force: true });
}
// node-llama-cpp keeps handles open that would keep the process alive.
process.exit(0);
