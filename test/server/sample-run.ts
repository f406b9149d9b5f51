import type { Detection, RunRecord, Stage } from "../../app/contract/index.ts";
import { type BoxFixture, detectionFixture, imageFixture, makeRun } from "../support/run-fixtures.ts";

export const sampleStages: readonly Stage[] = makeRun().stages;

const size = { width: 1920, height: 1080 };
const box = (index: number, label: string): BoxFixture => ({ label, bbox: [10 * index, 20, 10 * index + 40, 50] });

export function sampleDetection(index: number, label = "button"): Detection {
  return detectionFixture(box(index, label), index, size);
}

/** A finished run of an image of 1920x1080 px on one CPU, with two elements and 685 ms in all. */
export function sampleRun(changes: Partial<RunRecord> = {}): RunRecord {
  const boxes = [box(1, "button"), box(2, "menu item")];
  return { ...makeRun({ id: "run-00000001", image: imageFixture("screen.png", size), boxes }), ...changes };
}
