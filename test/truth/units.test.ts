import { describe, expect, it } from "vitest";
import type { ImageRef } from "../../app/contract/index.ts";
import { type Placement, placeTruth, type TruthChoice } from "../../app/truth/place.ts";
import { readTruth, readTruthValue } from "../../app/truth/read-truth.ts";
import { unitName, unitNamed, unitNames } from "../../app/truth/units.ts";
import { imageRef } from "../renderer/records.ts";
import { coco, page, pageBoxes, pageElements, readable } from "../support/truth-formats.ts";

function shot(width: number, height: number, name = "page.png"): ImageRef {
  return { ...imageRef("c", name), width, height };
}
const single = shot(page.width, page.height);
const double = shot(2 * page.width, 2 * page.height);

/** COCO without sizes, each number of a box changed. */
function cocoIn(change: (side: number, index: number) => number): unknown {
  const text = coco(
    (entry) => ({ ...entry, bbox: (entry.bbox as number[]).map(change) }),
    (file) => ({ ...file, images: [{ id: 1, file_name: page.name }] }),
  );
  return JSON.parse(text);
}
const parts = (of: number) => cocoIn((side, index) => (side * of) / (index % 2 === 0 ? page.width : page.height));

const place = (value: unknown, image: ImageRef, choice?: TruthChoice) =>
  placeTruth(readTruthValue(value, "labels.json"), [image], image, choice);

/** The doubt, and the boxes that the best reading makes. */
function doubted({ placed, doubts }: Placement, scale = 1): string {
  expect(placed).toEqual([]);
  const [doubt] = doubts;
  const best = doubt?.readings[0]?.truth.elements.map(({ bbox }) =>
    bbox.map((side) => Math.round((side / scale) * 100) / 100),
  );
  expect(best).toEqual(pageBoxes.map((box) => box.map((side) => Math.round(side * 100) / 100)));
  return `${doubt?.reason}: ${doubt?.readings[0]?.text}`;
}

