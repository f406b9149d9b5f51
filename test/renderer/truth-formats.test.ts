import { describe, expect, it } from "vitest";
import type { ImageRef, Truth } from "../../app/contract/index.ts";
import { truthSchema } from "../../app/contract/index.ts";
import { placeTruth } from "../../renderer/model/truth/place.ts";
import { readTruth, truthKind } from "../../renderer/model/truth/read-truth.ts";
import { imageRef, runRecord } from "./records.ts";

/** 1000 x 500 px. */
const shown = imageRef("a", "Screens/Home.png");
const other = imageRef("b", "login.png");

function truthsOf(value: unknown, open: readonly ImageRef[] = [shown, other]): Readonly<Record<string, Truth>> {
  const { placed } = placeTruth(readTruth(value, "truth.json"), open, open[0]);
  for (const { truth } of placed) truthSchema.parse(truth);
  return Object.fromEntries(placed.map(({ imageId, truth }) => [imageId[0], truth]));
}
const boxes = (truth: Truth | undefined) => truth?.elements.map(({ bbox }) => bbox);

const coco = {
  images: [
    { id: 7, file_name: "shots/home.png", width: 2000, height: 1000 },
    { id: 8, file_name: "login.png" },
    { id: 9, file_name: "absent.png" },
  ],
  annotations: [
    { id: 1, image_id: 7, category_id: 3, bbox: [20, 40, 100, 60], iscrowd: 0 },
    { id: 2, image_id: 7, category_id: 3, bbox: [0, 0, 500, 500], iscrowd: 1 },
    { id: 3, image_id: 8, category_id: 4, bbox: [1, 2, 3, 4] },
  ],
  categories: [
    { id: 3, name: "button" },
    { id: 4, name: "link" },
  ],
};

describe("ground truth files", () => {
  it("COCO: many images by file name, scaled from the annotated size, crowds left out", () => {
    const { a, b } = truthsOf(coco);
    expect(a).toEqual({
      format: "coco",
      source: "truth.json",
      elements: [{ id: "t1", label: "button", bbox: [10, 20, 60, 50] }],
    });
    expect(b?.elements).toEqual([{ id: "t1", label: "link", bbox: [1, 2, 4, 6] }]);
    expect(placeTruth(readTruth(coco, "truth.json"), [shown], shown).waiting.map(({ name }) => name)).toEqual([
      "login.png",
      "absent.png",
    ]);
  });

  it("ScreenSpot: px corner and size, with the instruction as text", () => {
    const entries = [
      { img_filename: "home.png", bbox: [100, 50, 200, 25], instruction: "open settings", data_type: "icon" },
      { img_filename: "home.png", bbox: [0, 0, 1, 1], instruction: "a px", data_type: "text" },
    ];
    expect(truthsOf(entries).a?.elements).toEqual([
      { id: "t1", label: "icon", text: "open settings", bbox: [100, 50, 300, 75] },
      { id: "t2", label: "text", text: "a px", bbox: [0, 0, 1, 1] },
    ]);
  });

  it("ScreenSpot: fractions of the image are two corners", () => {
    const entries = [{ file_name: "home.png", bbox: [0.1, 0.2, 0.5, 1], instruction: "x", data_type: "text" }];
    expect(boxes(truthsOf(entries).a)).toEqual([[100, 100, 500, 500]]);
  });

  it("ScreenSpot-Pro: two corners in px of img_size", () => {
    const entries = [
      {
        img_filename: "home.png",
        bbox: [400, 200, 800, 300],
        img_size: [4000, 2000],
        instruction: "x",
        ui_type: "icon",
      },
    ];
    expect(boxes(truthsOf(entries).a)).toEqual([[100, 50, 200, 75]]);
  });

  it("Holoscope's own: by hash or name, in any size of the same shape", () => {
    const file = {
      schema: "holoscope.truth",
      version: 1,
      images: [
        { imageId: shown.id, elements: [{ label: "tab", bbox: [1, 2, 3, 4], point: [2, 3] }] },
        { name: "LOGIN.png", width: 500, height: 250, elements: [{ bbox: [10, 10, 20, 20], point: [15, 15] }] },
      ],
    };
    const { a, b } = truthsOf(file);
    expect(a?.elements).toEqual([{ id: "t1", label: "tab", bbox: [1, 2, 3, 4], point: [2, 3] }]);
    expect(b?.elements).toEqual([{ id: "t1", bbox: [20, 20, 40, 40], point: [30, 30] }]);
  });

  it("a run file: its detections are to be found again", () => {
    const { a } = truthsOf(runRecord("run-00000001", { ...shown, name: "renamed.png" }));
    expect(a?.elements).toEqual([{ id: "t1", label: "button", bbox: [10, 20, 110, 60] }]);
  });

  it("DOM export: belongs to the shown image; roles by detectors' names, the invisible and outside left out", () => {
    const elements = [
      { role: "textbox", name: "E-mail", boundingBox: { x: 10, y: 20, width: 100, height: 30 } },
      { tagName: "A", text: "Help", boundingBox: { x: 450, y: 0, width: 100, height: 10 } },
      { role: "button", name: "hidden", boundingBox: null },
      { role: "button", name: "scrolled out", boundingBox: { x: 0, y: -80, width: 50, height: 40 } },
    ];
    expect(truthsOf({ elements, deviceScaleFactor: 2 }).a?.elements).toEqual([
      { id: "t1", label: "input", text: "E-mail", bbox: [20, 40, 220, 100] },
      { id: "t2", label: "link", text: "Help", bbox: [900, 0, 1000, 20] },
    ]);
    expect(boxes(truthsOf(elements).a)?.[0]).toEqual([10, 20, 110, 50]);
  });
});

