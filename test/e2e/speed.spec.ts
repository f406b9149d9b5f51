import type { Page } from "@playwright/test";
import sharp from "sharp";
import { samplePath } from "../support/repository.ts";
import { expect, test } from "./fixture.ts";

const finished = (page: Page) => expect(page.getByTestId("total-ms")).toContainText(/\d\s*(ms|s)/);
const stage = (page: Page, name: string) => page.locator(`[data-testid="stage-row"][data-stage="${name}"]`);

async function open(page: Page, name: string, buffer: Buffer) {
  await page.getByTestId("file-input").setInputFiles({ name, mimeType: "image/png", buffer });
  await expect(page.getByTestId("screenshot")).toHaveAttribute("alt", new RegExp(name));
  await finished(page);
}

/** Other specs share the server and may have left the samples' embeddings with it: the sample with a mark of its own. */
function unseenImage(): Promise<Buffer> {
  const mark = { create: { width: 7, height: 5, channels: 3, background: "#7a3b91" } } as const;
  return sharp(samplePath("settings"))
    .composite([{ input: mark, left: 3, top: 3 }])
    .png()
    .toBuffer();
}

test("a screenshot that is detected again shows its encoder as reused, not as fast", async ({ page, served }) => {
  await page.goto(served.url);
  await open(page, "unseen.png", await unseenImage());
  await expect(stage(page, "encode")).toHaveAttribute("data-state", "measured");
  const before = await page.getByTestId("element-row").count();

  await page.getByTestId("detect-button").click();
  await expect(stage(page, "encode")).toHaveAttribute("data-state", "reused");
  await expect(stage(page, "encode")).toContainText("reused");
  await expect(stage(page, "generate")).toHaveAttribute("data-state", "measured");
  await expect(page.getByTestId("element-row")).toHaveCount(before);
});

test("focus mode detects what changed, outlines it and says what it did", async ({ page, served }) => {
  await page.goto(served.url);
  const first = await sharp(samplePath("shop")).png().toBuffer();
  const moved = await sharp(first).extract({ left: 30, top: 150, width: 120, height: 24 }).toBuffer();
  const second = await sharp(first)
    .composite([{ input: moved, left: 30, top: 560 }])
    .png()
    .toBuffer();

  await page.getByTestId("focus-toggle").click();
  await expect(page.getByTestId("focus-toggle")).toHaveAttribute("aria-pressed", "true");
  await open(page, "first.png", first);
  await expect(page.getByTestId("focus-note")).toHaveAttribute("data-outcome", "full");
  await expect(page.getByTestId("focus-region")).toHaveCount(0);

  await open(page, "second.png", second);
  await expect(page.getByTestId("focus-note")).toHaveAttribute("data-outcome", "cropped");
  await expect(page.getByTestId("focus-note")).toContainText(/\d+ elements kept/);
  await expect(page.getByTestId("focus-region")).toBeVisible();
  expect(await page.getByTestId("element-row").count()).toBeGreaterThan(20);

  await page.getByTestId("focus-toggle").click();
  await expect(page.getByTestId("focus-toggle")).toHaveAttribute("aria-pressed", "false");
});