describe("a unit that cannot be right is asked about, with the right one first", () => {
  it("CSS px on a screenshot at scale 2: all in one quarter", () => {
    const said = doubted(
      place(
        cocoIn((side) => side),
        double,
      ),
      2,
    );
    expect(said).toMatch(/upper left quarter.*: CSS px, each 2 px/);
  });

  it("px of the screenshot at scale 2 on one that was shrunk: beyond its edges", () => {
    expect(
      doubted(
        place(
          cocoIn((side) => 2 * side),
          single,
        ),
      ),
    ).toMatch(/beyond the screenshot's edges.*2 times as large/);
  });

  it("fractions: all below 1 px", () => {
    expect(doubted(place(parts(1), single))).toMatch(/all 13 boxes are smaller than 1 px: fractions/);
  });

  it("percent", () => {
    expect(doubted(place(parts(100), double), 2)).toMatch(/: percent/);
  });

  it("thousandths, on small and large screenshots", () => {
    const qwen = pageElements.map(({ x, y, w, h, label }) => ({
      bbox_2d: [x / 1.28, y / 0.8, (x + w) / 1.28, (y + h) / 0.8],
      label,
    }));
    expect(doubted(place(qwen, single))).toMatch(/: thousandths/);
    expect(doubted(place(qwen, double), 2)).toMatch(/between 0 and 1000.*: thousandths/);
  });

  it("corners where the format has width and height", () => {
    const corners = JSON.parse(coco((entry, index) => ({ ...entry, bbox: pageBoxes[index] })));
    expect(doubted(place(corners, single))).toMatch(/beyond.*two corners/);
  });

  it("an image of another shape: stretched, as Roboflow does, or another picture", () => {
    const resized = parts(640) as { images: object[] };
    const file = { ...resized, images: [{ id: 1, file_name: page.name, width: 640, height: 640 }] };
    expect(doubted(place(file, single))).toMatch(
      /made for an image of 640 × 640 px, and the screenshot has 1,280 × 800 px.*stretched/,
    );
  });

  it("the last reading offered is the usual one, and none has the same words as another", () => {
    const { doubts } = place(
      cocoIn((side) => side),
      double,
    );
    const texts = doubts[0]?.readings.map(({ text }) => text) ?? [];
    expect(texts.at(-1)).toBe("px of the screenshot; x, y, width, height");
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBeLessThanOrEqual(5);
  });
});

describe("a choice", () => {
  it("is taken as it is, and remembered in the truth", () => {
    const unit = unitNamed("css-2");
    const { placed, doubts } = place(
      cocoIn((side) => side),
      double,
      { unit },
    );
    expect(doubts).toEqual([]);
    expect(placed[0]?.truth.reading).toBe("CSS px, each 2 px of the screenshot; x, y, width, height");
    expect(placed[0]?.truth.elements[0]?.bbox).toEqual([40, 61, 2520, 127]);
  });

  it("of px confirms what looked improbable", () => {
    const { placed, doubts } = place(
      cocoIn((side) => side),
      double,
      { unit: { of: "px" } },
    );
    expect(doubts).toEqual([]);
    expect(placed[0]?.truth.elements[0]?.bbox).toEqual([20, 30.5, 1260, 63.5]);
  });

  it("has a name for each unit, and refuses others", () => {
    for (const name of unitNames) {
      const unit = unitNamed(name);
      expect(unit === undefined ? undefined : unitName(unit)).toBe(name);
    }
    expect(unitNamed("css-1.75")).toEqual({ of: "css", scale: 1.75 });
    for (const name of ["", "em", "css-0", "css-", "css-2x", "PX"]) expect(unitNamed(name)).toBeUndefined();
  });
});

describe("what is right is not asked about", () => {
  it.each(readable)("$what", async ({ file, text, image = page.name }) => {
    const shown = shot(page.width, page.height, image);
    const document = await readTruth({ name: file, text });
    const byHand = document.images[0] === undefined ? undefined : { image: document.images[0], imageId: shown.id };
    expect(placeTruth(document, [shown], shown, { byHand }).doubts).toEqual([]);
  });

  it("elements in a corner of one image among others, or too few to tell", () => {
    const file = {
      images: [1, 2].map((id) => ({ id, file_name: `${id}.png` })),
      annotations: [
        ...[10, 50, 90].map((x) => ({ image_id: 1, bbox: [x, 10, 20, 20] })),
        ...[10, 1000, 2000].map((x) => ({ image_id: 2, bbox: [x, 1000, 20, 20] })),
      ],
    };
    const open = [
      { ...shot(2560, 1600, "1.png"), id: "1".repeat(64) },
      { ...shot(2560, 1600, "2.png"), id: "2".repeat(64) },
    ];
    expect(placeTruth(readTruthValue(file, "t.json"), open, open[0]).doubts).toEqual([]);
    const few = { ...file, images: file.images.slice(0, 1), annotations: file.annotations.slice(0, 2) };
    expect(placeTruth(readTruthValue(few, "t.json"), open, open[0]).doubts).toEqual([]);
  });

  it("a page that goes on below the screenshot", () => {
    const list = [40, 500, 900, 1700, 2600].map((y) => ({ tag: "a", rect: { x: 10, y, width: 900, height: 20 } }));
    const { placed, doubts } = place(list, single);
    expect(doubts).toEqual([]);
    expect(placed[0]?.truth.elements).toHaveLength(2);
    expect(placed[0]?.truth.skipped).toEqual([{ reason: "outside the screenshot", count: 3 }]);
  });

  it("one bad box among many is cut, not asked about", () => {
    const text = coco((entry, index) => (index === 0 ? { ...entry, bbox: [20, 30, 5000, 33] } : entry));
    const { placed, doubts } = place(JSON.parse(text), single);
    expect(doubts).toEqual([]);
    expect(placed[0]?.truth.elements[0]?.bbox).toEqual([20, 30, 1280, 63]);
  });

  it("a DOM export that tells its scale", () => {
    const elements = [
      { role: "textbox", name: "E-mail", boundingBox: { x: 10, y: 20, width: 100, height: 30 } },
      { tagName: "A", text: "Help", boundingBox: { x: 450, y: 0, width: 100, height: 10 } },
      { role: "button", name: "hidden", boundingBox: null },
      { role: "button", name: "scrolled out", boundingBox: { x: 0, y: -80, width: 50, height: 40 } },
    ];
    const { placed, doubts } = place({ elements, deviceScaleFactor: 2 }, shot(1000, 500));
    expect(doubts).toEqual([]);
    expect(placed[0]?.truth).toMatchObject({
      elements: [
        { id: "t1", label: "input", text: "E-mail", bbox: [20, 40, 220, 100] },
        { id: "t2", label: "link", text: "Help", bbox: [900, 0, 1000, 20] },
      ],
      skipped: [{ reason: "outside the screenshot", count: 1 }],
    });
  });
});