describe("files that do not fit", () => {
  it.each([
    ["an empty object", {}, /no ground truth/],
    ["a number", 5, /no ground truth/],
    ["an empty list", [], /no ground truth/],
    ["COCO results", [{ image_id: 1, category_id: 1, bbox: [0, 0, 1, 1], score: 0.5 }], /COCO results/],
    ["COCO with three numbers", { ...coco, annotations: [{ image_id: 7, bbox: [1, 2, 3] }] }, /annotations\[0\]\.bbox/],
    [
      "COCO with a negative width",
      { ...coco, annotations: [{ image_id: 7, bbox: [1, 2, -3, 4] }] },
      /annotations\[0\]\.bbox\[2\]/,
    ],
    ["ScreenSpot with text for numbers", [{ img_filename: "a", bbox: ["1", 2, 3, 4] }], /ScreenSpot.*\[0\]\.bbox\[0\]/],
    ["a later version", { schema: "holoscope.truth", version: 2, images: [] }, /version/],
    ["DOM without role", [{ boundingBox: null }], /neither role nor tag/],
  ])("%s: says what is wrong", (_what, value, message) => {
    expect(() => readTruth(value, "truth.json")).toThrow(message);
    expect(() => readTruth(value, "truth.json")).toThrow(
      expect.objectContaining({ code: "BAD_REQUEST", hint: expect.any(String) }),
    );
  });

  it("an image of another shape is a problem of that image alone", () => {
    const wrong = {
      ...coco,
      images: [{ id: 7, file_name: "home.png", width: 1000, height: 900 }, ...coco.images.slice(1)],
    };
    const { placed, problems } = placeTruth(readTruth(wrong, "truth.json"), [shown, other], shown);
    expect(placed.map(({ imageId }) => imageId)).toEqual([other.id]);
    expect(problems).toMatchObject([
      { about: shown.name, error: { message: expect.stringContaining("1000 × 900 px") } },
    ]);
  });

  it("a file without image names needs a shown image", () => {
    const list = [{ role: "button", boundingBox: null }];
    expect(() => placeTruth(readTruth(list, "dom.json"), [], undefined)).toThrow(/which image/);
  });

  it("a pasted image without a name takes a file about one image, but not one of many", () => {
    const { name: _name, ...pasted } = shown;
    const single = { ...coco, images: coco.images.slice(0, 1) };
    expect(placeTruth(readTruth(single, "t.json"), [pasted], pasted).placed).toHaveLength(1);
    expect(placeTruth(readTruth(coco, "t.json"), [pasted], pasted).placed).toHaveLength(0);
  });

  it("other JSON is left to others", () => {
    expect(truthKind({ schema: "holoscope.something" })).toBeUndefined();
    expect(truthKind([{ a: 1 }])).toBeUndefined();
    expect(truthKind(null)).toBeUndefined();
  });
});
