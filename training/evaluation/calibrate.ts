/**
 * Calibrates a detector's confidence on held-out screens, through the app's own engine on the CPU: `npx tsx
 * training/evaluation/calibrate.ts --data DIR --split validation --model PAIRDIR [--limit N] [--out FILE.json] [--write]`.
 *
 * A box is right if it matches a true one at IoU 0.5 and has its label, as the calibration error of evaluate.ts counts it.
 * Isotonic regression over all boxes, down to confidence 0, gives the map from the confidence of token probabilities to the
 * share of right boxes; thresholds.ts says how the profiles' minimum confidences are chosen. With --write both go into the
 * metadata of PAIRDIR/model.gguf. A map that the file already has plays no part: what is measured is the raw confidence.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { calibrate } from "../../app/engine/answer/calibration.ts";
import { ownKeys } from "../../app/engine/families/own-metadata.ts";
import { setMetadata } from "./gguf-metadata.ts";
import { fitCalibration } from "./isotonic.ts";
import { type Answered, judge, labelledFigures, reliabilityOf } from "./measure.ts";
import { answerScreens, readScreens } from "./screens.ts";
import { chooseThresholds } from "./thresholds.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    split: { type: "string", default: "validation" },
    model: { type: "string" },
    limit: { type: "string", default: "1000000" },
    out: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const { data, split, model } = values;
if (data === undefined) throw new Error("Say which dataset: --data DIR");
if (model === undefined) throw new Error("Say which pair to calibrate: --model DIR");

const screens: Answered[] = [];
for await (const screen of answerScreens(data, await readScreens(data, split, Number(values.limit)), model)) {
  screens.push(screen);
}
const judged = screens.flatMap(judge);
const calibration = fitCalibration(judged);
const calibrated = screens.map(
  ({ truth, found }): Answered => ({
    truth,
    found: found.map((each) => ({
      ...each,
      confidence: calibrate(calibration, each.rawConfidence ?? each.confidence),
    })),
  }),
);
const steps = Array.from({ length: 96 }, (_, index) => index / 100);
const swept = steps.map((minConfidence) => ({ minConfidence, figures: labelledFigures(calibrated, minConfidence) }));
const thresholds = chooseThresholds(swept);

const errorOf = (confidence: (raw: number) => number) =>
  reliabilityOf(judged.map(({ raw, right }) => ({ confidence: confidence(raw), right }))).calibrationError;
const report = {
  data: path.basename(data),
  split,
  screens: screens.length,
  boxes: judged.length,
  ...calibration,
  thresholds,
  figures: Object.fromEntries(
    Object.entries(thresholds).map(([profile, minConfidence]) => [profile, labelledFigures(calibrated, minConfidence)]),
  ),
  /** Of the very screens that the map was fitted to: for others see evaluate.ts. */
  calibrationError: { raw: errorOf((raw) => raw), calibrated: errorOf((raw) => calibrate(calibration, raw)) },
};
console.log(JSON.stringify(report, null, 2));
if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
if (values.write) {
  await setMetadata(path.join(model, "model.gguf"), {
    [ownKeys.raw]: calibration.raw,
    [ownKeys.calibrated]: calibration.calibrated,
    ...Object.fromEntries(
      Object.entries(thresholds).map(([profile, value]) => [`${ownKeys.threshold}.${profile}`, value]),
    ),
  });
}
