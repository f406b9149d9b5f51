import type { Backend, ImageRef, Repeat, RunRecord, StageName } from "../../app/contract/index.ts";
import { type BoxFixture, makeRun } from "./run-fixtures.ts";

/** Two answers for one screenshot of 1280x800 px, and runs that gave them on two machines. */
export const boxesOfA: readonly BoxFixture[] = [
  { label: "button", bbox: [100, 100, 200, 140] },
  { label: "link", bbox: [300, 100, 400, 120] },
  { label: "input", bbox: [100, 300, 400, 340] },
  { label: "checkbox", bbox: [100, 400, 120, 420] },
  { label: "heading", bbox: [600, 40, 900, 80] },
];

/**
 * The button stays where it was, the link is called a tab, the input lies 3 px right and 4 px down (5 px), the check
 * box is not found, the heading is within rounding, and an icon is new.
 */
export const boxesOfB: readonly BoxFixture[] = [
  { label: "button", bbox: [100, 100, 200, 140] },
  { label: "tab", bbox: [300, 100, 400, 120] },
  { label: "heading", bbox: [600.5, 40, 900.5, 80] },
  { label: "input", bbox: [103, 304, 403, 344] },
  { label: "icon", bbox: [700, 600, 740, 640] },
];

/** ms by stage, 1400 ms in all and 650 ms in all. */
export const slowStages = { decode: 10, preprocess: 20, encode: 800, prefill: 300, generate: 250, parse: 5, other: 15 };
export const fastStages = { ...slowStages, encode: 200, prefill: 150, generate: 250 };

export interface ComparedRun {
  readonly id: string;
  readonly image: ImageRef;
  readonly backend: Backend;
  readonly machine: string;
  /** Day of March 2026. */
  readonly day: number;
  readonly stages: Partial<Record<StageName, number>>;
  readonly reused?: readonly StageName[];
  readonly boxes?: readonly BoxFixture[];
  readonly repeat?: Repeat;
}

export function comparedRun({ day, ...run }: ComparedRun): RunRecord {
  return makeRun({ model: "Holo1.5-7B", boxes: boxesOfA, ...run, createdAt: `2026-03-0${day}T10:00:00.000Z` });
}
