import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { confidence, overlaps, type ScoredToken } from "../../../app/engine/answer/confidence.ts";

const token = (start: number, end: number, probability: number, ignored = false): ScoredToken => ({
  start,
  end,
  logProb: Math.log(probability),
  ignored,
});

describe("confidence", () => {
  it("is the geometric mean over the tokens that overlap a span", () => {
    const tokens = [token(0, 5, 0.01), token(5, 8, 0.9), token(8, 12, 0.4), token(12, 20, 0.01)];
    expect(
      confidence(tokens, [
        { start: 5, end: 8 },
        { start: 9, end: 10 },
      ]),
    ).toBeCloseTo(Math.sqrt(0.9 * 0.4), 12);
  });

  it("counts a token once, even if it overlaps two spans", () => {
    const spans = [
      { start: 0, end: 2 },
      { start: 3, end: 4 },
      { start: 6, end: 8 },
    ];
    expect(confidence([token(0, 5, 0.25), token(5, 9, 1)], spans)).toBeCloseTo(0.5, 12);
  });

  it("counts a token that holds the label among other things", () => {
    // `],"label":"button"},{"bbox_2d":[` as one token; the label's value is at 11..17.
    expect(confidence([token(0, 33, 0.7)], [{ start: 11, end: 17 }])).toBeCloseTo(0.7, 12);
  });

  it("leaves out ignored tokens, and is 0 without any", () => {
    expect(confidence([token(0, 3, 0.8), token(3, 9, 0.0001, true)], [{ start: 0, end: 9 }])).toBeCloseTo(0.8, 12);
    expect(confidence([token(0, 3, 0.8, true)], [{ start: 0, end: 3 }])).toBe(0);
    expect(confidence([], [{ start: 0, end: 3 }])).toBe(0);
  });

  it("is 0 for an impossible token and never leaves 0..1", () => {
    expect(confidence([token(0, 1, 0)], [{ start: 0, end: 1 }])).toBe(0);
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1, noNaN: true })), (logs) => {
        const tokens = logs.map((logProb, index) => ({ start: index, end: index + 1, logProb }));
        const value = confidence(tokens, [{ start: 0, end: logs.length }]);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("does not take touching ranges for overlapping", () => {
    expect(overlaps({ start: 0, end: 3 }, { start: 3, end: 5 })).toBe(false);
    expect(overlaps({ start: 0, end: 4 }, { start: 3, end: 5 })).toBe(true);
  });
});
