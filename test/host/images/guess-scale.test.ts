import { describe, expect, it } from "vitest";
import { guessScale, type ScaleClues } from "../../../app/host/images/guess-scale.ts";

const guess = (clues: Partial<ScaleClues>, platform = "linux") =>
  guessScale({ width: 1000, height: 700, ...clues }, platform);

describe("the scale of an image", () => {
  it.each([
    ["shot@2x.png", 2],
    ["Screen 1@3X.PNG", 3],
    ["shot@1.5x.webp", 1.5],
    ["icon@2x~ipad.png", 2],
    ["shot@2x", 2],
  ])("is read from the name %s", (name, value) => {
    expect(guess({ name, density: 216 })).toEqual({ value, from: "name" });
  });

  it.each(["shot.png", "me@2xample.png", "@2x/shot.png", "2x.png", "shot@0x.png", "shot@20x.png", "shot@2x-old.png"])(
    "is not read from the name %s",
    (name) => expect(guess({ name })).toEqual({ value: 1, from: "assumed" }),
  );

  it("is read from the density, whose 144 means 1.5 where Windows wrote it", () => {
    expect(guess({ density: 144 })).toEqual({ value: 2, from: "density" });
    expect(guess({ density: 143.99 }, "darwin")).toEqual({ value: 2, from: "density" });
    expect(guess({ density: 144 }, "win32")).toEqual({ value: 1.5, from: "density" });
    expect(guess({ density: 192 })).toEqual({ value: 2, from: "density" });
    expect(guess({ density: 216 })).toEqual({ value: 3, from: "density" });
  });

  it("is not read from what encoders write by themselves, nor from a printer's density", () => {
    for (const density of [72, 96, 300, 600, 1]) expect(guess({ density }).from).toBe("assumed");
    // A Retina screenshot of Chromium says 72.
    expect(guess({ density: 72, width: 2880, height: 1800 }, "darwin")).toEqual({ value: 2, from: "size" });
  });

  it("is known by its size where only one kind of screen has it", () => {
    expect(guess({ width: 3024, height: 1964 }, "darwin")).toEqual({ value: 2, from: "size" });
    expect(guess({ width: 1179, height: 2556 })).toEqual({ value: 3, from: "size" });
    expect(guess({ width: 2556, height: 1179 })).toEqual({ value: 3, from: "size" });
    expect(guess({ width: 2048, height: 2732 })).toEqual({ value: 2, from: "size" });
    // 2560 x 1600 is a plain desktop screen elsewhere.
    expect(guess({ width: 2560, height: 1600 }).from).toBe("assumed");
    expect(guess({ width: 1920, height: 1080 }, "darwin").from).toBe("assumed");
  });

  it("is found at once in a long name", () => {
    expect(guess({ name: `${"@2x".repeat(100_000)}.png` }).value).toBe(2);
  });
});
