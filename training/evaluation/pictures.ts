/**
 * Draws the screen that a detector answered best and the one that it answered worst (F1 at IoU 0.5 with label, of screens with
 * at least 20 elements), through the app's engine on the CPU: `npx tsx training/evaluation/pictures.ts --data DIR --out DIR
 * [--split test] [--limit 200] [--model PAIRDIR]`. Green: right; red: wrong; yellow: not found with its label.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import type { BBox } from "../../app/contract/index.ts";
import { drawOverlay } from "../../app/engine/overlay/draw.ts";
import { labelledFigures, outcome } from "./measure.ts";
import { type AnsweredScreen, answerScreens, readScreens } from "./screens.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string" },
    split: { type: "string", default: "test" },
    limit: { type: "string", default: "200" },
    model: { type: "string", default: "resources/models/nano" },
  },
});
const { data, out } = values;
if (data === undefined || out === undefined)
  throw new Error("Say which dataset and where to draw: --data DIR --out DIR");

async function draw(screen: AnsweredScreen, file: string): Promise<void> {
  const { right, wrong, missed } = outcome(screen);
  const png = await drawOverlay(screen.image, [
    ...right.map(({ bbox }) => ({ bbox, tag: "", color: "#16a34a" })),
    ...missed.map(({ bbox: [x1, y1, x2, y2], label }) => ({
      bbox: [x1, y1, x2, y2] satisfies BBox,
      tag: label,
      color: "#eab308",
    })),
    ...wrong.map(({ bbox, label }) => ({ bbox, tag: label, color: "#dc2626" })),
  ]);
  await sharp(png).resize({ width: 1000, withoutEnlargement: true }).webp({ quality: 70 }).toFile(file);
}

const screens = await readScreens(data, values.split, Number(values.limit));
const answered: { readonly screen: AnsweredScreen; readonly f1: number }[] = [];
for await (const screen of answerScreens(data, screens, values.model)) {
  if (screen.truth.length >= 20) answered.push({ screen, f1: labelledFigures([screen], 0).f1 });
}
answered.sort((a, b) => b.f1 - a.f1 || b.screen.truth.length - a.screen.truth.length);
await mkdir(out, { recursive: true });
for (const [name, one] of [
  ["good", answered.at(0)],
  ["bad", answered.at(-1)],
] as const) {
  if (one === undefined) throw new Error(`${data} has no screen with at least 20 elements`);
  await draw(one.screen, path.join(out, `${name}.webp`));
  console.log(
    `${name}: ${path.basename(one.screen.image)}, ${one.screen.truth.length} elements, F1 with label ${(100 * one.f1).toFixed(1)} %`,
  );
}
