import { describe, expect, it } from "vitest";
import {
  commonLabels,
  elementColor,
  inkOn,
  labelColor,
  labelKey,
  labelPalette,
} from "../../app/presentation/labels.ts";

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Severity 1.0 of Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of CVD" (2009). */
const visions: Readonly<Record<string, Matrix>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(hex: string): Triple {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

const times = (matrix: Matrix, [x, y, z]: Triple): Triple => {
  const row = ([a, b, c]: Triple) => a * x + b * y + c * z;
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
};

/** Björn Ottosson's OKLab of linear sRGB. */
function oklab(rgb: Triple): Triple {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb,
  );
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    [Math.cbrt(cones[0]), Math.cbrt(cones[1]), Math.cbrt(cones[2])],
  );
}

function smallestDistance(colors: readonly string[], vision: Matrix): number {
  const seen = colors.map((color) => {
    const [red, green, blue] = times(vision, linear(color));
    const clip = (value: number) => Math.min(1, Math.max(0, value));
    return oklab([clip(red), clip(green), clip(blue)]);
  });
  return Math.min(
    ...seen.flatMap((a, index) => seen.slice(index + 1).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]))),
  );
}

function luminance(hex: string): number {
  const [red, green, blue] = linear(hex);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe("the colours of labels", () => {
  it.each(Object.entries(visions))("stay apart in %s", (_name, vision) => {
    expect(smallestDistance(labelPalette, vision)).toBeGreaterThan(0.07);
    expect(smallestDistance(labelPalette.slice(0, 8), vision)).toBeGreaterThan(0.09);
  });

  it("can be told from white, and text upon them reads", () => {
    for (const color of labelPalette) {
      expect(1.05 / (luminance(color) + 0.05), color).toBeGreaterThanOrEqual(3);
      const [light, dark] = [luminance(color), luminance(inkOn(color))].sort((a, b) => b - a);
      expect(((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05), `ink on ${color}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("are those that the model names, where it names one", () => {
    expect(elementColor({ label: "button", color: "#123456" })).toBe("#123456");
    expect(elementColor({ label: "button" })).toBe(labelColor("button"));
  });

  it("belong to the label, however it is spelt", () => {
    expect(labelKey("  Menu item ")).toBe("menu_item");
    expect(labelColor("Menu-Item")).toBe(labelColor("menu_item"));
    expect(labelPalette).toContain(labelColor("never seen before"));
    expect(labelColor("something unheard of")).toBe(labelColor("Something unheard of"));
  });

  it("differ between the labels that detectors commonly give", () => {
    expect(commonLabels.length).toBeGreaterThanOrEqual(11);
    expect(new Set(commonLabels.map(labelColor)).size).toBe(commonLabels.length);
  });
});
