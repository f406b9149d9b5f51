import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BBox, type Detection, resolveSettings } from "../../../app/contract/index.ts";
import { focusOn, viewTokens } from "../../../app/engine/focus/focus.ts";
import { fromCrop, inReadingOrder } from "../../../app/engine/focus/merge.ts";
import { focusRegion, isContainer, largestShare } from "../../../app/engine/focus/region.ts";
import { changedBounds, compareTiles, meetsChange } from "../../../app/engine/focus/tiles.ts";
import { imageTokens, smartResize } from "../../../app/engine/geometry.ts";
import { decodeImage, openImage, type RgbImage } from "../../../app/engine/image/decode.ts";
import { fillRect } from "../../../app/engine/overlay/canvas.ts";

const size = { width: 1300, height: 740 };
const sizing = { factor: 32, minTokens: 8, maxTokens: 920 };

function screen(...patches: readonly BBox[]): RgbImage {
  const image = { ...size, rgb: new Uint8Array(size.width * size.height * 3).fill(255) };
  for (const [x1, y1, x2, y2] of patches) fillRect(image, [x1, y1, x2, y2], [20, 90, 200]);
  return image;
}

function element(id: string, bbox: BBox): Detection {
  return {
    id,
    label: "button",
    bbox,
    confidence: 0.9,
    confidenceSource: "token-probability",
    raw: { space: "normalised-1000", values: [] },
  };
}

describe("tiles", () => {
  it("marks exactly the tiles with a different pixel, also cut ones at the edges", () => {
    const after = screen([64, 32, 65, 33], [1299, 739, 1300, 740]);
    const tiles = compareTiles(screen(), after);
    expect([tiles.columns, tiles.rows]).toEqual([41, 24]);
    expect([...tiles.changed.keys()].filter((at) => tiles.changed[at] === 1)).toEqual([41 + 2, 23 * 41 + 40]);
    expect(changedBounds(tiles, size)).toEqual([64, 32, 1300, 740]);
  });

  it("finds nothing between equal images", () => {
    const tiles = compareTiles(screen([5, 5, 50, 50]), screen([5, 5, 50, 50]));
    expect(tiles.count).toBe(0);
    expect(changedBounds(tiles, size)).toBeUndefined();
  });

  it("lets boxes that end at a tile's edge be", () => {
    const tiles = compareTiles(screen(), screen([64, 64, 96, 96]));
    expect(meetsChange(tiles, [0, 0, 64, 64])).toBe(false);
    expect(meetsChange(tiles, [96, 64, 200, 96])).toBe(false);
    expect(meetsChange(tiles, [60, 60, 64.5, 64.5])).toBe(true);
  });
});

describe("the region", () => {
  it("has sides of whole steps, lies in the image, and holds the change and the touched elements", () => {
    for (let x = 0; x < size.width - 40; x += 37) {
      for (let y = 0; y < size.height - 40; y += 41) {
        const change: BBox = [x, y, x + 40, y + 40];
        const touched: BBox = [Math.max(0, x - 100.5), y + 10, x + 30, Math.min(size.height, y + 60.25)];
        const region = focusRegion(change, [touched], size, 32);
        if (region === undefined) throw new Error("a small change needs no full pass");
        const [x1, y1, x2, y2] = region;
        expect((x2 - x1) % 32).toBe(0);
        expect((y2 - y1) % 32).toBe(0);
        expect(Math.min(x1, y1)).toBeGreaterThanOrEqual(0);
        expect(x2).toBeLessThanOrEqual(size.width);
        expect(y2).toBeLessThanOrEqual(size.height);
        for (const box of [change, touched]) {
          expect([x1 <= box[0], y1 <= box[1], x2 >= box[2], y2 >= box[3]]).toEqual([true, true, true, true]);
        }
      }
    }
  });

  it("is given up when it is a large share of the image", () => {
    expect(focusRegion([0, 0, 40, 40], [], size, 32)).toBeDefined();
    expect(focusRegion([0, 0, 1000, 400], [], size, 32)).toBeUndefined();
    expect(focusRegion([0, 0, 40, 40], [[0, 0, 1200, 600]], size, 32)).toBeUndefined();
  });

  it("tells containers from elements at whose edge something changed", () => {
    expect(isContainer([0, 0, 1000, 700], [400, 300, 432, 332])).toBe(true);
    expect(isContainer([0, 0, 1000, 700], [0, 300, 32, 332])).toBe(false);
  });
});

it("maps boxes and points of a crop to the image", () => {
  const found: Detection = { ...element("e1", [1.5, 2, 30, 40]), point: [10, 20] };
  expect(fromCrop(found, [320, 64, 640, 384])).toMatchObject({ bbox: [321.5, 66, 350, 104], point: [330, 84] });
});

