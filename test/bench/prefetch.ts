import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { RunRecord } from "../../app/contract/index.ts";
import { startRealHost } from "../support/real-host.ts";
import { samplePath } from "../support/repository.ts";
import { ImageCopies } from "./images.ts";
import { type Spread, spreadOf } from "./report.ts";
import { atOnce } from "./sides/side.ts";

/**
 * Batches of screenshots handed over at once, with the next image prepared during the answer before (setting `prefetch`)
 * and without, in turns: images a second between the first answer and the last, and what decode and preprocess cost a run.
 * Usage: npx tsx test/bench/prefetch.ts [images in a batch] [rounds]
 */
const images = Number(process.argv[2] ?? 6);
const rounds = Number(process.argv[3] ?? 5);
const sizes = [undefined, { width: 3840, height: 2160 }] as const;

const real = await startRealHost();
const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-prefetch-"));

interface Measured {
  readonly perSecond: number[];
  readonly runs: RunRecord[];
}

async function batch(copies: ImageCopies, prefetch: boolean, into: Measured): Promise<void> {
  const ids: string[] = [];
  for (const { file } of await copies.many(images)) {
    ids.push((await real.host.call("images.addPath", { path: file })).id);
  }
  const overrides = { maxNewTokens: 64, prefetch };
  const ends = await atOnce(ids, async (imageId) => {
    const run = await real.run({ imageId, overrides });
    if (run.status !== "done") throw new Error(`A run did not finish: ${run.error?.message}`);
    into.runs.push(run);
  });
  into.perSecond.push(((images - 1) * 1000) / ((ends.at(-1) ?? 0) - (ends[0] ?? 0)));
}

const ofImage = ({ stages }: RunRecord) => stages.filter(({ stage }) => stage === "decode" || stage === "preprocess");
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const text = ({ median, min, max }: Spread, digits = 1): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;

for (const size of sizes) {
  const copies = await ImageCopies.of(samplePath("settings"), folder, size === undefined ? "own" : "4k", size);
  const on: Measured = { perSecond: [], runs: [] };
  const off: Measured = { perSecond: [], runs: [] };
  for (let round = 0; round < rounds; round++) {
    const order = [() => batch(copies, true, on), () => batch(copies, false, off)];
    for (const measure of round % 2 === 0 ? order : order.reverse()) await measure();
  }
  // The first of a batch has nothing before it.
  const ahead = on.runs.filter((run) => ofImage(run).some(({ overlappedMs }) => overlappedMs !== undefined));
  const cost = (runs: readonly RunRecord[], of: "ms" | "overlappedMs"): Spread =>
    spreadOf(runs.map((run) => sumOf(ofImage(run).map((stage) => stage[of] ?? 0))));
  const [run] = on.runs;
  console.log(`${run?.image.width} x ${run?.image.height} px, load average ${os.loadavg()[0]?.toFixed(1)}:`);
  console.log(
    `  decode + preprocess alone ${text(cost(off.runs, "ms"))} ms of ${text(spreadOf(off.runs.map(({ totalMs }) => totalMs)), 0)}`,
  );
  console.log(
    `  ahead ${text(cost(ahead, "overlappedMs"))} ms, waited for ${text(cost(ahead, "ms"))} ms (${ahead.length} runs)`,
  );
  console.log(`  images/s with ${text(spreadOf(on.perSecond), 2)}, without ${text(spreadOf(off.perSecond), 2)}`);
}
await real.dispose();
await rm(folder, { recursive: true, force: true });
// node-llama-cpp keeps handles open that would keep the process alive.
process.exit(0);
