import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LabelRequest, type PlacedLabel, placeLabels } from "../../../renderer/model/canvas/place-labels.ts";

const view = { width: 900, height: 600 };
const size = { width: 60, height: 16 };

function request(id: string, bbox: LabelRequest["bbox"], more: Partial<LabelRequest> = {}): LabelRequest {
  return { id, bbox, ...size, ...more };
}

function overlapping(placed: readonly PlacedLabel[], requests: readonly LabelRequest[]): string[] {
  const areas = placed.map(({ id, left, top }) => {
    const { width = 0, height = 0 } = requests.find((each) => each.id === id) ?? {};
    return { id, left, top, right: left + width, bottom: top + height };
  });
  return areas.flatMap((a, index) =>
    areas
      .slice(index + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `${a.id} ${b.id}`),
  );
}

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
          request(`e${index}`, [x, y, x + width, y + height], { width: labelWidth, important }),
        );
        const placed = placeLabels(requests, view);
        expect(overlapping(placed, requests)).toEqual([]);
        for (const { id, left, top } of placed) {
          const width = requests.find((each) => each.id === id)?.width ?? Number.NaN;
          expect(left).toBeGreaterThanOrEqual(0);
          expect(top).toBeGreaterThanOrEqual(0);
          expect(left + width).toBeLessThanOrEqual(view.width);
          expect(top + size.height).toBeLessThanOrEqual(view.height);
        }
      }),
    );
  });

  it("prefers the place above the box, and takes the one below when that is taken", () => {
    const first = request("first", [100, 100, 180, 140]);
    expect(placeLabels([first], view)).toEqual([{ id: "first", left: 100, top: 84 }]);
    const inner = request("inner", [100, 100, 150, 110]);
    expect(placeLabels([inner, first], view)).toEqual([
      { id: "inner", left: 100, top: 84 },
      { id: "first", left: 100, top: 140 },
    ]);
  });

  it("leaves a label out that finds no room, and gives earlier ones the choice", () => {
    const crowd = Array.from({ length: 60 }, (_, index) => request(`e${index}`, [300, 300, 340, 312]));
    const placed = placeLabels(crowd, view);
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
    expect(placeLabels([crowded, ...around], view)).toEqual([]);
    expect(placeLabels([{ ...crowded, important: true }, ...around], view)).toHaveLength(1);
  });

  it("lies upon a card without hesitation", () => {
    const card = request("card", [50, 50, 700, 500]);
    expect(placeLabels([card, request("in", [300, 300, 380, 320])], view)).toContainEqual({
      id: "in",
      left: 300,
      top: 284,
    });
  });

  it("gives boxes out of view none, and keeps the label of a box that is cut by the edge in sight", () => {
    expect(placeLabels([request("out", [-50, -50, -10, -10])], view)).toEqual([]);
    expect(placeLabels([request("cut", [-200, 200, 50, 260])], view)).toEqual([{ id: "cut", left: 0, top: 184 }]);
  });
});
