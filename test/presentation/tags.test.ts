import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PlacedTag, placeTags, type TagRequest } from "../../app/presentation/tags.ts";

const view = { width: 900, height: 600 };
const size = { width: 60, height: 16 };

function request(id: string, bbox: TagRequest["bbox"], more: Partial<TagRequest> = {}): TagRequest {
  return { id, bbox, ...size, ...more };
}

function overlapping(placed: readonly PlacedTag[]): string[] {
  return placed.flatMap(({ id, area: a }, index) =>
    placed
      .slice(index + 1)
      .filter(({ area: b }) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3])
      .map((other) => `${id} ${other.id}`),
  );
}

/** Where tags begin, which is what the rules are about. */
const corners = (placed: readonly PlacedTag[]) => placed.map(({ id, area: [left, top] }) => ({ id, left, top }));

const boxes = fc.array(
  fc.record({
    x: fc.integer({ min: -100, max: 950 }),
    y: fc.integer({ min: -100, max: 650 }),
    width: fc.integer({ min: 1, max: 300 }),
    height: fc.integer({ min: 1, max: 200 }),
    labelWidth: fc.integer({ min: 10, max: 140 }),
    important: fc.boolean(),
  }),
  { maxLength: 120 },
);

describe("placing labels", () => {
  it("never puts one over another nor beyond the view, whatever the boxes are", () => {
    fc.assert(
      fc.property(boxes, (given) => {
        const requests = given.map(({ x, y, width, height, labelWidth, important }, index) =>
          request(`e${index}`, [x, y, x + width, y + height], {
            width: labelWidth,
            ...(important ? { mayHide: Number.POSITIVE_INFINITY } : {}),
          }),
        );
        const placed = placeTags(requests, view);
        expect(overlapping(placed)).toEqual([]);
        for (const { id, area } of placed) {
          const [left, top, right, bottom] = area;
          const width = requests.find((each) => each.id === id)?.width ?? Number.NaN;
          expect(left).toBeGreaterThanOrEqual(0);
          expect(top).toBeGreaterThanOrEqual(0);
          expect([right, bottom]).toEqual([left + width, top + size.height]);
          expect(right).toBeLessThanOrEqual(view.width);
          expect(bottom).toBeLessThanOrEqual(view.height);
        }
      }),
    );
  });

  it("prefers the place above the box, and takes the one below when that is taken", () => {
    const first = request("first", [100, 100, 180, 140]);
    expect(corners(placeTags([first], view))).toEqual([{ id: "first", left: 100, top: 84 }]);
    const inner = request("inner", [100, 100, 150, 110]);
    expect(corners(placeTags([inner, first], view))).toEqual([
      { id: "inner", left: 100, top: 84 },
      { id: "first", left: 100, top: 140 },
    ]);
  });

  it("leaves a label out that finds no room, and gives earlier ones the choice", () => {
    const crowd = Array.from({ length: 60 }, (_, index) => request(`e${index}`, [300, 300, 340, 312]));
    const placed = placeTags(crowd, view);
    expect(placed.length).toBeGreaterThan(0);
    expect(placed.length).toBeLessThan(8);
    expect(placed[0]?.id).toBe("e0");
  });

  it("hides little of other boxes, unless the label is important", () => {
    const crowded = request("in", [400, 300, 420, 310]);
    // Wider than the view: these boxes get no labels themselves.
    const around = [268, 284, 300, 316].flatMap((y) =>
      [330, 400, 440].map((x) => request(`${x} ${y}`, [x, y, x + 60, y + 14], { width: 2000 })),
    );
    expect(placeTags([crowded, ...around], view)).toEqual([]);
    expect(placeTags([{ ...crowded, mayHide: Number.POSITIVE_INFINITY }, ...around], view)).toHaveLength(1);
  });

  it("lies upon a card without hesitation", () => {
    const card = request("card", [50, 50, 700, 500]);
    expect(corners(placeTags([card, request("in", [300, 300, 380, 320])], view))).toContainEqual({
      id: "in",
      left: 300,
      top: 284,
    });
  });

  it("gives boxes out of view none, and keeps the label of a box that is cut by the edge in sight", () => {
    expect(placeTags([request("out", [-50, -50, -10, -10])], view)).toEqual([]);
    expect(corners(placeTags([request("cut", [-200, 200, 50, 260])], view))).toEqual([
      { id: "cut", left: 0, top: 184 },
    ]);
  });

  it("keeps off tags that have a place already, but not off the one it takes the place of", () => {
    const there = request("there", [100, 100, 180, 140]);
    const taken = placeTags([there], view);
    expect(corners(placeTags([{ ...there, width: 90 }], view, taken))).toEqual([{ id: "there", left: 100, top: 84 }]);
    expect(corners(placeTags([{ ...there, id: "other" }], view, taken))).toEqual([
      { id: "other", left: 100, top: 140 },
    ]);
  });

  it("gives every tag a place that must have one, also where there is none", () => {
    const crowd = Array.from({ length: 60 }, (_, index) =>
      request(`e${index}`, [300, 300, 340, 312], { always: true, mayHide: Number.POSITIVE_INFINITY }),
    );
    expect(placeTags(crowd, view)).toHaveLength(60);
  });

  it("does not hide the box that it names", () => {
    // At the upper edge there is no room above: a tag moved down into the view would lie upon the box.
    expect(corners(placeTags([request("small", [200, 4, 230, 20])], view))).toEqual([
      { id: "small", left: 200, top: 20 },
    ]);
  });
});
