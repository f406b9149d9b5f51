import { describe, expect, it } from "vitest";
import { resizeExactly } from "../../../app/engine/image/resize.ts";

/** A white picture with one black rectangle. */
function picture(width: number, height: number, [x1, y1, x2, y2]: readonly [number, number, number, number]) {
  const rgb = new Uint8Array(width * height * 3).fill(255);
  for (let y = y1; y < y2; y++) rgb.fill(0, (y * width + x1) * 3, (y * width + x2) * 3);
  return { rgb, width, height };
}

describe("resizeExactly", () => {
  it("fills the whole target: no bars, edges where the ratio puts them", async () => {
    const out = await resizeExactly(picture(1920, 1080, [960, 0, 1920, 1080]), { width: 1316, height: 728 });
    expect([out.width, out.height, out.rgb.length]).toEqual([1316, 728, 1316 * 728 * 3]);
    const row = (y: number) => [...out.rgb.subarray(y * 1316 * 3, (y + 1) * 1316 * 3)].filter((_, i) => i % 3 === 0);
    for (const y of [0, 364, 727]) {
      expect(row(y)[0]).toBe(255);
      expect(row(y)[1315]).toBe(0);
      const edge = row(y).findIndex((value) => value < 128);
      expect(Math.abs(edge - 658)).toBeLessThanOrEqual(1);
    }
  });

  it("passes an image of the right size on untouched", async () => {
    const image = picture(64, 32, [0, 0, 8, 8]);
    expect(await resizeExactly(image, { width: 64, height: 32 })).toBe(image);
  });

  it("gives the same pixels with any number of threads", async () => {
    const image = picture(1920, 1080, [100, 100, 1111, 777]);
    const size = { width: 1932, height: 1092 };
    const one = await resizeExactly(image, size);
    expect(Buffer.compare(one.rgb, (await resizeExactly(image, size, 4)).rgb)).toBe(0);
  });

  it("enlarges as well", async () => {
    const out = await resizeExactly(picture(1, 1, [0, 0, 1, 1]), { width: 96, height: 96 });
    expect(new Set(out.rgb)).toEqual(new Set([0]));
  });
});
