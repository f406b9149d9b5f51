import { describe, expect, it } from "vitest";
import { type WheelInput, WheelReader } from "../../../renderer/logic/canvas/wheel.ts";

function wheel(fields: Partial<WheelInput>): WheelInput {
  return { deltaX: 0, deltaY: 0, deltaMode: 0, ctrlKey: false, metaKey: false, shiftKey: false, ...fields };
}

describe("the wheel", () => {
  it("zooms in with a notch forward and out by the same factor with a notch back", () => {
    const reader = new WheelReader();
    const closer = reader.read(wheel({ deltaY: -100, wheelDeltaY: 120 }), 0);
    const away = reader.read(wheel({ deltaY: 100, wheelDeltaY: -120 }), 500);
    if (closer.kind !== "zoom" || away.kind !== "zoom") throw new Error("a wheel must zoom");
    expect(closer.factor).toBeGreaterThan(1);
    expect(closer.factor * away.factor).toBeCloseTo(1, 9);
  });

  it("pans with two fingers on a trackpad, for the whole gesture", () => {
    const reader = new WheelReader();
    expect(reader.read(wheel({ deltaX: 3, deltaY: 7, wheelDeltaY: -21 }), 0)).toEqual({ kind: "pan", dx: -3, dy: -7 });
    // Alone this one could be a wheel.
    expect(reader.read(wheel({ deltaY: 40, wheelDeltaY: -120 }), 20)).toEqual({ kind: "pan", dx: 0, dy: -40 });
    expect(reader.read(wheel({ deltaY: 40, wheelDeltaY: -120 }), 900).kind).toBe("zoom");
  });

  it("zooms with a pinch, which comes with ctrl, and never jumps with ctrl and a wheel", () => {
    const reader = new WheelReader();
    reader.read(wheel({ deltaX: 3, deltaY: 7 }), 0);
    const pinch = reader.read(wheel({ deltaY: -4, ctrlKey: true }), 10);
    expect(pinch).toMatchObject({ kind: "zoom", factor: expect.closeTo(1.0408, 3) });
    const jump = reader.read(wheel({ deltaY: -1000, ctrlKey: true }), 1000);
    expect(jump).toMatchObject({ factor: expect.closeTo(Math.exp(0.4), 6) });
  });

  it("pans sideways with shift", () => {
    expect(new WheelReader().read(wheel({ deltaY: 100, wheelDeltaY: -120, shiftKey: true }), 0)).toEqual({
      kind: "pan",
      dx: -100,
      dy: 0,
    });
  });
});
