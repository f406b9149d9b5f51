import { readFile } from "node:fs/promises";
import { samplePath } from "./repository.ts";
import { type BoxFixture, makeRun, pngImage, runFileOf } from "./run-fixtures.ts";

/** A file as Playwright's setInputFiles takes it. */
export interface FileFixture {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export function jsonFile(name: string, value: unknown): FileFixture {
  return { name, mimeType: "application/json", buffer: Buffer.from(JSON.stringify(value)) };
}

/** A run file of a sample screenshot, with the screenshot in it: opens without a model. */
export async function sampleRunFile(sample: string, boxes: readonly BoxFixture[]): Promise<FileFixture> {
  const image = await readFile(samplePath(sample));
  const run = makeRun({ image: pngImage(image, `${sample}.png`), boxes });
  return { name: `${sample}-run.json`, mimeType: "application/json", buffer: Buffer.from(runFileOf(run, { image })) };
}

/** Boxes for the sample "settings" (1280x736 px): two good ones, one far off, one invented, one found twice. */
export const settingsBoxes: readonly BoxFixture[] = [
  { label: "button", bbox: [100, 100, 200, 140], confidence: 0.95 },
  { label: "link", bbox: [300, 100, 400, 140], confidence: 0.9 },
  { label: "button", bbox: [500, 100, 600, 140], confidence: 0.85 },
  { label: "icon", bbox: [700, 300, 760, 330], confidence: 0.8 },
  { label: "button", bbox: [104, 100, 204, 140], confidence: 0.6 },
];

/** What is "known" of two samples, as COCO has it; "elsewhere.png" is never opened. */
export const cocoTruth = {
  images: [
    { id: 1, file_name: "shots/settings.png", width: 1280, height: 736 },
    { id: 2, file_name: "shots/shop.png" },
    { id: 3, file_name: "shots/elsewhere.png" },
  ],
  annotations: [
    { id: 1, image_id: 1, category_id: 1, bbox: [100, 100, 100, 40] },
    { id: 2, image_id: 1, category_id: 1, bbox: [310, 100, 100, 40] },
    { id: 3, image_id: 1, category_id: 1, bbox: [540, 100, 100, 40] },
    { id: 4, image_id: 1, category_id: 2, bbox: [100, 500, 100, 40] },
    { id: 5, image_id: 2, category_id: 2, bbox: [50, 50, 100, 100] },
  ],
  categories: [
    { id: 1, name: "button" },
    { id: 2, name: "link" },
  ],
};
