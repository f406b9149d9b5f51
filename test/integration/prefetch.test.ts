import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunRecord } from "../../app/contract/index.ts";
import { type RealHost, startRealHost } from "../support/real-host.ts";

/** Several images at once through the real host and engine process, with the bundled detector. */
let real: RealHost;
beforeAll(async () => {
  real = await startRealHost();
});
afterAll(() => real.dispose());

async function batch(prefetch: boolean): Promise<RunRecord[]> {
  const images = [await real.addSample("settings"), await real.addSample("shop")];
  const overrides = { maxImageTokens: 400, reuseImage: false, prefetch };
  return Promise.all([...images, ...images].map(({ id }) => real.run({ imageId: id, overrides })));
}

const overlapped = ({ stages }: RunRecord) =>
  stages.filter(({ overlappedMs }) => overlappedMs !== undefined).map(({ stage }) => stage);

it("decodes the next image during the one before, says so, and finds the same as one by one", async () => {
  const apart = await batch(false);
  const piped = await batch(true);
  expect(apart.map(overlapped)).toEqual([[], [], [], []]);
  expect(piped.map(overlapped)).toEqual([[], ...Array.from({ length: 3 }, () => ["decode", "preprocess"])]);
  expect(piped.map(({ detections }) => detections)).toEqual(apart.map(({ detections }) => detections));
  expect(piped.map(({ result }) => result?.rawOutput)).toEqual(apart.map(({ result }) => result?.rawOutput));
  for (const { stages, totalMs } of piped) {
    const sum = stages.reduce((total, { ms }) => total + ms, 0);
    expect(Math.abs(sum - totalMs)).toBeLessThanOrEqual(totalMs * 0.02);
  }
});
