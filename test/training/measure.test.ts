import { expect, it } from "vitest";
import type { Detection } from "../../app/contract/index.ts";
import { type Answered, evaluate, outcome } from "../../training/evaluation/measure.ts";

const found = (id: string, bbox: Detection["bbox"], label: string, confidence: number): Detection => ({
  id,
  bbox,
  label,
  confidence,
  confidenceSource: "token-probability",
  raw: { space: "model-pixels", values: bbox },
});

/** Two buttons and a text: one button hit exactly, one only by a small box at its centre with another label, the text missed. */
const screen: Answered = {
  truth: [
    { bbox: [0, 0, 100, 40], label: "button", interactive: true },
    { bbox: [200, 0, 300, 40], label: "button", interactive: true },
    { bbox: [0, 100, 80, 112], label: "text", interactive: false },
  ],
  found: [
    found("a", [0, 0, 100, 40], "button", 0.9),
    found("b", [240, 10, 260, 30], "icon", 0.7),
    found("c", [500, 500, 509, 509], "icon", 0.1),
  ],
};

it("counts matches, centres and sizes as worked out by hand", () => {
  const figures = evaluate([screen], 0.3);
  expect(figures.iou50).toEqual({ precision: 1 / 2, recall: 1 / 3, f1: 2 / 5 });
  expect(figures.iou50Label.f1).toBe(2 / 5);
  expect(figures.iou75.recall).toBe(1 / 3);
  expect(figures.centreInBox).toBe(1);
  expect(figures.byLabel).toEqual({
    button: { count: 2, recall: 0.5, recallWithLabel: 0.5 },
    text: { count: 1, recall: 0, recallWithLabel: 0 },
  });
  expect(figures.bySize).toEqual({ "under 16 px": { count: 1, recall: 0 }, "32 to 64 px": { count: 2, recall: 0.5 } });
});

it("weighs the distance between confidence and truth by the boxes, also those below the minimum", () => {
  // 0.9 was right (0.1 off), 0.7 and 0.1 were wrong (0.7 and 0.1 off): a third of each.
  expect(evaluate([screen], 0.3).calibrationError).toBeCloseTo(0.3, 10);
  expect(evaluate([{ truth: [], found: [] }], 0.3).calibrationError).toBe(0);
});

it("tells how often boxes of each confidence were right, and nothing of confidences that no box had", () => {
  const told = evaluate([screen], 0.3).reliability.map(({ from, count, correct }) => [from, count, correct]);
  expect(told).toEqual([
    [0.1, 1, 0],
    [0.7, 1, 0],
    [0.9, 1, 1],
  ]);
});

it("tells right boxes from wrong ones, and what was missed", () => {
  const { right, wrong, missed } = outcome(screen);
  expect(right.map(({ id }) => id)).toEqual(["a"]);
  expect(wrong.map(({ id }) => id)).toEqual(["b", "c"]);
  expect(missed).toEqual(screen.truth.slice(1));
});
