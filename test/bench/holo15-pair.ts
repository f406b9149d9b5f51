import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { readQwen2Tokenizer } from "../support/gguf/qwen2-tokenizer.ts";
import { holo15Vocabulary, writeHolo15ShapedPair } from "../support/gguf/tiny-qwen25vl.ts";
import { repositoryRoot } from "../support/repository.ts";

/**
 * Writes a pair of Holo1.5's shapes with random weights, for timings on machines to which the real weights cannot be
 * brought: the language model in the mix called Q4_K_M (7B: 4.7 GB) or in q8_0 (8.1 GB), the mmproj in f16 or bf16
 * (1.35 GB).
 * Its answers mean nothing; its speed and memory are those of the real model.
 *
 *   npx tsx test/bench/holo15-pair.ts FOLDER [--size 7b|3b] [--scripted] [--weights q4_k_m|q8_0] [--mmproj f16|bf16] [--vocabulary FILE]
 *   node dist/main/cli.js doctor --try screen.png --model FOLDER/holo15-shaped-q4_k_m.gguf \
 *     --set maxImageTokens=2880 --set maxNewTokens=64 --markdown
 *
 *   --scripted    its answer is a list of boxes that never ends, instead of whatever random weights give (7B only)
 *   --vocabulary  models/ggml-vocab-qwen2.gguf of llama.cpp's sources; that of `npm run build:native` if left out. Without
 *                 it the vocabulary is made up, and a prompt has some four times as many tokens.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scripted: { type: "boolean", default: false },
    size: { type: "string", default: "7b" },
    weights: { type: "string", default: "q4_k_m" },
    mmproj: { type: "string", default: "f16" },
    vocabulary: {
      type: "string",
      default: path.join(repositoryRoot, "native/build/llama.cpp/models/ggml-vocab-qwen2.gguf"),
    },
  },
});

function oneOf<T extends string>(option: string, given: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === given);
  if (found === undefined) throw new Error(`--${option} takes ${choices.join(" or ")}, not "${given}".`);
  return found;
}

const [folder] = positionals;
if (folder === undefined) throw new Error("Name the folder to write to.");
const size = oneOf("size", values.size, ["7b", "3b"]);
const weights = oneOf("weights", values.weights, ["q4_k_m", "q8_0"]);
const mmprojType = oneOf("mmproj", values.mmproj, ["f16", "bf16"]);
const tokenizer = existsSync(values.vocabulary)
  ? await readQwen2Tokenizer(values.vocabulary, holo15Vocabulary(size))
  : undefined;
if (tokenizer === undefined) console.log(`There is no ${values.vocabulary}: the vocabulary is made up.`);
const start = performance.now();
const pair = await writeHolo15ShapedPair(folder, {
  size,
  scripted: values.scripted,
  weights,
  mmprojType,
  ...(tokenizer === undefined ? {} : { tokenizer }),
});
for (const file of [pair.modelPath, pair.mmprojPath]) {
  console.log(`${file}  ${((await stat(file)).size / 1e9).toFixed(2)} GB`);
}
console.log(`written in ${((performance.now() - start) / 1000).toFixed(1)} s`);
// node-llama-cpp keeps handles open that would keep the process alive.
process.exit(0);
