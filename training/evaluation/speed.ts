/**
 * Times pairs against each other in one run, through the app's engine on the CPU: `npx tsx training/evaluation/speed.ts
 * --model PAIRDIR [--model PAIRDIR] [--image FILE] [--runs 10]`. The image is scaled to 1280 x 736 px. The pairs take turns;
 * each turn loads anew. What is printed are medians and, in brackets, the least and the most.
 */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { max, median, min } from "d3-array";
import sharp from "sharp";
import { resolveSettings } from "../../app/contract/index.ts";
import { openNative } from "../../native/index.ts";
import { pairRunner } from "./screens.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string", multiple: true },
    image: { type: "string", default: "resources/samples/settings.png" },
    runs: { type: "string", default: "10" },
  },
});
const folders = values.model ?? ["resources/models/nano"];
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1)
  throw new Error(`--runs takes a whole number from 1 on, not "${values.runs}".`);

const native = openNative("cpu");
const settings = resolveSettings("balanced", { reuseImage: false });
const measured = folders.map((folder) => ({
  folder,
  firstMs: [] as number[],
  detectMs: [] as number[],
  elements: 0,
}));
const temporary = await mkdtemp(path.join(os.tmpdir(), "holoscope-speed-"));
const imagePath = path.join(temporary, "1280x736.png");
try {
  await sharp(values.image).resize(1280, 736, { fit: "fill" }).png().toFile(imagePath);
  for (let turn = 0; turn < runs; turn++) {
    for (const one of measured) {
      const runner = pairRunner(native, one.folder, settings);
      const once = async () => {
        const started = performance.now();
        const { detections, totalMs } = await runner.detect(imagePath, `turn-${turn}`);
        one.elements = detections.length;
        return { totalMs, aroundMs: performance.now() - started - totalMs };
      };
      // What the first detection needs beside its own time is mostly loading the model.
      one.firstMs.push((await once()).aroundMs);
      one.detectMs.push((await once()).totalMs);
      await runner.unload();
    }
  }
} finally {
  await rm(temporary, { recursive: true, force: true });
}
const range = (ms: readonly number[]) =>
  `${median(ms)?.toFixed(0)} ms (${min(ms)?.toFixed(0)} to ${max(ms)?.toFixed(0)})`;
console.log(
  `${os.cpus()[0]?.model.trim() ?? "unknown processor"}, ${os.cpus().length} cores, ${runs} runs each in turns`,
);
for (const { folder, firstMs, detectMs, elements } of measured) {
  console.log(`${folder}: load ${range(firstMs)}; detect ${range(detectMs)}; ${elements} elements`);
}
