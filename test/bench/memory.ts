import { max, mean } from "d3-array";
import { type MemoryReading, measureMemoryGrowth } from "../support/memory-growth.ts";
import { startRealHost } from "../support/real-host.ts";
import { runsArgument } from "./report.ts";

/**
 * Memory over many detections in a row on changing image sizes with the bundled detector. Ends with 1 if the engine's
 * resident memory at the end is more than 5 % above that after the tenth detection, or more is kept than allowed.
 *
 *   npx tsx test/bench/memory.ts [--runs 500]
 */
const limit = 1.05;
const budget = 64;
const count = runsArgument(500);
const settled = 10;
if (count <= settled) throw new Error(`--runs must be above ${settled}.`);

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const line = (index: number, { engine, host, kept }: MemoryReading): string =>
  `${String(index + 1).padStart(4)}  engine ${mb(engine)}, of which kept images ${mb(kept)}; host ${mb(host)}`;

const real = await startRealHost();
try {
  const readings = await measureMemoryGrowth(real, {
    count,
    maxImageTokens: 300,
    reuseBudgetMb: budget,
    onReading: (reading, index) => {
      if (index + 1 === settled || (index + 1) % 50 === 0) console.log(line(index, reading));
    },
  });
  const [after, end] = [readings[settled - 1], readings.at(-1)];
  if (after === undefined || end === undefined) throw new Error("nothing was read");
  const most = max(readings, ({ kept }) => kept) ?? 0;
  const ratio = end.engine / after.engine;
  const later = readings.slice(settled).map(({ engine }) => engine);
  console.log(
    `engine after ${settled}: ${mb(after.engine)}; at the end ${mb(end.engine)}, ratio ${ratio.toFixed(3)} (limit ${limit}); ` +
      `in between ${mb(mean(later) ?? 0)} on average, ${mb(max(later) ?? 0)} at most`,
  );
  console.log(`kept images: ${mb(most)} at most, budget ${mb(budget * 1024 * 1024)}`);
  console.log(`host, with this measurement in it: ${mb(after.host)} after ${settled}, ${mb(end.host)} at the end`);
  process.exitCode = ratio <= limit && most <= budget * 1024 * 1024 ? 0 : 1;
} finally {
  await real.dispose();
}
