import { assumedScale, type ImageScale, type Size } from "../../contract/index.ts";

/** What is known of an image file. */
export interface ScaleClues extends Size {
  readonly name?: string | undefined;
  /** px per inch, if the file says it. */
  readonly density?: number | undefined;
}

/** "@2x", "@3x" or "@1.5x" at the end of a name, maybe before an idiom ("~ipad"), as Apple's and Playwright's tools write it. */
const inName = /@([1-8](?:\.\d{1,2})?)x(?:~[a-z]{1,12})?(?:\.[a-z0-9]{1,5})?$/i;

/**
 * Scales by px per inch: macOS and iOS count from 72 (a screenshot of a Retina screen has 144), Windows from 96. 144 is
 * 2 from 72 and 1.5 from 96, so there the platform decides. 72 and 96 themselves say nothing: they are what encoders
 * write without being told anything, Chromium's screenshots at any scale among them.
 */
const byDensity: ReadonlyMap<number, number> = new Map([
  [120, 1.25],
  [168, 1.75],
  [192, 2],
  [216, 3],
  [240, 2.5],
  [288, 3],
]);

/** Sides of built-in Retina screens in px, landscape; a window of macOS has other sizes, a whole screen one of these. */
const macScreens = [
  [2304, 1440],
  [2560, 1600],
  [2560, 1664],
  [2880, 1800],
  [2880, 1864],
  [3024, 1964],
  [3072, 1920],
  [3456, 2234],
  [4096, 2304],
  [4480, 2520],
  [5120, 2880],
  [6016, 3384],
] as const;

/** Sides of screenshots of iPhones and iPads in px, portrait, by scale (Apple, "Human Interface Guidelines", Layout). */
const phoneScreens: ReadonlyMap<number, readonly (readonly [width: number, height: number])[]> = new Map([
  [
    3,
    [
      [1125, 2436],
      [1170, 2532],
      [1179, 2556],
      [1206, 2622],
      [1242, 2208],
      [1242, 2688],
      [1284, 2778],
      [1290, 2796],
      [1320, 2868],
    ],
  ],
  [
    2,
    [
      [640, 1136],
      [750, 1334],
      [828, 1792],
      [1488, 2266],
      [1536, 2048],
      [1620, 2160],
      [1640, 2360],
      [1668, 2224],
      [1668, 2388],
      [2048, 2732],
    ],
  ],
]);

/**
 * Guesses how many px of an image one CSS px or point takes: from its file name, from its density, from its size where
 * only one kind of screen has it; else 1.
 * @param platform on which the image was opened, and most likely taken: a value of `process.platform`
 */
export function guessScale(image: ScaleClues, platform: string): ImageScale {
  const named = inName.exec((image.name ?? "").slice(-40))?.[1];
  if (named !== undefined) return { value: Number(named), from: "name" };
  const dense = scaleOfDensity(image, platform);
  if (dense !== undefined) return { value: dense, from: "density" };
  const sized = scaleOfSize(image, platform);
  return sized === undefined ? assumedScale : { value: sized, from: "size" };
}

function scaleOfDensity({ density }: ScaleClues, platform: string): number | undefined {
  if (density === undefined) return undefined;
  // Stored as px per metre, in whole numbers.
  const perInch = Math.round(density);
  if (perInch === 144) return platform === "win32" ? 1.5 : 2;
  return byDensity.get(perInch);
}

function scaleOfSize({ width, height }: ScaleClues, platform: string): number | undefined {
  const has = (screens: readonly (readonly [number, number])[], a: number, b: number) =>
    screens.some(([x, y]) => x === a && y === b);
  if (platform === "darwin" && has(macScreens, width, height)) return 2;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  for (const [scale, screens] of phoneScreens) if (has(screens, short, long)) return scale;
  return undefined;
}
