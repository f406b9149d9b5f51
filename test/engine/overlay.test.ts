import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawOverlay } from "../../app/engine/overlay/draw.ts";
import { forEachGlyphPixel } from "../../app/engine/overlay/font.ts";
import type { OverlayBox } from "../../app/presentation/overlay.ts";

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

const draw = (...boxes: readonly OverlayBox[]) => drawOn(imagePath, ...boxes);

async function drawOn(image: string, ...boxes: readonly OverlayBox[]) {
  const { data, info } = await sharp(await drawOverlay(image, boxes))
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
    for (let x = 101; x < 117; x++) for (let y = 1; y < 13; y++) inks.add(inside.at(x, y).join());
    // Letters have soft edges: yellow, dark ink, and mixtures of both.
    expect(inks).toContain("255,255,0");
    expect(inks).toContain("16,19,24");
    expect([...inks].filter((ink) => Number(ink.split(",")[2]) > 24)).toEqual([]);
  });

  it("sets frames off from any background by a light edge outside of them", async () => {
    const black = join(folder, "black.png");
    await sharp({ create: { width: 400, height: 300, channels: 3, background: "#000000" } })
      .png()
      .toFile(black);
    const picture = await drawOn(black, { bbox: [100, 120, 200, 180], tag: "", color: "#ff0000" });
    expect([picture.at(99, 150), picture.at(98, 150), picture.at(102, 150)]).toEqual([
      [191, 191, 191],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it("draws upon a plain ground where there is no image", async () => {
    const png = await drawOverlay({ width: 60, height: 40 }, [{ bbox: [10, 10, 50, 30], tag: "", color: "#ff0000" }]);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([60, 40]);
    expect([...data.subarray(0, 3)]).toEqual([243, 244, 246]);
    expect([...data.subarray((10 * 60 + 10) * 3).subarray(0, 3)]).toEqual(red);
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
