import { afterAll, beforeAll, expect, it } from "vitest";
import { measureMemoryGrowth } from "../support/memory-growth.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";

let real: RealHost;
beforeAll(async () => {
  real = await startRealHost();
});
afterAll(() => real.dispose());

const MIB = 1024 * 1024;

/**
 * `npx tsx test/bench/memory.ts` makes 500 of them and compares single readings. With so few, the engine's code still warms
 * up and each reading holds an image of another size: the least of ten is compared with the least of ten.
 */
it("does not grow over detections on changing image sizes, and keeps images within the budget", async () => {
  const readings = await measureMemoryGrowth(real, { count: 60, maxImageTokens: 100, reuseBudgetMb: 2 });
  const least = (from: number, to: number) => Math.min(...readings.slice(from, to).map(({ engine }) => engine));
  const [early, late] = [least(10, 20), least(50, 60)];
  console.log(
    `engine, the least of ten: ${(early / 1e6).toFixed(1)} MB after 20, ${(late / 1e6).toFixed(1)} MB after 60`,
  );
  expect(readings).toHaveLength(60);
  expect(late).toBeLessThanOrEqual(1.05 * early);
  const kept = readings.map((reading) => reading.kept);
  expect(Math.max(...kept)).toBeGreaterThan(0.5 * MIB);
  expect(Math.max(...kept)).toBeLessThanOrEqual(2 * MIB);
  expect(new Set(readings.map(({ input }) => `${input.width}x${input.height}`)).size).toBeGreaterThan(5);
});
