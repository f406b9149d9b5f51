import type { Size } from "../contract/index.ts";
import { formatSize } from "../presentation/numbers.ts";

export const boxForms = ["xywh", "xyxy"] as const;
/** Upper left corner, width and height; or upper left and lower right corner. */
export type BoxForm = (typeof boxForms)[number];

/**
 * What 1 is: a px of the image (of the one that the file was made for, where it tells its size), the same stretched
 * where the two have different shapes, a CSS px or point of which one is `scale` px of the image, or the whole, a
 * hundredth or a thousandth of the image's side.
 */
export type BoxUnit =
  | { readonly of: "px" | "stretched" | "fraction" | "percent" | "thousand" }
  | { readonly of: "css"; readonly scale: number };

/** How the four numbers of a box are to be read. */
export interface Reading {
  readonly form: BoxForm;
  readonly unit: BoxUnit;
}

/**
 * Scales that are tried where a unit must be wrong: those of common screens, 1 for boxes that do not keep to the size
 * that their file names, and a half for those of a screenshot that was shrunk since.
 */
const cssScales = [0.5, 1, 1.25, 1.5, 2, 3] as const;

/** The names of units on the command line. */
export const unitNames: readonly string[] = [
  "px",
  "stretched",
  ...cssScales.map((scale) => `css-${scale}`),
  "fraction",
  "percent",
  "thousand",
];

export function unitName(unit: BoxUnit): string {
  return unit.of === "css" ? `css-${unit.scale}` : unit.of;
}

/** undefined if there is no unit of that name; "css-1.75" has the scale 1.75. */
export function unitNamed(name: string): BoxUnit | undefined {
  const scale = /^css-(\d{1,2}(?:\.\d{1,4})?)$/.exec(name)?.[1];
  if (scale !== undefined) return Number(scale) > 0 ? { of: "css", scale: Number(scale) } : undefined;
  const of = (["px", "stretched", "fraction", "percent", "thousand"] as const).find((each) => each === name);
  return of === undefined ? undefined : { of };
}

/** "CSS px, each 2 px of the screenshot; x, y, width, height". */
export function readingText({ form, unit }: Reading, size?: Size): string {
  return `${unitText(unit, size)}; ${form === "xywh" ? "x, y, width, height" : "two corners"}`;
}

function unitText(unit: BoxUnit, size: Size | undefined): string {
  switch (unit.of) {
    case "px":
      return size === undefined ? "px of the screenshot" : `px of the file's ${formatSize(size)} image`;
    case "stretched":
      return size === undefined ? "px, stretched" : `px of a ${formatSize(size)} image, stretched`;
    case "css":
      return cssText(unit.scale);
    case "fraction":
      return "fractions of the screenshot, 0 to 1";
    case "percent":
      return "percent of the screenshot";
    case "thousand":
      return "thousandths of the screenshot, 0 to 1000";
  }
}

function cssText(scale: number): string {
  if (scale === 1) return "px of the screenshot as it is";
  return scale < 1 ? `px of a screenshot ${1 / scale} times as large` : `CSS px, each ${scale} px of the screenshot`;
}
