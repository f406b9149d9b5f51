import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { RunRecord } from "../../app/contract/index.ts";
import { startRealHost } from "../support/real-host.ts";
import { repositoryRoot, samplePath } from "../support/repository.ts";
import { describeSetup, formatSpread, runsArgument, spreadOf } from "./report.ts";
import { Bare, type BareRun, bareOptions } from "./sides/bare.ts";
import { nanoPair, traitsOf, workOf } from "./work.ts";

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

const built = spawnSync("npx", ["tsx", "native/build.ts", "--bare"], { cwd: repositoryRoot, stdio: "inherit" });
if (built.status !== 0) process.exit(1);

const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-bench-"));
const real = await startRealHost();
const image = await real.addSample(sample);
const request = {
  imageId: image.id,
  backend: "cpu",
  profile: "balanced",
  overrides: { reuseImage: false },
} as const;
const first = await real.run(request);
const work = await workOf(first, nanoPair, await traitsOf(nanoPair), folder);
const bare = new Bare(work.programs, { ...bareOptions(work), image: samplePath(sample) });
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
