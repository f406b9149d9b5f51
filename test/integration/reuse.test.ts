import { afterAll, beforeAll, expect, it } from "vitest";
import type { DetectRequestInput, ImageRef, RunRecord } from "../../app/contract/index.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";

/** The bundled detector on a sample screenshot, asked again, through the real host and engine process. */
let real: RealHost;
let image: ImageRef;

beforeAll(async () => {
  real = await startRealHost();
  image = await real.addSample("settings");
});
afterAll(() => real.dispose());

const overrides = { maxImageTokens: 640 };
const run = (changes: Partial<DetectRequestInput> = {}) => real.run({ imageId: image.id, overrides, ...changes });
const reusedStages = (record: RunRecord) => record.stages.filter(({ reused }) => reused).map(({ stage }) => stage);
const imageStages = ["decode", "preprocess", "encode", "prefill"];

it("skips all work on the image, finds the same, and says so", async () => {
  const first = await run();
  const second = await run({
    profile: "quality",
    overrides: { ...overrides, maxDetections: 150, minConfidence: 0.25 },
  });
  expect(reusedStages(first)).toEqual([]);
  expect(first.result?.reuse).toBeUndefined();
  expect(reusedStages(second)).toEqual(imageStages);
  expect(second.result?.reuse?.kind).toBe("kvPrefix");
  expect(second.result?.memory?.keptImages).toBeGreaterThan(0);
  expect(second.result?.memory?.keptImages).toBeLessThanOrEqual(512 * 1024 * 1024);
  expect(second.detections).toEqual(first.detections);
  expect(second.result?.rawOutput).toBe(first.result?.rawOutput);
  const sum = second.stages.reduce((total, { ms }) => total + ms, 0);
  expect(Math.abs(sum - second.totalMs)).toBeLessThanOrEqual(second.totalMs * 0.02);
  const ratio = second.totalMs / first.totalMs;
  console.log(`second prompt ${second.totalMs.toFixed(0)} ms of ${first.totalMs.toFixed(0)} ms: ${ratio.toFixed(3)}`);
  expect(ratio).toBeLessThan(0.5);
});

it("does everything again for another input size, a series, a profiled run, and when turned off", async () => {
  const first = await run();
  const off = await run({ overrides: { ...overrides, reuseImage: false } });
  expect(reusedStages(off)).toEqual([]);
  expect(off.detections).toEqual(first.detections);
  expect(reusedStages(await run({ repeat: { group: "g", index: 0, of: 2 } }))).toEqual([]);
  expect(reusedStages(await run({ overrides: { maxImageTokens: 300 } }))).toEqual([]);
  const profiled = await run({ profileOps: true });
  expect(reusedStages(profiled)).toEqual([]);
  expect(profiled.opProfile?.sameAnswer).toBe(true);
  const after = await run();
  expect(reusedStages(after)).toEqual(imageStages);
  expect(after.detections).toEqual(first.detections);
});

it("forgets the images with the model", async () => {
  await run();
  await real.host.call("models.unload", {});
  expect(reusedStages(await run())).toEqual([]);
});
