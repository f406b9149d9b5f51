import { describe, expect, it } from "vitest";
import {
  formatAxisMs,
  formatBytes,
  formatConfidence,
  formatDuration,
  formatMs,
  formatPx,
  formatRate,
  formatRatio,
  formatShare,
  plural,
} from "../../app/presentation/numbers.ts";

describe("numbers as shown", () => {
  it("gives times three figures and a unit", () => {
    const shown = [0, 0.02, 0.44, 12.34, 99.97, 340.4, 999.7, 1724, 9996, 21_000].map(formatMs);
    expect(shown).toEqual([
      "0 ms",
      "<0.1 ms",
      "0.4 ms",
      "12.3 ms",
      "100 ms",
      "340 ms",
      "1.00 s",
      "1.72 s",
      "10.0 s",
      "21.0 s",
    ]);
  });

  it("keeps one unit along an axis", () => {
    expect([0, 750, 3000].map((ms) => formatAxisMs(ms, 3000))).toEqual(["0", "0.75 s", "3.00 s"]);
    expect(formatAxisMs(50, 400)).toBe("50 ms");
  });

  it("never rounds a confidence up to certainty, nor a share down to nothing", () => {
    expect([0.309, 0.9999, 1].map(formatConfidence)).toEqual(["0.31", "0.99", "1.00"]);
    expect([0, 0.0001, 0.7869].map(formatShare)).toEqual(["0.0 %", "<0.1 %", "78.7 %"]);
  });

  it("formats bytes and rates", () => {
    expect([0, 999, 21_200_000, 4_680_000_000].map(formatBytes)).toEqual(["0 B", "999 B", "21.2 MB", "4.7 GB"]);
    // The unit follows the rounding: never "1000.0 kB", nor "100.0 MB" beside "100 MB".
    expect([999_949, 999_960, 99_960_000, 999_600_000_000].map(formatBytes)).toEqual([
      "1.0 MB",
      "1.0 MB",
      "100 MB",
      "1.0 TB",
    ]);
    expect([3, 12.44, 1146.2].map(formatRate)).toEqual(["3.0", "12.4", "1,146"]);
  });

  it("counts things and lengths, and says how long to wait", () => {
    expect([plural(1, "element"), plural(1200, "element"), plural(2, "box", "boxes")]).toEqual([
      "1 element",
      "1,200 elements",
      "2 boxes",
    ]);
    expect([20, 33.26, 33.04].map(formatPx)).toEqual(["20", "33.3", "33"]);
    expect([400, 12_000, 180_000, 7_800_000].map(formatDuration)).toEqual(["1 s", "12 s", "3 min", "2 h 10 min"]);
    expect([0.246, 1.84, 14.2].map(formatRatio)).toEqual(["0.25×", "1.8×", "14×"]);
  });
});
