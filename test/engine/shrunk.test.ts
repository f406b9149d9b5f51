import { describe, expect, it } from "vitest";
import { recognise } from "../../app/engine/families/index.ts";
import { inputSize } from "../../app/engine/geometry.ts";
import { shrunkWarning } from "../../app/engine/steps/shrunk.ts";
import { shrinkOf, shrinkText } from "../../app/presentation/shrink.ts";
import { firstSentence } from "../../app/presentation/texts.ts";
import { headers } from "./headers.ts";

const nano = recognise(headers.detector, headers.detectorMmproj);
const qwen25 = recognise(headers.qwen25, headers.qwen25mmproj);

const warned = (traits: typeof nano, width: number, height: number, limit = 4096) => {
  const screen = { width, height };
  return shrunkWarning(traits, screen, inputSize(screen, traits.sizing, limit), limit);
};

describe("a screen that is larger than the model's input", () => {
  it("is said to be shrunk, by how much, what that costs, and where the number comes from", () => {
    const warning = warned(nano, 1280, 13_821);
    expect(warning).toMatchObject({ code: "SHRUNK" });
    expect(warning?.message).toMatch(/^Shrunk 4\.4 times: controls under 53 px are likely missed\. /);
    expect(firstSentence(warning?.message ?? "")).toBe("Shrunk 4.4 times: controls under 53 px are likely missed");
    expect(warning?.message).toContain("The model saw 1,280 × 13,821 px as 288 × 3,168 px.");
    expect(warning?.message).toContain("As measured");
    expect(warning?.message).toMatch(/Crop the screenshot/);
  });

  it("names the patch of a model of which nothing is measured", () => {
    const message = warned(qwen25, 7680, 4320)?.message;
    expect(message).toContain("patches of 14 × 14 px");
    expect(message).toMatch(/Shrunk 3\.2 times: controls under 45 px/);
  });

  it("is told that the limit can be raised only where that helps", () => {
    expect(warned(qwen25, 2560, 1440, 1024)?.message).toMatch(/Raise maxImageTokens \(this model takes up to 4,096\)/);
    expect(warned(qwen25, 7680, 4320)?.message).not.toContain("maxImageTokens");
  });

  it("is not mentioned where little is lost", () => {
    expect(warned(nano, 1280, 800)).toBeUndefined();
    expect(warned(nano, 320, 200)).toBeUndefined();
  });
});

describe("the factor", () => {
  it("is one for both sides and never below 1", () => {
    expect(shrinkOf({ width: 400, height: 100 }, { width: 100, height: 100 })).toBe(2);
    expect(shrinkOf({ width: 50, height: 50 }, { width: 64, height: 64 })).toBe(1);
    expect(shrinkText({ width: 400, height: 100 }, { width: 100, height: 100 })).toBe("shrunk 2.0 times");
    expect(shrinkText({ width: 102, height: 100 }, { width: 100, height: 100 })).toBeUndefined();
  });
});
