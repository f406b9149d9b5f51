import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BBox, Detection, Truth, TruthElement } from "../../app/contract/index.ts";
import { clickPoint } from "../../app/presentation/units.ts";
import { evaluateRun } from "../../app/truth/evaluate.ts";
import { defaultRule, isInside, type MatchRule, matchTruth } from "../../app/truth/match.ts";
import { macroMean, measure, measureLabels } from "../../app/truth/metrics.ts";
import { mistakesOf, nextMistake } from "../../renderer/logic/truth/mistakes.ts";
import { detection as baseDetection } from "../renderer/records.ts";

function truth(id: string, bbox: BBox, label?: string): TruthElement {
  return label === undefined ? { id, bbox } : { id, bbox, label };
}

function detection(id: string, bbox: BBox, confidence = 0.9, label = "button"): Detection {
  return { ...baseDetection(id, bbox), confidence, label };
}

const pairs = ({ matched }: ReturnType<typeof matchTruth>) =>
  matched.map((pair) => [pair.truth.id, pair.detection.id, Number(pair.iou.toFixed(4))]);
const ids = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);

describe("matching with ground truth", () => {
  it("gives an element to the most confident detection, and calls the second one extra", () => {
    const exact = detection("e1", [0, 0, 100, 50], 0.6);
    const shifted = detection("e2", [20, 0, 120, 50], 0.8);
    const result = matchTruth([truth("t1", [0, 0, 100, 50])], [exact, shifted], defaultRule);
    // Overlap 80 x 50 of a union of 120 x 50.
    expect(pairs(result)).toEqual([["t1", "e2", 0.6667]]);
    expect(ids(result.extra)).toEqual(["e1"]);
    expect(result.missed).toEqual([]);
  });

  it("takes an overlap of just the threshold and none below", () => {
    const half = detection("e1", [0, 0, 50, 100]);
    const known = [truth("t1", [0, 0, 100, 100])];
    expect(matchTruth(known, [half], { ...defaultRule, minIou: 0.5 }).matched).toHaveLength(1);
    expect(matchTruth(known, [half], { ...defaultRule, minIou: 0.51 }).matched).toHaveLength(0);
  });

  it("asks for the same label only if told to; case and separators do not make another", () => {
    const known = [
      truth("t1", [0, 0, 10, 10], "Menu item"),
      truth("t2", [50, 0, 60, 10]),
      truth("t3", [90, 0, 99, 9], "link"),
    ];
    const found = [
      detection("e1", [0, 0, 10, 10], 0.9, "menu_item"),
      detection("e2", [50, 0, 60, 10], 0.9, "anything"),
      detection("e3", [90, 0, 99, 9], 0.9, "button"),
    ];
    expect(matchTruth(known, found, defaultRule).matched).toHaveLength(3);
    const strict = matchTruth(known, found, { ...defaultRule, sameLabel: true });
    expect(pairs(strict).map(([id]) => id)).toEqual(["t1", "t2"]);
    expect(ids(strict.missed)).toEqual(["t3"]);
    expect(ids(strict.extra)).toEqual(["e3"]);
  });

  it("matches by the centre, or by the click point, without looking at the overlap", () => {
    const rule: MatchRule = { ...defaultRule, criterion: "centre" };
    const known = [truth("card", [0, 0, 400, 300]), truth("icon", [10, 10, 30, 30])];
    const glyph = detection("e1", [18, 18, 22, 22]);
    expect(clickPoint(glyph)).toEqual([20, 20]);
    // The icon is overlapped more than the card around it.
    expect(pairs(matchTruth(known, [glyph], rule)).map(([id]) => id)).toEqual(["icon"]);
    const click: Detection = { ...detection("e2", [500, 500, 520, 520]), point: [399, 299] };
    expect(pairs(matchTruth(known, [click], rule)).map(([id]) => id)).toEqual(["card"]);
    expect(isInside([400, 300], [0, 0, 400, 300])).toBe(true);
    expect(isInside([400.1, 300], [0, 0, 400, 300])).toBe(false);
  });

  it("has an answer to nothing", () => {
    expect(matchTruth([], [], defaultRule)).toEqual({ matched: [], missed: [], extra: [] });
    expect(matchTruth([truth("t1", [0, 0, 1, 1])], [], defaultRule).missed).toHaveLength(1);
    expect(matchTruth([], [detection("e1", [0, 0, 1, 1])], defaultRule).extra).toHaveLength(1);
  });
});

