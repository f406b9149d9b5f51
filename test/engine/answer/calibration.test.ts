import { expect, it } from "vitest";
import { calibrate } from "../../../app/engine/answer/calibration.ts";

const map = { raw: [0.2, 0.6, 0.8], calibrated: [0.1, 0.5, 0.9] };

it("is linear between the knots", () => {
  expect(calibrate(map, 0.4)).toBeCloseTo(0.3, 12);
  expect(calibrate(map, 0.65)).toBeCloseTo(0.6, 12);
  expect(calibrate(map, 0.6)).toBe(0.5);
});

it("keeps the outer values beyond the outer knots", () => {
  expect([0, 0.2, 0.8, 1].map((raw) => calibrate(map, raw))).toEqual([0.1, 0.1, 0.9, 0.9]);
});

it("never falls", () => {
  const values = Array.from({ length: 101 }, (_, index) => calibrate(map, index / 100));
  expect(values).toEqual(values.toSorted((a, b) => a - b));
});
