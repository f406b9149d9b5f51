import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OverlayBox } from "../../app/contract/index.ts";
import { drawOverlay } from "../../app/engine/overlay/draw.ts";
import { forEachGlyphPixel } from "../../app/engine/overlay/font.ts";

let folder = "";
let imagePath = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holoscope-overlay-"));
  imagePath = join(folder, "white.png");
  await sharp({ create: { width: 400, height: 300, channels: 3, background: "#ffffff" } })
    .png()
    .toFile(imagePath);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function draw(...boxes: readonly OverlayBox[]) {
  const { data, info } = await sharp(await drawOverlay(imagePath, boxes))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    size: [info.width, info.height],
    at: (x: number, y: number) => [...data.subarray((y * info.width + x) * info.channels).subarray(0, 3)],
  };
}

const red = [255, 0, 0];
const white = [255, 255, 255];

describe("drawOverlay", () => {
  it("draws a frame exactly on the box's edges, at the image's own size", async () => {
    const picture = await draw({ bbox: [100, 120, 200, 180], tag: "", color: "#ff0000" });
    expect(picture.size).toEqual([400, 300]);
    for (const [x, y] of [
      [100, 120],
      [199, 120],
      [100, 179],
      [199, 179],
      [150, 120],
      [100, 150],
    ] as const) {
      expect(picture.at(x, y)).toEqual(red);
    }
    for (const [x, y] of [
      [99, 120],
      [200, 150],
      [150, 119],
      [150, 180],
      [150, 150],
    ] as const) {
      expect(picture.at(x, y)).toEqual(white);
    }
  });

  it("puts the tag above the box, or inside where there is no room, in ink that can be read", async () => {
    const above = await draw({ bbox: [100, 120, 200, 180], tag: "12", color: "#ff0000" });
    expect(above.at(100, 119)).toEqual(red);
    const inside = await draw({ bbox: [100, 0, 200, 60], tag: "12", color: "#ffff00" });
    expect(inside.at(100, 8)).toEqual([255, 255, 0]);
    const inks = new Set<string>();
    for (let x = 100; x < 113; x++) for (let y = 0; y < 11; y++) inks.add(inside.at(x, y).join());
    expect([...inks].sort()).toEqual(["0,0,0", "255,255,0"]);
  });

  it("draws a click point as a dot", async () => {
    const picture = await draw({ bbox: [100, 100, 120, 120], point: [110, 110], tag: "", color: "#ff0000" });
    expect(picture.at(110, 110)).toEqual(red);
  });

  it("takes boxes outside the image, without area and with any text", async () => {
    const picture = await draw(
      { bbox: [-50, -50, 1e9, 1e9], tag: "<svg>&\u{1F600}é".repeat(50), color: "#00ff00" },
      { bbox: [10, 10, 10, 10], tag: "x", color: "#00ff00" },
      { bbox: [500, 400, 600, 500], tag: "outside", color: "#00ff00" },
    );
    expect(picture.size).toEqual([400, 300]);
  });
});

describe("the pixel font", () => {
  const pixels = (character: string) => {
    const set: string[] = [];
    forEachGlyphPixel(character, (x, y) => set.push(`${x},${y}`));
    return set.join(" ");
  };

  it("has every printable ASCII character, each different, and a stand-in for the rest", () => {
    const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    expect(new Set(printable.map(pixels)).size).toBe(94);
    expect(pixels(" ")).toBe("");
    expect(pixels("é")).toBe(pixels("?"));
  });
});
