import { readFile } from "node:fs/promises";
import { mean } from "d3-array";
import sharp from "sharp";
import { type FocusStep, measureFocus } from "../support/focus-accuracy.ts";
import { samplePath } from "../support/repository.ts";
import { type Screen, screenSequence } from "../support/screen-sequence.ts";
import { spreadOf } from "./report.ts";

/**
 * Accuracy and time of focus mode against the full pass with the bundled detector: drawn sequences at the detector's own
 * size and at 1.5 times of it, which a full pass has to shrink, and the bundled samples with local edits. Ends with 1 if
 * an average F1 (IoU 0.5) is below the limit.
 *
 *   npx tsx test/bench/focus.ts [--steps N]
 */
const limit = 0.95;
const at = process.argv.indexOf("--steps");
const count = at >= 0 ? Number(process.argv[at + 1]) : undefined;

/** A sample screenshot in which one part after another is moved to another place, as a user who rearranges it would. */
async function editedSample(
  name: string,
  patches: readonly (readonly [number, number, number, number, number, number])[],
) {
  let png = await readFile(samplePath(name));
  const screens: Screen[] = [{ what: "begins", png }];
  for (const [left, top, width, height, toLeft, toTop] of patches) {
    const part = await sharp(png).extract({ left, top, width, height }).png().toBuffer();
    png = await sharp(png)
      .composite([{ input: part, left: toLeft, top: toTop }])
      .png()
      .toBuffer();
    screens.push({ what: `${width} x ${height} px moved`, png });
  }
  return screens;
}

const sequences: readonly (readonly [string, readonly Screen[]])[] = [
  ["drawn application, 1280 x 736 px", await screenSequence(count)],
  ["drawn application, 1920 x 1104 px", await screenSequence(count, 1.5)],
  [
    "sample settings, edited",
    await editedSample("settings", [
      [783, 179, 24, 24, 783, 211],
      [1000, 527, 92, 38, 800, 600],
      [20, 66, 190, 36, 20, 400],
      [283, 204, 300, 34, 283, 640],
    ]),
  ],
  [
    "sample shop, edited",
    await editedSample("shop", [
      [30, 150, 120, 24, 30, 560],
      [290, 330, 330, 50, 290, 840],
      [1290, 14, 120, 38, 1290, 80],
    ]),
  ],
];

let good = true;
for (const [name, screens] of sequences) {
  const steps = await measureFocus(screens);
  console.log(`\n${name}`);
  for (const step of steps) console.log(line(step));
  const average = mean(steps, ({ f1 }) => f1) ?? 0;
  const smaller = steps.filter(({ focused }) => focused.focus?.outcome === "cropped");
  const ratio = (part: readonly FocusStep[]): string =>
    spreadOf(part.map(({ timeRatio }) => timeRatio)).median.toFixed(2);
  good &&= average >= limit;
  console.log(
    `average F1 ${average.toFixed(4)} (with label ${(mean(steps, ({ f1WithLabel }) => f1WithLabel) ?? 0).toFixed(4)}, ` +
      `of ${smaller.length} cropped steps ${(mean(smaller, ({ f1 }) => f1) ?? 0).toFixed(4)}); ` +
      `time of a full pass: median ${ratio(steps)} over all ${steps.length} steps, ${ratio(smaller)} over cropped ones`,
  );
}
process.exitCode = good ? 0 : 1;

function line({ what, full, focused, f1, timeRatio }: FocusStep): string {
  const { outcome = "none", region, changedTiles = 0, totalTiles = 0 } = focused.focus ?? {};
  const size = region === undefined ? "" : ` ${region[2] - region[0]} x ${region[3] - region[1]} px`;
  return [
    what.padEnd(34),
    `${outcome}${size}`.padEnd(24),
    `${changedTiles}/${totalTiles} tiles`.padEnd(16),
    `F1 ${f1.toFixed(3)}`,
    `${full.detections.length} -> ${focused.detections.length} elements`,
    `time x ${timeRatio.toFixed(2)}`,
  ].join("  ");
}
