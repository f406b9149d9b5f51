import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BBox, type Detection, matchDetections } from "../../app/contract/index.ts";
import {
  boxOf,
  countKinds,
  differenceLabel,
  differencesAt,
  differencesOf,
  movementText,
} from "../../renderer/logic/compare/differences.ts";
import { boxesOfA, boxesOfB } from "../support/compared-runs.ts";
import { type BoxFixture, detectionFixture } from "../support/run-fixtures.ts";

const size = { width: 1280, height: 800 };
const element = (id: string, label: string, bbox: BBox): Detection => ({
  ...detectionFixture({ label, bbox }, 1, size),
  id,
});
const elements = (boxes: readonly BoxFixture[]) => boxes.map((each, index) => detectionFixture(each, index + 1, size));
const ids = (list: readonly Detection[]) => list.map(({ id }) => id);
const box = fc
  .tuple(fc.nat(900), fc.nat(700), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100 }))
  .map(([x, y, w, h]): BBox => [x, y, x + w, y + h]);
const list = fc
  .array(box, { maxLength: 12 })
  .map((boxes) => boxes.map((bbox, index) => element(`e${index}`, "button", bbox)));

describe("matching", () => {
  it("pairs the best overlap first, each element once", () => {
    const a = [element("a1", "button", [0, 0, 100, 100]), element("a2", "button", [20, 0, 120, 100])];
    const b = [element("b1", "button", [18, 0, 118, 100])];
    const { pairs, onlyA, onlyB } = matchDetections(a, b);
    expect(pairs.map((pair) => [pair.a.id, pair.b.id])).toEqual([["a2", "b1"]]);
    expect(ids(onlyA)).toEqual(["a1"]);
    expect(onlyB).toEqual([]);
  });

  it("takes an overlap of exactly the threshold and prefers the same label among equals", () => {
    const a = [element("a1", "button", [0, 0, 10, 10])];
    const half: BBox = [0, 0, 5, 10];
    const b = [element("b1", "link", half), element("b2", "button", half)];
    expect(matchDetections(a, b).pairs.map((pair) => pair.b.id)).toEqual(["b2"]);
    expect(matchDetections(a, b, 0.51).pairs).toEqual([]);
  });

  it("pairs click points however far they lie apart", () => {
    const at = (id: string, x: number, y: number): Detection => ({
      ...element(id, "target", [x - 4, y - 4, x + 4, y + 4]),
      point: [x, y],
    });
    const [found] = differencesOf([at("a", 100, 100)], [at("b", 130, 140)]);
    expect(found).toMatchObject({ kind: "moved", movedPx: 50, iou: 0 });
  });

  it("loses and doubles no element", () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const { pairs, onlyA, onlyB } = matchDetections(a, b);
        expect(new Set([...pairs.map((pair) => pair.a.id), ...ids(onlyA)]).size).toBe(a.length);
        expect(new Set([...pairs.map((pair) => pair.b.id), ...ids(onlyB)]).size).toBe(b.length);
        expect(pairs.length + onlyA.length).toBe(a.length);
        expect(pairs.length + onlyB.length).toBe(b.length);
        expect(pairs.every((pair) => pair.iou >= 0.5)).toBe(true);
      }),
    );
  });

  it("finds no difference between a run and itself", () => {
    fc.assert(
      fc.property(list, (a) => {
        expect(countKinds(differencesOf(a, a)).matched).toBe(a.length);
      }),
    );
  });
});

describe("the difference list", () => {
  const found = differencesOf(elements(boxesOfA), elements(boxesOfB));

  it("names exactly what differs", () => {
    expect(found.map((each) => [each.kind, differenceLabel(each), movementText(each)])).toEqual([
      ["label", "link → tab", ""],
      ["moved", "input", "moved 5 px"],
      ["only-a", "checkbox", ""],
      ["only-b", "icon", ""],
      ["matched", "heading", "moved 0.5 px"],
      ["matched", "button", ""],
    ]);
    expect(countKinds(found)).toEqual({ label: 1, moved: 1, "only-a": 1, "only-b": 1, matched: 2 });
  });

  it("is the mirror image when the sides change", () => {
    const mirrored = countKinds(differencesOf(elements(boxesOfB), elements(boxesOfA)));
    const counts = countKinds(found);
    expect(mirrored).toEqual({ ...counts, "only-a": counts["only-b"], "only-b": counts["only-a"] });
  });

  it("calls a box that only grew moved, and says by how much", () => {
    const [grown] = differencesOf(
      [element("a", "button", [100, 100, 200, 200])],
      [element("b", "button", [98, 100, 202, 190])],
    );
    expect(grown?.kind).toBe("moved");
    expect(grown && movementText(grown)).toBe("moved 5 px, 4 px wider, 10 px lower");
  });

  it("encloses both boxes of a pair, and is found by a click in either", () => {
    const moved = found.filter(({ kind }) => kind === "moved");
    expect(moved.map(boxOf)).toEqual([[100, 300, 403, 344]]);
    expect(differencesAt(found, 402, 343, 0)).toEqual(moved);
    expect(differencesAt(found, 1000, 700, 0)).toEqual([]);
  });
});
