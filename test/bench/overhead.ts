import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { RunRecord } from "../../app/contract/index.ts";
import { recognise } from "../../app/engine/families/index.ts";
import { openNative } from "../../native/index.ts";
import { findLayout, locateAddon } from "../../native/locate.ts";
import { startRealHost } from "../support/real-host.ts";
import { repositoryRoot, samplePath } from "../support/repository.ts";
import { describeSetup, formatSpread, runsArgument, spreadOf } from "./report.ts";

/**
 * What Holoscope costs above a bare C++ program: the same detection, same image file, prompt, grammar, threads and
 * limits, run in turns by the whole application (host, engine process, streaming, run record) and by
 * test/bench/bare.cpp, which decodes with stb_image and calls libmtmd and libllama directly. Prints the ratio of the
 * medians of `totalMs`; ends with 1 if it is above the limit or the two answers differ.
 *
 *   npx tsx test/bench/overhead.ts [--runs N]
 */
const limit = 1.03;
const runs = runsArgument(15);
const sample = "settings"; // 1280 x 736 px: its size is the model's, so neither side resizes
const nano = path.join(repositoryRoot, "resources/models/nano");

const bareRunSchema = z.object({
  decodeMs: z.number(),
  prepareMs: z.number(),
  encodeMs: z.number(),
  prefillMs: z.number(),
  generateMs: z.number(),
  totalMs: z.number(),
  answer: z.string(),
});
type BareRun = z.infer<typeof bareRunSchema>;

/** The bare program, held open: it makes one run for each line it reads. */
class Bare {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(args: readonly string[]) {
    const name = process.platform === "win32" ? "holoscope-bare.exe" : "holoscope-bare";
    this.#child = spawn(path.join(repositoryRoot, "native/build/out/cpu", name), args);
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async run(): Promise<BareRun> {
    this.#child.stdin.write("run\n");
    const line = await this.#lines.next();
    if (line.done) throw new Error("holoscope-bare ended early; its message stands above");
    return bareRunSchema.parse(JSON.parse(line.value));
  }

  end(): void {
    this.#child.stdin.end();
  }
}

async function bareArguments(run: RunRecord, folder: string): Promise<string[]> {
  const library = openNative("cpu");
  const layout = findLayout(import.meta.url, undefined);
  const located = layout && locateAddon(layout, "cpu");
  if (located === undefined) throw new Error("the addon is not built: npm run build:native");
  const [model, mmproj] = [path.join(nano, "model.gguf"), path.join(nano, "mmproj.gguf")];
  const traits = recognise(await library.readGguf(model), await library.readGguf(mmproj));
  const question = traits.question("detect", "", run.settings.maxDetections);
  await writeFile(path.join(folder, "prompt"), question.prompt);
  await writeFile(path.join(folder, "grammar"), question.grammar);
  const effective = run.result?.effective;
  if (effective === undefined) throw new Error(`the first run did not finish: ${run.error?.message ?? run.status}`);
  const options = {
    model,
    mmproj,
    image: samplePath(sample),
    prompt: path.join(folder, "prompt"),
    grammar: path.join(folder, "grammar"),
    bins: located.binaries.bins,
    "encode-threads": effective.threads,
    "prefill-threads": effective.threads,
    "generate-threads": effective.generateThreads,
    context: effective.contextTokens,
    batch: effective.batchTokens,
    "max-tokens": run.settings.maxNewTokens,
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

const built = spawnSync("npx", ["tsx", "native/build.ts", "--bare"], { cwd: repositoryRoot, stdio: "inherit" });
if (built.status !== 0) process.exit(1);

const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-bench-"));
const real = await startRealHost();
const image = await real.addSample(sample);
const request = { imageId: image.id, backend: "cpu", profile: "balanced" } as const;
const first = await real.run(request);
const bare = new Bare(await bareArguments(first, folder));
await bare.run();

/** The stages that both sides have; Holoscope's resizing and tokenising are the bare program's "prepare". */
const stages = [
  ["decode", "decodeMs"],
  ["preprocess", "prepareMs"],
  ["encode", "encodeMs"],
  ["prefill", "prefillMs"],
  ["generate", "generateMs"],
] as const;

const ours: RunRecord[] = [];
const theirs: BareRun[] = [];
let same = true;
for (let round = 0; round < runs; round++) {
  const oursFirst = round % 2 === 0;
  const early = oursFirst ? undefined : await bare.run();
  const run = await real.run(request);
  const bareRun = early ?? (await bare.run());
  ours.push(run);
  theirs.push(bareRun);
  same &&= run.result?.rawOutput === bareRun.answer;
}
bare.end();
await real.dispose();
await rm(folder, { recursive: true });

const spread = spreadOf(ours.map(({ totalMs }) => totalMs));
const bareSpread = spreadOf(theirs.map(({ totalMs }) => totalMs));
const stageLines = stages.map(([stage, field]) => {
  const own = spreadOf(ours.map((run) => run.stages.find((timed) => timed.stage === stage)?.ms ?? Number.NaN));
  const bareStage = spreadOf(theirs.map((run) => run[field]));
  return `  ${stage.padEnd(12)}${own.median.toFixed(1).padStart(8)} ms${bareStage.median.toFixed(1).padStart(10)} ms bare`;
});
const ratio = spread.median / bareSpread.median;
console.log(
  [
    ...describeSetup(first),
    `holoscope ${formatSpread(spread)}`,
    `bare      ${formatSpread(bareSpread)}`,
    ...stageLines,
    `ratio     ${ratio.toFixed(3)} (limit ${limit}); answers ${same ? "identical" : "DIFFERENT"}`,
  ].join("\n"),
);
process.exit(ratio <= limit && same ? 0 : 1);
