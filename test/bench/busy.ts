import { Worker } from "node:worker_threads";
import { startRealHost } from "../support/real-host.ts";
import { describeSetup, formatSpread, runsArgument, spreadOf } from "./report.ts";

/**
 * How much a busy machine slows a detection down: the same detection alternately on the idle machine and with one busy
 * loop for each core beside it. Prints both and the ratio of the medians; ends with 1 if it is above the limit.
 *
 *   npx tsx test/bench/busy.ts [--runs N]
 */
const limit = 3;
const runs = runsArgument(7);

const real = await startRealHost();
const image = await real.addSample("settings");
const request = { imageId: image.id, backend: "cpu", profile: "balanced" } as const;
const first = await real.run(request);
const cores = first.machine.logicalCores;

/** Keeps every core busy while `action` runs. The loops end with their threads. */
async function besideBusyLoops<T>(action: () => Promise<T>): Promise<T> {
  const loops = Array.from({ length: cores }, () => new Worker("for (;;) ;", { eval: true }));
  await Promise.all(loops.map((loop) => new Promise((resolve) => loop.once("online", resolve))));
  try {
    return await action();
  } finally {
    await Promise.all(loops.map((loop) => loop.terminate()));
  }
}

const idle: number[] = [];
const busy: number[] = [];
for (let round = 0; round < runs; round++) {
  idle.push((await real.run(request)).totalMs);
  busy.push((await besideBusyLoops(() => real.run(request))).totalMs);
}
await real.dispose();

const [idleSpread, busySpread] = [spreadOf(idle), spreadOf(busy)];
const ratio = busySpread.median / idleSpread.median;
console.log(
  [
    ...describeSetup(first),
    `idle      ${formatSpread(idleSpread)}`,
    `busy      ${formatSpread(busySpread)}, ${cores} busy loops beside it`,
    `ratio     ${ratio.toFixed(2)} (limit ${limit})`,
  ].join("\n"),
);
process.exit(ratio <= limit ? 0 : 1);
