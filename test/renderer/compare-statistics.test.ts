import { describe, expect, it } from "vitest";
import type { RunRecord } from "../../app/contract/index.ts";
import { spreadOf } from "../../app/presentation/spread.ts";
import { noiseOf, noiseText } from "../../renderer/logic/statistics/noise.ts";
import { figuresOf, unmeasuredText, wholeTotals } from "../../renderer/logic/statistics/run-figures.ts";
import { imageRef, runRecord } from "./records.ts";

const image = imageRef("a");

function run(id: number, encode: number, changes: Partial<RunRecord> = {}): RunRecord {
  return runRecord(`run-0000000${id}`, image, {
    stages: [
      { stage: "encode", ms: encode },
      { stage: "generate", ms: 20 },
    ],
    totalMs: encode + 20,
    ...changes,
  });
}

describe("spread", () => {
  it("interpolates as type 7 does", () => {
    // numpy.quantile([1, 2, 3, 4, 10], [0.05, 0.5, 0.95]) = 1.2, 3, 8.8
    const spread = spreadOf([10, 2, 1, 4, 3]);
    expect(spread).toMatchObject({ n: 5, median: 3, min: 1, max: 10 });
    expect(spread?.p5).toBeCloseTo(1.2, 12);
    expect(spread?.p95).toBeCloseTo(8.8, 12);
    expect(spreadOf([1, 4])?.median).toBe(2.5);
  });

  it("of one figure is that figure, and of none is nothing", () => {
    expect(spreadOf([7])).toEqual({ n: 1, median: 7, p5: 7, p95: 7, min: 7, max: 7 });
    expect(spreadOf([])).toBeUndefined();
  });
});

describe("figures of several runs", () => {
  it("leave reused stages out, and their totals too", () => {
    const reused = run(3, 1, {
      stages: [
        { stage: "encode", ms: 1, reused: true },
        { stage: "generate", ms: 26 },
      ],
      totalMs: 27,
    });
    const { stages, total, runs } = figuresOf([run(1, 100), run(2, 120), reused]);
    expect(runs).toBe(3);
    expect(stages.encode).toMatchObject({ reused: 1, measured: { n: 2, median: 110 } });
    expect(stages.generate).toMatchObject({ reused: 0, measured: { n: 3, median: 20 } });
    expect(total).toMatchObject({ reused: 1, measured: { n: 2, median: 130 } });
    expect(stages.decode).toEqual({ reused: 0 });
  });

  it("leave stages out that overlapped the run before, and their totals too, and say so", () => {
    const decoded = (id: number, ms: number, overlappedMs?: number) =>
      run(id, 100, {
        stages: [
          { stage: "decode", ms, ...(overlappedMs === undefined ? {} : { overlappedMs }) },
          { stage: "encode", ms: 100 },
        ],
        totalMs: ms + 100,
      });
    const figures = figuresOf([decoded(1, 10), decoded(2, 1, 12)]);
    expect(figures.stages.decode).toMatchObject({ reused: 0, overlapped: 1, measured: { n: 1, median: 10 } });
    expect(figures.stages.encode).toMatchObject({ reused: 0, measured: { n: 2 } });
    expect(figures.total).toMatchObject({ overlapped: 1, measured: { n: 1, median: 110 } });
    expect(unmeasuredText(figures.total)).toBe("1 overlapped");
    expect(unmeasuredText(figures.stages.encode)).toBe("");
  });

  it("leave out runs of which focus mode made only a part, or nothing", () => {
    const focus = { reason: "", changedTiles: 1, totalTiles: 9, keptDetections: 3 };
    const [cropped, unchanged, full] = (["cropped", "unchanged", "full"] as const).map((outcome, index) =>
      run(index + 1, 100 * (index + 1), { focus: { ...focus, outcome } }),
    );
    if (!cropped || !unchanged || !full) throw new Error("three runs were made");
    expect(wholeTotals([cropped, unchanged, full])).toEqual([320]);
    expect(figuresOf([cropped, unchanged])).toMatchObject({ runs: 0 });
  });

  it("leave failed, cancelled and warm-up runs out", () => {
    const warmup = run(2, 900, { repeat: { group: "g", index: 0, of: 3, warmup: true } });
    const failed = run(3, 1, { status: "failed" });
    expect(wholeTotals([run(1, 100), warmup, failed, run(4, 80, { status: "cancelled" })])).toEqual([120]);
    expect(figuresOf([warmup, failed])).toMatchObject({ runs: 0, total: { reused: 0 } });
  });
});

describe("noise", () => {
  it("is judged by the spread", () => {
    expect(noiseOf([100, 101, 102, 103])).toMatchObject({ verdict: "steady" });
    const noisy = noiseOf([100, 101, 150, 100]);
    expect(noisy.verdict).toBe("noisy");
    expect(noiseText(noisy)).toContain("The machine was noisy");
  });

  it("is judged by a drift that the spread does not show", () => {
    const drifting = noiseOf([100, 100, 100, 118, 118, 118]);
    expect(drifting.spread).toBeLessThan(0.25);
    expect(drifting.drift).toBeCloseTo(18 / 109, 9);
    expect(drifting.verdict).toBe("noisy");
    expect(noiseOf([118, 118, 118, 100, 100, 100]).verdict).toBe("noisy");
  });

  it("is not judged from two runs, and drift not from five", () => {
    expect(noiseOf([1, 100])).toEqual({ verdict: "unknown" });
    expect(noiseOf([100, 100, 100, 101, 101])).not.toHaveProperty("drift");
  });
});
