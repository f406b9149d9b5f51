import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BBox, Point, Size } from "../../app/contract/index.ts";
import {
  boxAroundPoint,
  boxToSource,
  type CoordinateSpace,
  clampPoint,
  imageTokens,
  pointToSource,
  smartResize,
  tidyBox,
} from "../../app/engine/geometry.ts";

/** Sides of any sensible image, and its extremes: a strip of 50,000 x 2 px as well as 1 x 1. */
const sizes: fc.Arbitrary<Size> = fc
  .record({ width: fc.integer({ min: 1, max: 50_000 }), height: fc.integer({ min: 1, max: 50_000 }) })
  .filter((size) => size.width * size.height <= 64_000_000);
const rules = fc.record({
  factor: fc.constantFrom(28, 32),
  minTokens: fc.constantFrom(1, 4, 8),
  maxTokens: fc.integer({ min: 8, max: 4096 }),
});
const spaces = fc.constantFrom<CoordinateSpace>("normalised-1000", "model-pixels");
const fractions = fc.double({ min: 0, max: 1, noNaN: true });

/** A box anywhere in an image of this size, in px. */
function boxIn(size: Size, [a, b, c, d]: readonly [number, number, number, number]): BBox {
  return [
    Math.min(a, c) * size.width,
    Math.min(b, d) * size.height,
    Math.max(a, c) * size.width,
    Math.max(b, d) * size.height,
  ];
}

/** From source px to the model's space, exactly: the inverse of pointToSource. */
function pointToModel([x, y]: Point, space: CoordinateSpace, input: Size, source: Size): Point {
  const units = space === "normalised-1000" ? { width: 1000, height: 1000 } : input;
  return [(x * units.width) / source.width, (y * units.height) / source.height];
}

function boxToModel([x1, y1, x2, y2]: BBox, space: CoordinateSpace, input: Size, source: Size): BBox {
  return [...pointToModel([x1, y1], space, input, source), ...pointToModel([x2, y2], space, input, source)];
}

describe("smartResize", () => {
  it.each([
    // Qwen's own results: 1080p untouched, at Holo1.5's hosted budget, and the bundled detector's largest screen.
    [
      [1920, 1080],
      [28, 8, 4096],
      [1932, 1092],
    ],
    [
      [1920, 1080],
      [28, 4, 1280],
      [1316, 728],
    ],
    [
      [1280, 736],
      [32, 8, 921],
      [1280, 736],
    ],
    [
      [1, 1],
      [32, 8, 921],
      [96, 96],
    ],
    [
      [50_000, 2],
      [32, 8, 921],
      [29_472, 32],
    ],
    [
      [2, 50_000],
      [28, 8, 1280],
      [28, 35_840],
    ],
  ] as const)("gives %j with factor, least and most tokens %j the size %j", ([width, height], rule, expected) => {
    const [factor, minTokens, maxTokens] = rule;
    const size = smartResize({ width, height }, { factor, minTokens, maxTokens });
    expect([size.width, size.height]).toEqual(expected);
  });

  it("always gives multiples of the factor within the token limits", () => {
    fc.assert(
      fc.property(sizes, rules, (source, rule) => {
        const input = smartResize(source, rule);
        expect(input.width % rule.factor).toBe(0);
        expect(input.height % rule.factor).toBe(0);
        expect(imageTokens(input, rule.factor)).toBeLessThanOrEqual(rule.maxTokens);
        expect(Math.min(input.width, input.height)).toBeGreaterThanOrEqual(rule.factor);
      }),
      { numRuns: 2000 },
    );
  });

  it("never falls below the least tokens when the limits leave room", () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom(28, 32), (source, factor) => {
        const input = smartResize(source, { factor, minTokens: 8, maxTokens: 640 });
        expect(imageTokens(input, factor)).toBeGreaterThanOrEqual(8);
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps the aspect ratio of ordinary screens within one factor", () => {
    fc.assert(
      fc.property(
        fc.record({ width: fc.integer({ min: 320, max: 4000 }), height: fc.integer({ min: 320, max: 4000 }) }),
        rules.filter((rule) => rule.maxTokens >= 256),
        (source, rule) => {
          const input = smartResize(source, rule);
          // As Qwen's rule has it, an image whose rounding alone exceeds the limit is scaled to just the limit.
          const tokens = Math.round(source.width / rule.factor) * Math.round(source.height / rule.factor);
          const most = rule.maxTokens * rule.factor ** 2;
          const scale = tokens > rule.maxTokens ? Math.sqrt(most / (source.width * source.height)) : 1;
          expect(Math.abs(input.width - source.width * scale)).toBeLessThanOrEqual(rule.factor);
          expect(Math.abs(input.height - source.height * scale)).toBeLessThanOrEqual(rule.factor);
        },
      ),
    );
  });
});

