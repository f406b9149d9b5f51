/**
 * Measures a detector on a dataset through the app's own engine, on the CPU: `npx tsx training/evaluation/evaluate.ts
 * --data DIR [--split test] [--model resources/models/nano] [--limit N] [--min-confidence 0.3] [--json FILE]`.
 */
import { writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Answered, type Evaluation, evaluate } from "./measure.ts";
import { answerScreens, readScreens } from "./screens.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    split: { type: "string", default: "test" },
    model: { type: "string", default: "resources/models/nano" },
    limit: { type: "string", default: "1000000" },
    "min-confidence": { type: "string", default: "0.3" },
    json: { type: "string" },
  },
});
if (values.data === undefined) throw new Error("Say which dataset: --data DIR");
const { data } = values;
const minConfidence = Number(values["min-confidence"]);

const lines = await readScreens(data, values.split, Number(values.limit));
const answered = new Map<string, Answered[]>();
const times: number[] = [];
for await (const { library, ms, ...screen } of answerScreens(data, lines, values.model)) {
  times.push(ms);
  answered.set(library, [...(answered.get(library) ?? []), screen]);
}

const percent = (value: number) => (100 * value).toFixed(1);
const row = (name: string, e: Evaluation) =>
  `| ${name} | ${e.screens} | ${e.elements} | ${percent(e.iou50.precision)} | ${percent(e.iou50.recall)} | ${percent(e.iou50.f1)} | ${percent(e.iou50Label.f1)} | ${percent(e.iou75.f1)} | ${percent(e.centreInBox)} | ${e.calibrationError.toFixed(3)} |`;

const all = evaluate([...answered.values()].flat(), minConfidence);
times.sort((a, b) => a - b);
console.log(
  `${values.model} on ${values.split} of ${path.basename(data)}, minimum confidence ${minConfidence}; %, sums over all screens`,
);
console.log(
  `${os.cpus()[0]?.model ?? "unknown CPU"}, ${os.cpus().length} cores; a screen takes ${times[Math.floor(times.length / 2)]?.toFixed(0)} ms (median)\n`,
);
console.log(
  "| library | screens | elements | precision | recall | F1 | F1 with label | F1 at IoU 0.75 | centre in box | calibration error |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
for (const [name, screens] of [...answered].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(row(name, evaluate(screens, minConfidence)));
console.log(row("all", all));
console.log("\n| label | elements | recall | recall with label |\n| --- | --- | --- | --- |");
for (const [name, each] of Object.entries(all.byLabel))
  console.log(`| ${name} | ${each.count} | ${percent(each.recall)} | ${percent(each.recallWithLabel)} |`);
console.log("\n| shorter side | elements | recall |\n| --- | --- | --- |");
for (const [name, each] of Object.entries(all.bySize))
  console.log(`| ${name} | ${each.count} | ${percent(each.recall)} |`);
console.log("\n| confidence from | boxes | mean confidence | right |\n| --- | --- | --- | --- |");
for (const each of all.reliability)
  console.log(
    `| ${each.from.toFixed(1)} | ${each.count} | ${each.confidence.toFixed(3)} | ${each.correct.toFixed(3)} |`,
  );
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(all, null, 2)}\n`);
