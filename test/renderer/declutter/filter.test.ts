import { describe, expect, it } from "vitest";
import {
  applyFilter,
  type Filter,
  type Found,
  labelCounts,
  openFilter,
} from "../../../renderer/logic/declutter/filter.ts";
import { confidenceHistogram } from "../../../renderer/logic/declutter/histogram.ts";
import { detection } from "../records.ts";

const found: Found = {
  detections: [
    { ...detection("e1"), confidence: 0.9, text: "Save changes" },
    { ...detection("e2"), label: "menu_item", confidence: 0.6 },
    { ...detection("e3"), label: "Menu item", confidence: 0.7 },
    { ...detection("e4"), confidence: 0.4 },
  ],
  belowThreshold: [{ ...detection("e5"), confidence: 0.2 }],
};

function left(change: Partial<Filter>): readonly string[] {
  return applyFilter(found, { ...openFilter, ...change }).items.map(({ id }) => id);
}

describe("the filter", () => {
  it("leaves what the run kept as long as nothing is set", () => {
    expect(left({})).toEqual(["e1", "e2", "e3", "e4"]);
  });

  it("shows elements below the run's threshold when the slider goes below it, and marks them", () => {
    expect(left({ minConfidence: 0.65 })).toEqual(["e1", "e3"]);
    const visible = applyFilter(found, { ...openFilter, minConfidence: 0.1 });
    expect(visible.items.map(({ id }) => id)).toEqual(["e1", "e2", "e3", "e4", "e5"]);
    expect([...visible.below]).toEqual(["e5"]);
  });

  it("hides a label in all its spellings", () => {
    expect(left({ hiddenLabels: ["menu_item"] })).toEqual(["e1", "e4"]);
  });

  it("finds words in label, text and id", () => {
    expect(left({ text: "menu item" })).toEqual(["e2", "e3"]);
    expect(left({ text: "SAVE button" })).toEqual(["e1"]);
    expect(left({ text: "e4" })).toEqual(["e4"]);
  });

  it("keeps the most confident ones in the model's order", () => {
    expect(left({ maxCount: 2 })).toEqual(["e1", "e3"]);
    expect(left({ maxCount: 0 })).toEqual([]);
  });

  it("shows only chosen elements whatever else is set", () => {
    expect(left({ only: ["e4", "e5"], text: "nothing has this", hiddenLabels: ["button"] })).toEqual(["e4", "e5"]);
  });
});

describe("the counts of labels", () => {
  const counts = (change: Partial<Filter>) =>
    labelCounts(found, { ...openFilter, ...change }).map(({ key, count }) => `${key} ${count}`);

  it("are of what passes the other filters, and hiding a label changes none", () => {
    expect(counts({})).toEqual(["button 2", "menu_item 2"]);
    expect(counts({ hiddenLabels: ["button"] })).toEqual(["button 2", "menu_item 2"]);
    expect(counts({ minConfidence: 0.1 })).toEqual(["button 3", "menu_item 2"]);
    expect(counts({ text: "save" })).toEqual(["button 1", "menu_item 0"]);
  });
});

describe("the histogram", () => {
  it("counts every element once, those below the threshold apart, also at both ends", () => {
    const edges: Found = {
      detections: [
        { ...detection("one"), confidence: 1 },
        { ...detection("half"), confidence: 0.5 },
      ],
      belowThreshold: [{ ...detection("zero"), confidence: 0 }],
    };
    const { bins, highest } = confidenceHistogram(edges, 10);
    expect(bins).toHaveLength(10);
    expect(highest).toBe(1);
    expect(bins[0]).toEqual({ from: 0, to: 0.1, kept: 0, below: 1 });
    expect(bins[5]).toMatchObject({ from: 0.5, kept: 1 });
    expect(bins[9]).toMatchObject({ to: 1, kept: 1 });
  });

  it("of nothing is flat", () => {
    expect(confidenceHistogram({ detections: [], belowThreshold: [] }).highest).toBe(0);
  });
});
