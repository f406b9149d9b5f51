import { describe, expect, it } from "vitest";
import { measureConversion } from "../support/convert-memory.ts";

describe("models convert", () => {
  it("needs less than 300 MB of memory for a file of 540 MB", async () => {
    const cost = await measureConversion(540e6, "f16");
    expect(cost.outputBytes).toBe(cost.inputBytes);
    expect(cost.outputBytes).toBeGreaterThan(500e6);
    expect(cost.peakResidentBytes).toBeGreaterThan(30e6);
    expect(cost.peakResidentBytes).toBeLessThan(300e6);
    expect(cost.out).toContain("4 bf16 tensors");
  });
});