/** Written anew for the test: by intervals instead of areas. */
function overlap([ax1, ay1, ax2, ay2]: BBox, [bx1, by1, bx2, by2]: BBox): number {
  const span = (a1: number, a2: number, b1: number, b2: number) => Math.max(0, Math.min(a2, b2) - Math.max(a1, b1));
  const both = span(ax1, ax2, bx1, bx2) * span(ay1, ay2, by1, by2);
  return both / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - both);
}

/** The most pairs that any assignment reaches, by trying them all. */
function mostPairs(known: readonly TruthElement[], found: readonly Detection[], minIou: number): number {
  const [first, ...rest] = found;
  if (first === undefined) return 0;
  const without = mostPairs(known, rest, minIou);
  const withFirst = known
    .filter(({ bbox }) => overlap(bbox, first.bbox) >= minIou)
    .map(
      (taken) =>
        1 +
        mostPairs(
          known.filter((each) => each !== taken),
          rest,
          minIou,
        ),
    );
  return Math.max(without, ...withFirst);
}

const confidence = fc.double({ min: 0, max: 1, noNaN: true });
const side = fc.integer({ min: 1, max: 12 });
const anyBox = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }), side, side)
  .map(([x, y, w, h]): BBox => [x, y, x + w, y + h]);
const anyTruths = fc
  .array(anyBox, { maxLength: 5 })
  .map((boxes) => boxes.map((bbox, index) => truth(`t${index}`, bbox)));
const anyDetections = fc
  .array(fc.tuple(anyBox, confidence), { maxLength: 6 })
  .map((all) => all.map(([bbox, sure], index) => detection(`e${index}`, bbox, sure)));

describe("greedy matching beside the best of all assignments", () => {
  it("reaches it where known elements do not overlap and a match covers more than half", () => {
    // Cells of 14 px in a row hold one element each; detections lie anywhere over them.
    const known = fc
      .array(fc.tuple(side, side), { maxLength: 5 })
      .map((sizes) => sizes.map(([w, h], index) => truth(`t${index}`, [index * 14, 0, index * 14 + w, h])));
    const found = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 3 }), side, side, confidence), {
        maxLength: 7,
      })
      .map((all) => all.map(([x, y, w, h, sure], index) => detection(`e${index}`, [x, y, x + w, y + h], sure)));
    fc.assert(
      fc.property(known, found, fc.double({ min: 0.501, max: 0.95, noNaN: true }), (truths, detections, minIou) => {
        const { matched } = matchTruth(truths, detections, { ...defaultRule, minIou });
        expect(matched.length).toBe(mostPairs(truths, detections, minIou));
      }),
      { numRuns: 400 },
    );
  });

  it("never exceeds it, reaches at least half of it, and puts everything in one list", () => {
    fc.assert(
      fc.property(anyTruths, anyDetections, fc.constantFrom(0.1, 0.3, 0.5, 0.75), (truths, detections, minIou) => {
        const { matched, missed, extra } = matchTruth(truths, detections, { ...defaultRule, minIou });
        const best = mostPairs(truths, detections, minIou);
        expect(matched.length).toBeLessThanOrEqual(best);
        expect(matched.length * 2).toBeGreaterThanOrEqual(best);
        expect(ids([...matched.map((pair) => pair.truth), ...missed]).sort()).toEqual(ids(truths).sort());
        expect(ids([...matched.map((pair) => pair.detection), ...extra]).sort()).toEqual(ids(detections).sort());
        for (const pair of matched) expect(pair.iou).toBeCloseTo(overlap(pair.truth.bbox, pair.detection.bbox), 12);
      }),
      { numRuns: 400 },
    );
  });
});

