import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import sharp from "sharp";
import { runSummarySchema } from "../../app/contract/index.ts";
import { seriousViolations } from "../support/axe.ts";
import { dropFiles } from "../support/drop.ts";
import { samplePath } from "../support/repository.ts";
import { expect, test } from "./fixture.ts";

/** A folder of small screenshots, each different, and one file that is no image. */
async function folderOfScreens(count: number): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-batch-"));
  for (let index = 1; index <= count; index += 1) {
    const screen = sharp(samplePath("settings"))
      .resize(320, 184)
      .tint({ r: 200, g: 200, b: 255 - index });
    await writeFile(path.join(folder, `screen ${index}.png`), await screen.png().toBuffer());
  }
  await writeFile(path.join(folder, "broken.png"), "no image at all");
  return folder;
}

const items = '[data-testid="batch-item"]';

test("a folder is worked through; one broken file does not stop the rest; a result opens", async ({ page, served }) => {
  const folder = await folderOfScreens(3);
  await page.goto(served.url);
  await page.getByTestId("batch-button").click();
  await page.getByTestId("folder-input").setInputFiles(folder);
  await expect(page.locator(items)).toHaveCount(4);
  await expect(page.getByTestId("batch-progress")).toContainText("3 of 4 files done · 1 failed");
  await expect(page.locator(`${items}[data-status="failed"]`)).toContainText("broken.png");
  const done = page.locator(`${items}[data-status="done"]`);
  await expect(done).toHaveCount(3);
  await expect(done.first()).toContainText(/\d+ elements? · [\d.]+ m?s/);
  await expect(page.getByTestId("batch-retry")).toContainText("1 file");

  expect(await seriousViolations(page)).toEqual([]);

  await done.first().getByRole("button").click();
  await expect(page.getByTestId("batch")).toHaveCount(0);
  await expect(page.getByTestId("screenshot")).toBeVisible();
  await expect(page.getByTestId("total-ms")).toContainText(/\d/);
  await rm(folder, { recursive: true, force: true });
});

test("ground truth of a folder is measured over the whole batch", async ({ page, served }) => {
  const folder = await folderOfScreens(2);
  await page.goto(served.url);
  await page.getByTestId("batch-button").click();
  await page.getByTestId("folder-input").setInputFiles(folder);
  await expect(page.getByTestId("batch-progress")).toContainText("2 of 3 files done");
  await page.getByTestId("batch-measure").click();
  await expect(page.getByTestId("truth-empty")).toBeVisible();
  await expect(page.getByTestId("image-thumb")).toHaveCount(2);
  const truth = {
    images: [1, 2].map((id) => ({ id, file_name: `screen ${id}.png`, width: 320, height: 184 })),
    annotations: [1, 2].map((id) => ({ id, image_id: id, category_id: 1, bbox: [0, 0, 3, 3] })),
    categories: [{ id: 1, name: "button" }],
  };
  await dropFiles(page, [{ name: "truth.json", bytes: Buffer.from(JSON.stringify(truth)), type: "application/json" }]);
  await page.getByTestId("truth-all").click();
  await expect(page.getByTestId("truth-image-row")).toHaveCount(2);
  // The known element lies in the empty corner: whatever was found, it is missed in both images.
  await expect(page.getByTestId("truth-micro")).toContainText("Together");
  const cells = page.getByTestId("truth-micro").getByRole("cell");
  await expect(cells.nth(0)).toHaveText("0");
  await expect(cells.nth(1)).toHaveText("2");
  await rm(folder, { recursive: true, force: true });
});

test("many dropped files make a batch that pauses, goes on and is cancelled", async ({ page, served }) => {
  const screen = await readFile(samplePath("settings"));
  const files = await Promise.all(
    Array.from({ length: 9 }, async (_, index) => ({
      name: `file ${index}.png`,
      bytes: await sharp(screen)
        .resize(320, 184)
        .tint({ r: 255 - index, g: 220, b: 220 })
        .png()
        .toBuffer(),
      type: "image/png",
    })),
  );
  await page.goto(served.url);
  await dropFiles(page, files);
  await expect(page.locator(items)).toHaveCount(9);
  await page.getByTestId("batch-pause").click();
  await expect(page.getByTestId("batch-progress")).toContainText(/\d of 9 files done · paused/);
  const before = await page.locator(`${items}[data-status="done"]`).count();
  expect(before).toBeLessThan(9);
  // Nothing begins while paused: a detection that is asked for now is the newest run still when it is done.
  const call = (method: string, params: object) =>
    page.evaluate(async ([name, body]) => (await fetch(`/api/call/${name}`, { method: "POST", body })).json(), [
      method,
      JSON.stringify(params),
    ] as const);
  const newest = async () => runSummarySchema.array().parse((await call("runs.list", { limit: 1 })).value)[0];
  const started = await call("runs.start", { imageId: (await newest())?.imageId });
  await expect.poll(newest).toMatchObject({ id: started.value.runId, status: "done" });
  expect(await page.locator(`${items}[data-status="done"]`).count()).toBe(before);

  await page.getByTestId("batch-resume").click();
  await expect(page.getByTestId("batch-progress")).toContainText(/about \d+ s left/);
  await page.getByTestId("batch-cancel").click();
  await expect(page.getByTestId("batch-clear")).toBeVisible();
  expect(await page.locator(`${items}[data-status="cancelled"]`).count()).toBeGreaterThan(0);
});
