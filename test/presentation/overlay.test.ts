import { describe, expect, it } from "vitest";
import type { BBox } from "../../app/contract/index.ts";
import { layOutOverlay, overlayBoxes } from "../../app/presentation/overlay.ts";
import { type BoxFixture, gridOfBoxes, makeRun } from "../support/run-fixtures.ts";

const screen = { width: 1280, height: 800 };
const boxesOf = (boxes: readonly BoxFixture[]) => overlayBoxes(makeRun({ boxes }).detections);
const apart = (a: BBox, b: BBox) => a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];

describe("the layout of a picture with boxes", () => {
  it("keeps tags inside the image and apart from each other", () => {
    const { tags } = layOutOverlay(boxesOf(gridOfBoxes(60, screen)), screen);
    expect(tags).toHaveLength(60);
    tags.forEach(({ area }, index) => {
      expect(area[0]).toBeGreaterThanOrEqual(0);
      expect(area[2]).toBeLessThanOrEqual(screen.width);
      expect(area[1]).toBeGreaterThanOrEqual(0);
      expect(area[3]).toBeLessThanOrEqual(screen.height);
      expect(tags.slice(index + 1).filter((other) => !apart(area, other.area))).toEqual([]);
    });
  });

  it("names each element by the number in its id, with its label where there is room", () => {
    const [alone] = layOutOverlay(boxesOf([{ bbox: [100, 100, 200, 140], label: "menu_item" }]), screen).tags;
    expect(alone).toMatchObject({ text: "1 menu item", color: "#a24c35", ink: "#ffffff" });
    // A toolbar: each button's neighbours leave room for a number only.
    const bar = Array.from({ length: 8 }, (_, index): { bbox: BBox } => ({
      bbox: [100 + 34 * index, 100, 130 + 34 * index, 130],
    }));
    const { tags } = layOutOverlay(boxesOf(bar), screen);
    expect(tags.map(({ text }) => text.split(" ")[0])).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
    expect(tags.filter(({ text }) => text.includes("button")).length).toBeLessThan(8);
  });

  it("hides no control where there is a free place beside it", () => {
    const boxes = boxesOf([
      { bbox: [100, 100, 260, 130], label: "input" },
      { bbox: [100, 140, 113, 153], label: "checkbox" },
      { bbox: [120, 138, 260, 155], label: "text" },
      { bbox: [100, 165, 180, 195], label: "button" },
    ]);
    for (const { area } of layOutOverlay(boxes, screen).tags) {
      expect(boxes.filter(({ bbox }) => !apart(area, bbox))).toEqual([]);
    }
  });

  it("writes larger on larger screens, and on a long page as on the screens it is made of", () => {
    const unit = (width: number, height: number) => layOutOverlay([], { width, height }).unit;
    expect(unit(3840, 2160)).toBeGreaterThan(unit(1280, 800) * 1.5);
    expect(unit(1280, 13_821)).toBe(unit(1280, 1280));
    const [tag] = layOutOverlay(boxesOf([{ bbox: [100, 100, 200, 140] }]), { width: 1280, height: 13_821 }).tags;
    expect((tag?.area[3] ?? 0) - (tag?.area[1] ?? 0)).toBeLessThanOrEqual(20);
  });

  it("cuts a label that is a sentence, and leaves out tags without text or larger than the image", () => {
    const [long] = layOutOverlay(boxesOf([{ bbox: [0, 0, 9, 9], label: "x".repeat(500) }]), screen).tags;
    expect(long?.text).toHaveLength(32);
    expect(layOutOverlay([{ bbox: [0, 0, 9, 9], tag: "", color: "#000000" }], screen).tags).toEqual([]);
    expect(layOutOverlay(boxesOf([{ bbox: [0, 0, 9, 9] }]), { width: 8, height: 8 }).tags).toEqual([]);
  });
});