it("renews ids in reading order", () => {
  const order = inReadingOrder([
    element("a", [500, 10, 540, 30]),
    element("b", [10, 200, 40, 220]),
    element("c", [10, 12, 40, 28]),
  ]);
  expect(order.map(({ id, bbox }) => [id, bbox[0], bbox[1]])).toEqual([
    ["e1", 10, 12],
    ["e2", 500, 10],
    ["e3", 10, 200],
  ]);
});

it("shrinks a crop as much as a full pass shrinks the image, and not at all where that does not", () => {
  const { maxImageTokens } = resolveSettings("balanced");
  const large = { width: 1920, height: 1104 };
  const crop = { width: 640, height: 320 };
  const full = imageTokens(smartResize(large, sizing), sizing.factor);
  expect(viewTokens(maxImageTokens, sizing, large, crop)).toBe(
    Math.round((full * crop.width * crop.height) / (large.width * large.height)),
  );
  const same = viewTokens(maxImageTokens, sizing, { width: 1280, height: 704 }, crop);
  expect(smartResize(crop, { ...sizing, maxTokens: same })).toEqual({ width: 640, height: 320 });
  expect(viewTokens(maxImageTokens, sizing, crop, crop)).toBe(maxImageTokens);
});

describe("focusing on an image", () => {
  let folder = "";
  let before = "";
  const first: BBox = [100, 100, 180, 130];
  const far: BBox = [1100, 600, 1180, 640];
  const previousDetections = [element("e1", first), element("e2", far)];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-focus-"));
    before = await save("before.png", screen(first, far));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function save(name: string, image: RgbImage): Promise<string> {
    const file = path.join(folder, name);
    const { width, height } = image;
    await writeFile(
      file,
      await sharp(image.rgb, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
    return file;
  }

  const on = (image: RgbImage, previousImagePath = before) =>
    focusOn({ previousRunId: "run-before", previousImagePath, previousDetections }, image, sizing);

  it("keeps what no change touches and takes from the crop only what does", async () => {
    const focus = await on(screen(far, [100, 100, 181, 130]));
    const region = focus.report?.region;
    if (region === undefined || focus.view === undefined) throw new Error("not cropped");
    expect(focus.report).toMatchObject({ outcome: "cropped", keptDetections: 1, previousRunId: "run-before" });
    expect(focus.kept.map(({ bbox }) => bbox)).toEqual([far]);
    expect(region[2] - region[0]).toBe(focus.view.width);
    const inCrop = (box: BBox): BBox => [
      box[0] - region[0],
      box[1] - region[1],
      box[2] - region[0],
      box[3] - region[1],
    ];
    const found = focus.place(element("e1", inCrop([100, 100, 181, 130])));
    if (found === undefined) throw new Error("the changed element was left out");
    expect(found.bbox).toEqual([100, 100, 181, 130]);
    expect(focus.kept.map(({ id }) => id)).not.toContain(found.id);
    expect(focus.place(element("e2", inCrop([region[0], region[1], region[0] + 20, region[1] + 20])))).toBeUndefined();
    expect(focus.merge([found]).map(({ id, bbox }) => [id, bbox])).toEqual([
      ["e1", [100, 100, 181, 130]],
      ["e2", far],
    ]);
  });

  it("cuts the region's own pixels out", async () => {
    const image = screen(far, [100, 100, 150, 130]);
    const { view, report } = await on(image);
    const [left = 0, top = 0] = report?.region ?? [];
    if (view?.rgb === undefined) throw new Error("not cropped");
    for (const [x, y] of [
      [0, 0],
      [120 - left, 110 - top],
      [view.width - 1, view.height - 1],
    ] as const) {
      const inView = (y * view.width + x) * 3;
      const inImage = ((y + top) * size.width + x + left) * 3;
      expect([...view.rgb.subarray(inView, inView + 3)]).toEqual([...image.rgb.subarray(inImage, inImage + 3)]);
    }
  });

  it("has nothing to detect in the same pixels", async () => {
    const focus = await on(await decodeImage(await openImage(before)));
    expect(focus.view).toBeUndefined();
    expect(focus.report).toMatchObject({ outcome: "unchanged", changedTiles: 0, keptDetections: 2 });
    expect(focus.merge([]).map(({ bbox }) => bbox)).toEqual([first, far]);
  });

  it("makes a full pass of a large or far-apart change, another size, and an unreadable image", async () => {
    const small = await save("small.png", { width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3) });
    const cases = [
      [await on(screen([0, 0, 1300, 400])), /20 %/],
      [await on(screen(first, far, [0, 0, 9, 9], [1290, 730, 1300, 740])), /20 %/],
      [await on(screen(), small), /another size/],
      [await on(screen(), path.join(folder, "gone.png")), /no longer be read/],
    ] as const;
    for (const [focus, reason] of cases) {
      expect(focus.report?.outcome).toBe("full");
      expect(focus.report?.reason).toMatch(reason);
      expect(focus.kept).toEqual([]);
      expect(focus.view).toMatchObject(size);
    }
    expect(largestShare).toBe(0.2);
  });
});
