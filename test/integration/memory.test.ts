import { afterAll, beforeAll, expect, it } from "vitest";
import { measureMemoryGrowth } from "../support/memory-growth.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";

let real: RealHost;
beforeAll(async () => {
  real = await startRealHost();
});
afterAll(() => real.dispose());

const MIB = 1024 * 1024;

/** `npx tsx test/bench/memory.ts` makes 500 of them. */
it("does not grow over detections on changing image sizes, and keeps images within the budget", async () => {
  const readings = await measureMemoryGrowth(real, { count: 60, maxImageTokens: 100, reuseBudgetMb: 2 });
  const [tenth, last] = [readings[9]?.engine ?? 0, readings.at(-1)?.engine ?? Number.POSITIVE_INFINITY];
  console.log(`engine ${(tenth / 1e6).toFixed(1)} MB after 10, ${(last / 1e6).toFixed(1)} MB after ${readings.length}`);
  expect(last).toBeLessThanOrEqual(1.05 * tenth);
  const kept = readings.map((reading) => reading.kept);
  expect(Math.max(...kept)).toBeGreaterThan(0.5 * MIB);
  expect(Math.max(...kept)).toBeLessThanOrEqual(2 * MIB);
  expect(new Set(readings.map(({ input }) => `${input.width}x${input.height}`)).size).toBeGreaterThan(5);
});
