import { spawnSync } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";
import { parseOverrides } from "../../app/cli/detect-options.ts";
import { backendChoiceSchema } from "../../app/contract/index.ts";
import { repositoryRoot, samplePath } from "../support/repository.ts";
import { runBench } from "./bench.ts";
import { toMarkdown } from "./output/markdown.ts";
import { writeResult } from "./output/write.ts";
import { nanoPair } from "./work.ts";

/**
 * `npm run bench`: Holoscope against a bare program over libmtmd, llama.cpp's llama-mtmd-cli and its llama-server, all from
 * the same sources and libraries, in turns. Writes bench.json, bench.md and bench.svg (resources/docs/bench.md).
 *
 *   npm run bench -- [--model M.gguf --mmproj P.gguf] [--image FILE] [--backend cpu|cuda|metal|vulkan|auto] [--tokens 64]
 *                    [--runs 10] [--batch 100] [--growth-runs 3] [--set key=value ...] [--quick] [--no-build] [--out DIR]
 */
const { values } = parseArgs({
  options: {
    model: { type: "string" },
    mmproj: { type: "string" },
    image: { type: "string", default: samplePath("settings") },
    backend: { type: "string", default: "cpu" },
    tokens: { type: "string", default: "64" },
    runs: { type: "string" },
    batch: { type: "string" },
    "growth-runs": { type: "string" },
    set: { type: "string", multiple: true, default: [] },
    quick: { type: "boolean", default: false },
    "no-build": { type: "boolean", default: false },
    out: { type: "string", default: path.join(repositoryRoot, "out/bench") },
  },
});

/** A whole number of at least `least`. */
function count(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${option} takes a whole number from ${least} on, not "${text}".`);
  }
  return value;
}

const { model, mmproj, quick } = values;
if ((model === undefined) !== (mmproj === undefined)) throw new Error("--model and --mmproj go together.");
const pair = model === undefined || mmproj === undefined ? nanoPair : { modelPath: model, mmprojPath: mmproj };
if (!values["no-build"]) {
  // On Windows llama.cpp's own programs cannot be built here; they are left out then, and the result says so.
  const programs = process.platform === "win32" ? "--bare" : "--bench";
  const built = spawnSync("npx", ["tsx", "native/build.ts", programs], { cwd: repositoryRoot, stdio: "inherit" });
  if (built.status !== 0) process.exit(1);
}
const result = await runBench({
  pair: { modelPath: path.resolve(pair.modelPath), mmprojPath: path.resolve(pair.mmprojPath) },
  image: path.resolve(values.image),
  backend: backendChoiceSchema.parse(values.backend),
  newTokens: count("tokens", values.tokens, 1),
  runs: count("runs", values.runs ?? (quick ? "3" : "10"), 1),
  batch: count("batch", values.batch ?? (quick ? "8" : "100"), 1),
  growthRuns: count("growth-runs", values["growth-runs"] ?? (quick ? "1" : "3"), 0),
  overrides: parseOverrides(values.set),
  say: (line) => console.error(`bench: ${line}`),
});
console.log(toMarkdown(result));
for (const file of await writeResult(path.resolve(values.out), result)) console.log(path.relative(process.cwd(), file));
// node-llama-cpp keeps handles open that would keep the process alive.
process.exit(0);
