import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clampViewport,
  fitViewport,
  maxScale,
  revealBox,
  toImage,
  zoomAt,
} from "../../../renderer/logic/canvas/viewport.ts";

const view = { width: 800, height: 600 };

describe("viewport", () => {
  it("fits any image whole and centred, without enlarging it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 9000 }), (width, height) => {
        const { x, y, scale } = fitViewport({ width, height }, view);
        expect(scale).toBeLessThanOrEqual(1);
        expect(x).toBeGreaterThanOrEqual(15.999);
        expect(y).toBeGreaterThanOrEqual(15.999);
        expect(x * 2 + width * scale).toBeCloseTo(view.width, 6);
        expect(y * 2 + height * scale).toBeCloseTo(view.height, 6);
      }),
    );
  });

  it("keeps the image px under the cursor in its place when zooming", () => {
    const position = fc.double({ min: 0, max: 600, noNaN: true });
    fc.assert(
      fc.property(position, position, fc.double({ min: 0.2, max: 5, noNaN: true }), (atX, atY, factor) => {
        const before = { x: 31, y: -57, scale: 1.3 };
        const after = zoomAt(before, factor, atX, atY, 0.01);
        const [oldX, oldY] = toImage(before, atX, atY);
        const [newX, newY] = toImage(after, atX, atY);
        expect(newX).toBeCloseTo(oldX, 6);
        expect(newY).toBeCloseTo(oldY, 6);
      }),
    );
  });

  it("stops at its limits", () => {
    expect(zoomAt({ x: 0, y: 0, scale: 20 }, 10, 0, 0, 0.1).scale).toBe(maxScale);
    expect(zoomAt({ x: 0, y: 0, scale: 1 }, 0.001, 0, 0, 0.1).scale).toBe(0.1);
  });

  it("does not lose the image, and brings a box into view", () => {
    const image = { width: 400, height: 300 };
    expect(clampViewport({ x: 5000, y: -5000, scale: 1 }, image, view)).toEqual({ x: 752, y: -252, scale: 1 });
    const away = { x: -3000, y: 0, scale: 4 };
    expect(revealBox(away, [10, 20, 30, 40], view)).toEqual({ x: 320, y: 180, scale: 4 });
    expect(revealBox(away, [800, 20, 830, 40], view)).toBe(away);
  });
});