describe("mapping", () => {
  it("brings corners back from source to model to source, for any size and aspect ratio", () => {
    fc.assert(
      fc.property(
        sizes,
        rules,
        spaces,
        fc.tuple(fractions, fractions, fractions, fractions),
        (source, rule, space, at) => {
          const input = smartResize(source, rule);
          const box = boxIn(source, at);
          const back = boxToSource(boxToModel(box, space, input, source), space, input, source);
          for (const [index, value] of back.entries())
            expect(Math.abs(value - (box[index] ?? Number.NaN))).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("loses at most half a cell of the model's grid when the model writes whole numbers", () => {
    fc.assert(
      fc.property(sizes, rules, spaces, fractions, fractions, (source, rule, space, fx, fy) => {
        const input = smartResize(source, rule);
        const corner: [number, number] = [fx * source.width, fy * source.height];
        const [x, y] = pointToModel(corner, space, input, source);
        const back = pointToSource([Math.round(x), Math.round(y)], space, input, source);
        const units = space === "normalised-1000" ? { width: 1000, height: 1000 } : input;
        expect(Math.abs(back[0] - corner[0])).toBeLessThanOrEqual(source.width / units.width / 2 + 1e-6);
        expect(Math.abs(back[1] - corner[1])).toBeLessThanOrEqual(source.height / units.height / 2 + 1e-6);
      }),
      { numRuns: 2000 },
    );
  });

  it("maps whole source pixels within 1 px through whole model pixels as long as the image is not shrunk to less than half", () => {
    fc.assert(
      fc.property(
        fc.record({ width: fc.integer({ min: 64, max: 2560 }), height: fc.integer({ min: 64, max: 1440 }) }),
        fractions,
        fractions,
        (source, fx, fy) => {
          const input = smartResize(source, { factor: 28, minTokens: 8, maxTokens: 4096 });
          const corner: [number, number] = [Math.round(fx * source.width), Math.round(fy * source.height)];
          const [x, y] = pointToModel(corner, "model-pixels", input, source);
          const back = pointToSource([Math.round(x), Math.round(y)], "model-pixels", input, source);
          expect(Math.abs(back[0] - corner[0])).toBeLessThanOrEqual(1);
          expect(Math.abs(back[1] - corner[1])).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("maps the corners of the model's space to the corners of the image", () => {
    const source = { width: 1921, height: 1079 };
    const input = { width: 1316, height: 728 };
    expect(boxToSource([0, 0, 1000, 1000], "normalised-1000", input, source)).toEqual([0, 0, 1921, 1079]);
    expect(boxToSource([0, 0, 1316, 728], "model-pixels", input, source)).toEqual([0, 0, 1921, 1079]);
  });
});

describe("tidying", () => {
  const size = { width: 100, height: 50 };

  it("puts inverted corners in order and cuts to the image", () => {
    expect(tidyBox([80, 40, -5, 10], size)).toEqual([0, 10, 80, 40]);
    expect(tidyBox([90, 40, 200, 90], size)).toEqual([90, 40, 100, 50]);
  });

  it.each([
    ["no width", [10, 10, 10, 20]],
    ["no height", [10, 10, 20, 10]],
    ["outside", [120, 10, 140, 20]],
    ["not finite", [Number.NaN, 0, 10, 10]],
  ] as const)("drops a box with %s", (_reason, box) => {
    expect(tidyBox([...box], size)).toBeUndefined();
  });

  it("never leaves the image, whatever the numbers", () => {
    fc.assert(
      fc.property(fc.tuple(fc.double(), fc.double(), fc.double(), fc.double()), (box) => {
        const tidy = tidyBox(box, size);
        if (tidy === undefined) return;
        const [x1, y1, x2, y2] = tidy;
        expect(x1 >= 0 && y1 >= 0 && x2 <= 100 && y2 <= 50 && x1 < x2 && y1 < y2).toBe(true);
      }),
    );
  });

  it("draws a square around a point, cut at the image's edge", () => {
    expect(boxAroundPoint([960, 540], { width: 1920, height: 1080 })).toEqual([936, 516, 984, 564]);
    expect(boxAroundPoint([0, 0], size)).toEqual([0, 0, 8, 8]);
    expect(clampPoint([120, -3], size)).toEqual([100, 0]);
  });
});
