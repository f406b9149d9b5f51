import { readFile } from "node:fs/promises";
import type { Page } from "playwright";
import { samplePath } from "./repository.ts";
import { gridOfBoxes, makeRun, pngImage, runFileOf } from "./run-fixtures.ts";

/** How many elements the recorded run has. */
export const recordedElements = 24;

/**
 * Opens a recorded run of a sample screenshot, its image with it, as a user does with a run file: seconds faster than
 * detecting, for specs that are about something else.
 */
export async function openRecordedRun(page: Page, name = "settings"): Promise<void> {
  const bytes = await readFile(samplePath(name));
  const image = pngImage(bytes, `${name}.png`);
  const run = makeRun({ image, boxes: gridOfBoxes(recordedElements, image) });
  await page.getByTestId("file-input").setInputFiles({
    name: `${name}.run.json`,
    mimeType: "application/json",
    buffer: Buffer.from(runFileOf(run, { image: bytes })),
  });
  await page.getByTestId("screenshot").waitFor();
  await page
    .getByTestId("total-ms")
    .filter({ hasText: /\d/ })
    .or(page.getByTestId("timings-splitter"))
    .first()
    .waitFor();
}
