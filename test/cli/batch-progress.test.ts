import { expect, it } from "vitest";
import { BatchProgress } from "../../app/cli/batch-progress.ts";

it("tells rate and time left only when they were measured, of this process alone", () => {
  let now = 0;
  const progress = new BatchProgress(10, () => now);
  progress.known();
  progress.known();
  expect(progress.line()).toBe("2 of 10 done, 8 left");
  now = 5000;
  progress.ended("done");
  expect(progress.line()).toBe("3 of 10 done, 7 left");
  now = 7000;
  progress.ended("failed");
  expect(progress.line()).toBe("3 of 10 done, 1 failed, 6 left; 0.5 images/s; 12 s left");
  for (let image = 0; image < 6; image++) progress.ended("done");
  expect(progress.line()).toMatch(/^9 of 10 done, 1 failed, 0 left; [\d.]+ images\/s$/);
});
