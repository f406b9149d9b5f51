import { describe, expect, it } from "vitest";
import { StallWatch } from "../../../app/engine/answer/stall.ts";

/** Feeds tokens at the given paces (tokens/s), each for a second, in groups of 10 ms or of one token. */
function watch(...paces: readonly number[]) {
  let time = 0;
  const stalls = new StallWatch(() => time);
  for (const pace of paces) {
    const step = Math.max(10, 1000 / pace);
    for (let passed = 0; passed < 1000; passed += step) {
      time += step;
      stalls.push(Math.round((pace * step) / 1000));
    }
  }
  return stalls.stall();
}

describe("StallWatch", () => {
  it("says nothing about an even or a somewhat slower run", () => {
    expect(watch(1000, 1000, 900)).toBeUndefined();
    expect(watch(1000, 300)).toBeUndefined();
    expect(watch(5, 5)).toBeUndefined();
  });

  it("notices a run that falls far behind its own start, also if it recovers", () => {
    expect(watch(1000, 4, 1000)?.slowest).toBeLessThan(20);
    expect(watch(1000, 4, 1000)?.start).toBeCloseTo(1000, -1);
  });
});
