import { describe, expect, it } from "vitest";
import { accuracyOf, columnsOf } from "../../../app/truth/click/columns.ts";
import { type ClickTarget, isRight, scaleTo } from "../../../app/truth/click/items.ts";
import { publishedRows } from "../../../app/truth/click/published.ts";
import { wilsonInterval } from "../../../app/truth/click/wilson.ts";

const box: ClickTarget = { kind: "box", box: [10, 20, 30, 40] };
/** A triangle with a right angle at its upper left. */
const triangle: ClickTarget = {
  kind: "polygon",
  corners: [
    [0, 0],
    [10, 0],
    [0, 10],
  ],
};

describe("an answer", () => {
  it.each([
    [[10, 20], true],
    [[30, 40], true],
    [[20, 30], true],
    [[9.9, 30], false],
    [[20, 40.1], false],
  ] as const)("at %j of a box is right: %j", (point, right) => {
    expect(isRight(box, [...point], [1, 1])).toBe(right);
  });

  it("is held against the px that the annotation was made for", () => {
    const scale = scaleTo({ width: 100, height: 50 }, { width: 200, height: 100 });
    expect(scale).toEqual([2, 2]);
    expect(isRight(box, [60, 80], scale ?? [1, 1])).toBe(true);
    expect(isRight(box, [61, 80], scale ?? [1, 1])).toBe(false);
    expect(scaleTo({ width: 100, height: 50 }, { width: 100, height: 100 })).toBeUndefined();
  });

  it("in a polygon is inside its edges, not inside the box around it", () => {
    expect(isRight(triangle, [2, 2], [1, 1])).toBe(true);
    expect(isRight(triangle, [8, 8], [1, 1])).toBe(false);
    expect(isRight(triangle, [-1, 2], [1, 1])).toBe(false);
  });

  it("of nothing is right where nothing is to be found, and only there", () => {
    expect(isRight({ kind: "nothing" }, undefined, [1, 1])).toBe(true);
    expect(isRight({ kind: "nothing" }, [1, 1], [1, 1])).toBe(false);
    expect(isRight(box, undefined, [1, 1])).toBe(false);
  });
});

describe("Wilson's interval", () => {
  it.each([
    [8, 10],
    [1, 564],
    [916, 1581],
  ])("of %i of %i ends where the part is 1.96 standard errors away", (correct, items) => {
    const [low, high] = wilsonInterval(correct, items) ?? [0, 0];
    const part = correct / items;
    expect(low).toBeLessThan(part);
    expect(high).toBeGreaterThan(part);
    for (const end of [low, high]) {
      expect(Math.abs(part - end) / Math.sqrt((end * (1 - end)) / items)).toBeCloseTo(1.96, 3);
    }
  });

  it("of none or all ends at 0 or 1 and says something all the same", () => {
    expect(wilsonInterval(0, 10)?.[0]).toBe(0);
    expect(wilsonInterval(0, 10)?.[1]).toBeCloseTo(0.2775, 4);
    expect(wilsonInterval(10, 10)?.[1]).toBe(1);
    expect(wilsonInterval(10, 10)?.[0]).toBeCloseTo(1 - 0.2775, 4);
  });

  it("has no meaning without items", () => {
    expect(wilsonInterval(0, 0)).toBeUndefined();
    expect(accuracyOf([])).toEqual({ correct: 0, items: 0, errors: 0, accuracy: null, low: null, high: null });
  });
});

const item = (group: string, correct: boolean, failed = false) => ({ groups: [group], correct, failed });

describe("the columns", () => {
  it("are those of ScreenSpot's paper, whose average counts each column the same", () => {
    const items = [
      item("mobile text", true),
      item("mobile text", true),
      item("mobile icon", false),
      ...["desktop text", "desktop icon", "web text", "web icon"].map((name) => item(name, true)),
    ];
    const { columns, columnMean } = columnsOf("screenspot-v2", items);
    expect(columns.map(({ name }) => name)).toEqual([
      ...["mobile text", "mobile icon", "desktop text", "desktop icon", "web text", "web icon"],
      "all",
    ]);
    expect(columnMean).toBeCloseTo(5 / 6);
    expect(columns.at(-1)).toMatchObject({ correct: 6, items: 7 });
    expect(columnsOf("screenspot-v2", items.slice(0, 3)).columnMean).toBeUndefined();
  });

  it("count an item without an answer as wrong, and tell of it", () => {
    const { columns } = columnsOf("own", [item("button", true), item("button", false, true)]);
    expect(columns).toMatchObject([
      { name: "button", correct: 1, items: 2, errors: 1, accuracy: 0.5 },
      { name: "all", correct: 1, items: 2, errors: 1 },
    ]);
  });
});

describe("published figures", () => {
  it("are shown beside the very same dataset and split only", () => {
    const named = (...of: Parameters<typeof publishedRows>) => publishedRows(...of).map(({ model }) => model);
    expect(named("screenspot-pro", undefined, 1581)).toContain("Holo1.5-7B");
    expect(named("screenspot-pro", undefined, 1580)).toEqual([]);
    expect(named("screenspot", undefined, 1272)).toContain("SeeClick");
    expect(named("screenspot-v2", undefined, 1272)).not.toContain("SeeClick");
    expect(named("osworld-g", "original instructions", 564)).toContain("Jedi-7B");
    expect(named("osworld-g", "refined instructions", 564)).toEqual([]);
    expect(named("own", undefined, 1272)).toEqual([]);
  });

  it("name columns that the report has, their source and its date", () => {
    const datasets = [
      ["screenspot", 1272],
      ["screenspot-v2", 1272],
      ["screenspot-pro", 1581],
    ] as const;
    for (const [dataset, items] of datasets) {
      const names = new Set([...columnsOf(dataset, []).columns.map(({ name }) => name), "mean"]);
      for (const row of publishedRows(dataset, undefined, items)) {
        expect(Object.keys(row.percent).filter((name) => !names.has(name))).toEqual([]);
        expect(row.source).not.toBe("");
        expect(row.date).toMatch(/^20\d\d/);
      }
    }
  });

  it("agree with themselves: a whole lies between its parts", () => {
    const columns = [
      "CAD text",
      "CAD icon",
      "OS text",
      "OS icon",
      "Office text",
      "Office icon",
      "Dev text",
      "Dev icon",
    ];
    for (const { percent } of publishedRows("screenspot-pro", undefined, 1581)) {
      const parts = columns.flatMap((name) => percent[name] ?? []);
      if (parts.length === 0) continue;
      expect(percent.all).toBeGreaterThan(Math.min(...parts));
      expect(percent.all).toBeLessThan(Math.max(...parts));
    }
  });
});
