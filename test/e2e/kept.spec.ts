import type { Page } from "@playwright/test";
import sharp from "sharp";
import { seriousViolations } from "../support/axe.ts";
import { dropFiles } from "../support/drop.ts";
import { samplePath } from "../support/repository.ts";
import { expect, test } from "./fixture.ts";

test.use({ serverOf: "kept" });

/** A sample with other bytes, so that it is a user's own screenshot. */
async function screenshot(name: string) {
  const bytes = await sharp(samplePath(name)).png({ compressionLevel: 1 }).toBuffer();
  return { name: `${name}.png`, bytes, type: "image/png" };
}

const thumbs = (page: Page) => page.getByTestId("image-thumb");
const dialog = (page: Page) => page.getByTestId("deletion-dialog");
const count = (page: Page, kind: string) => page.getByTestId(`kept-${kind}`).locator("td").first();

/** The window with nothing open, once it has heard from the host. */
async function openWindow(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByTestId("sample").first()).toBeVisible();
}

/** Drops screenshots and waits until both have their run. */
async function dropBoth(page: Page): Promise<void> {
  await dropFiles(page, [await screenshot("settings"), await screenshot("shop")]);
  await expect(page.locator('[data-testid="image-thumb"][data-status="done"]')).toHaveCount(2);
}

async function runCommand(page: Page, words: string): Promise<void> {
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByTestId("palette-query").fill(words);
  await page.keyboard.press("Enter");
}

async function openSettings(page: Page): Promise<void> {
  await page.keyboard.press("ControlOrMeta+,");
  await expect(page.getByTestId("settings-search")).toBeFocused();
}

test("one screenshot is deleted with its runs once the user agrees, and stays deleted", async ({ page, served }) => {
  await openWindow(page, served.url);
  await dropBoth(page);
  await thumbs(page).filter({ hasText: "settings.png" }).click();

  await runCommand(page, "delete this screenshot");
  await expect(dialog(page)).toContainText("settings.png");
  await expect(dialog(page)).toContainText("Runs1");
  await expect(dialog(page)).toContainText("cannot be undone");
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByTestId("deletion-cancel").click();
  await expect(dialog(page)).toHaveCount(0);
  await page.getByTestId("runs-tab").click();
  await page.getByTestId("delete-image").click();
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toHaveCount(0);
  await expect(thumbs(page)).toHaveCount(2);
  await expect(page.getByTestId("run-row")).toHaveCount(1);

  await page.getByTestId("delete-image").click();
  await page.getByTestId("deletion-confirm").click();
  await expect(page.getByTestId("toast")).toContainText("Deleted 1 screenshot and 1 run");
  await expect(page.getByTestId("toast").getByRole("button", { name: "Undo" })).toHaveCount(0);
  await expect(thumbs(page)).toHaveText([/^shop\.png/]);
  await expect(page.getByTestId("screenshot")).toBeVisible();

  await page.reload();
  await page.keyboard.press("l");
  await expect(page.getByTestId("library-row")).toHaveText([/shop\.png/]);
  await page.keyboard.press("Escape");
  await openSettings(page);
  await expect(count(page, "images")).toHaveText("1");
  await expect(count(page, "runs")).toHaveText("1");
});

test("the library deletes selected runs with their screenshots", async ({ page, served }) => {
  await openWindow(page, served.url);
  await dropBoth(page);
  await page.keyboard.press("l");
  const rows = page.getByTestId("library-row");
  await rows.filter({ hasText: "settings.png" }).first().click();
  await page.getByTestId("library-delete-images").click();
  await expect(dialog(page)).toContainText("settings.png");
  await page.getByTestId("deletion-confirm").click();
  await expect(rows.filter({ hasText: "settings.png" })).toHaveCount(0);
  await expect(rows.filter({ hasText: "shop.png" }).first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(thumbs(page)).toHaveText([/^shop\.png/]);
});

test("the figures are found by what they are for; tidying says what it removed", async ({ page, served }) => {
  await openWindow(page, served.url);
  await openSettings(page);
  const search = page.getByTestId("settings-search");
  await search.fill("storage");
  await expect(page.getByTestId("kept-panel")).toBeVisible();
  await search.fill("threads");
  await expect(page.getByTestId("setting-threads")).toBeVisible();
  await expect(page.getByTestId("kept-panel")).toHaveCount(0);
  await search.fill("what is kept");
  await expect(page.getByTestId("setting-keepDays")).toBeVisible();
  await page.getByTestId("kept-tidy").click();
  await expect(page.getByTestId("toast")).toHaveText("Nothing to remove");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`everything is deleted from the settings; axe finds nothing serious in the ${colorScheme} theme`, async ({
    page,
    served,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openWindow(page, served.url);
    await dropBoth(page);
    await openSettings(page);
    await expect(count(page, "images")).toHaveText("2");
    await page.getByTestId("kept-panel").scrollIntoViewIfNeeded();
    expect(await seriousViolations(page), "panel").toEqual([]);

    await page.getByTestId("kept-delete-all").click();
    await expect(dialog(page).getByTestId("kept-images")).toHaveText(/^Screenshots2/);
    expect(await seriousViolations(page), "dialog").toEqual([]);
    await page.getByTestId("deletion-cancel").click();
    await expect(count(page, "images")).toHaveText("2");

    await page.getByTestId("kept-delete-all").click();
    await page.getByTestId("deletion-confirm").click();
    await expect(page.getByTestId("toast")).toContainText(/^Deleted 2 screenshots and \d+ runs/);
    for (const kind of ["images", "runs", "truth", "trash"]) await expect(count(page, kind)).toHaveText("0");
    await expect(page.getByTestId("kept-delete-all")).toBeDisabled();

    // The samples come with the application and are there again.
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("empty-state")).toBeVisible();
    await page.getByTestId("sample").first().click();
    await expect(page.locator('[data-testid="image-thumb"][data-status="done"]')).toHaveCount(1);
  });
}