describe("metrics", () => {
  const row = (count: number, gap: number, label: string) =>
    Array.from({ length: count }, (_, index) =>
      truth(`${label}${index}`, [index * gap, 0, index * gap + 10, 10], label),
    );
  const first = matchTruth(
    row(4, 50, "button"),
    [
      detection("e1", [0, 0, 10, 10]),
      detection("e2", [50, 0, 60, 8]),
      detection("e3", [100, 0, 110, 6]),
      detection("e4", [300, 0, 310, 10], 0.9, "link"),
    ],
    defaultRule,
  );
  const second = matchTruth(row(1, 50, "link"), [detection("e1", [0, 0, 10, 10], 0.5, "button")], defaultRule);

  it("equal those computed by hand", () => {
    // 3 of 4 found with 1, 0.8 and 0.6; one false one.
    expect(measure([first])).toEqual({
      matched: 3,
      missed: 1,
      extra: 1,
      precision: 0.75,
      recall: 0.75,
      f1: 0.75,
      meanIou: expect.closeTo(0.8, 12),
    });
    // Together: 4 matched, 1 missed, 1 extra.
    expect(measure([first, second])).toEqual({
      matched: 4,
      missed: 1,
      extra: 1,
      precision: 0.8,
      recall: 0.8,
      f1: 0.8,
      meanIou: expect.closeTo(3.4 / 4, 12),
    });
    expect(macroMean([measure([first]), measure([second])])).toEqual({
      precision: 0.875,
      recall: 0.875,
      f1: 0.875,
      meanIou: expect.closeTo(0.9, 12),
    });
  });

  it("are told apart by label", () => {
    const [buttons, links] = measureLabels([first, second]);
    expect(buttons).toMatchObject({ label: "button", matched: 3, missed: 1, extra: 0, precision: 1, recall: 0.75 });
    expect(links).toMatchObject({ label: "link", matched: 1, missed: 0, extra: 1, precision: 0.5, recall: 1 });
  });

  it("say null where a figure has no meaning, and leave it out of means", () => {
    const nothing = { matched: [], missed: [], extra: [] };
    expect(measure([nothing])).toEqual({
      matched: 0,
      missed: 0,
      extra: 0,
      precision: null,
      recall: null,
      f1: null,
      meanIou: null,
    });
    const known = [truth("t1", [0, 0, 1, 1])];
    expect(measure([{ ...nothing, missed: known }])).toMatchObject({
      precision: null,
      recall: 0,
      f1: 0,
      meanIou: null,
    });
    const found = [detection("e1", [0, 0, 1, 1])];
    expect(measure([{ ...nothing, extra: found }])).toMatchObject({ precision: 0, recall: null, f1: 0, meanIou: null });
    expect(macroMean([measure([nothing]), measure([second])])).toEqual({ precision: 1, recall: 1, f1: 1, meanIou: 1 });
    expect(macroMean([])).toEqual({ precision: null, recall: null, f1: null, meanIou: null });
  });
});

describe("mistakes", () => {
  const known = [truth("low", [0, 200, 100, 240], "button"), truth("high", [0, 0, 100, 40], "tab")];
  const found = [detection("e1", [40, 200, 140, 240]), detection("e2", [300, 100, 340, 120])];
  const mistakes = mistakesOf(matchTruth(known, found, { ...defaultRule, minIou: 0.6 }));

  it("come in reading order with what lies nearest", () => {
    expect(ids(mistakes)).toEqual(["missed-high", "extra-e2", "missed-low", "extra-e1"]);
    expect(mistakes[0]?.nearest).toBeUndefined();
    // 60 x 40 of a union of 140 x 40.
    expect(mistakes[2]?.nearest).toEqual({ label: "button", iou: expect.closeTo(60 / 140, 12), taken: false });
  });

  it("are gone through forwards and backwards, around the ends", () => {
    const step = (from: string | undefined, by: 1 | -1) => nextMistake(mistakes, from, by)?.id;
    expect(step(undefined, 1)).toBe("missed-high");
    expect(step(undefined, -1)).toBe("extra-e1");
    expect(step("missed-high", 1)).toBe("extra-e2");
    expect(step("extra-e1", 1)).toBe("missed-high");
    expect(step("missed-high", -1)).toBe("extra-e1");
    expect(nextMistake([], undefined, 1)).toBeUndefined();
  });
});

describe("a run beside its truth", () => {
  const known: Truth = {
    format: "screenspot",
    source: "web.json",
    elements: [
      { ...truth("t1", [0, 0, 10, 10]), text: "Open settings" },
      { ...truth("t2", [50, 0, 60, 10]), text: "Close" },
    ],
  };
  const run = { mode: "detect" as const, detections: [detection("e1", [0, 0, 10, 10], 0.6)], belowThreshold: [] };

  it("is held against what it was asked for", () => {
    expect(measure([evaluateRun(known, run, defaultRule)])).toMatchObject({ matched: 1, missed: 1 });
    const located = { ...run, mode: "locate" as const, target: "open settings " };
    expect(measure([evaluateRun(known, located, defaultRule)])).toMatchObject({ matched: 1, missed: 0 });
    const other = { ...located, target: "something else" };
    expect(measure([evaluateRun(known, other, defaultRule)])).toMatchObject({ matched: 1, missed: 1 });
  });

  it("counts what a chosen confidence lets in, also from below the run's own threshold", () => {
    const more = { ...run, belowThreshold: [detection("e2", [50, 0, 60, 10], 0.2)] };
    const matched = (minConfidence?: number) => evaluateRun(known, more, defaultRule, minConfidence).matched.length;
    expect([matched(), matched(0.1), matched(0.5), matched(0.7)]).toEqual([1, 2, 1, 0]);
  });
});
