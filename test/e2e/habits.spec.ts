import type { Page } from "@playwright/test";
import { samplePath } from "../support/repository.ts";
import { expect, test } from "./fixture.ts";

const mod = process.platform === "darwin" ? "Meta" : "Control";

let problems: string[];

test.beforeEach(async ({ page, served }) => {
  problems = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(served.url);
  await expect(page.getByTestId("empty-state")).toBeVisible();
});

test.afterEach(() => expect(problems).toEqual([]));

async function openSample(page: Page, name = "settings"): Promise<void> {
  await page.getByTestId("file-input").setInputFiles(samplePath(name));
  await expect(page.getByTestId("total-ms")).toContainText(/\d/, { timeout: 60_000 });
}

test("the palette finds a command by a few letters and runs it", async ({ page }) => {
  await page.keyboard.press(`${mod}+k`);
  const query = page.getByTestId("palette-query");
  await expect(query).toBeFocused();
  await query.fill("keysh");
  await expect(page.getByTestId("palette-option").first()).toHaveAttribute("data-command", "shortcuts");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("palette")).toHaveCount(0);
  await expect(page.getByTestId("shortcut-sheet")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("shortcut-sheet")).toHaveCount(0);
});

test("dialogs keep the focus and give it back", async ({ page }) => {
  const theme = page.getByTestId("theme-button");
  await theme.focus();
  await page.keyboard.press("?");
  const sheet = page.getByTestId("shortcut-sheet");
  await expect(sheet).toBeVisible();
  for (let step = 0; step < 4; step += 1) {
    await page.keyboard.press("Tab");
    expect(await sheet.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press("Escape");
  await expect(theme).toBeFocused();
});

test("closing a screenshot can be undone, by the toast and by key", async ({ page }) => {
  await openSample(page);
  const found = await page.getByTestId("element-row").count();
  expect(found).toBeGreaterThan(5);
  await page.getByRole("button", { name: "Close settings.png" }).click();
  await expect(page.getByTestId("empty-state")).toBeVisible();
  await page.getByTestId("toast").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByTestId("element-row")).toHaveCount(found);

  await page.getByTestId("canvas").click({ position: { x: 3, y: 3 } });
  await page.keyboard.press("Delete");
  await expect(page.getByTestId("empty-state")).toBeVisible();
  await page.keyboard.press(`${mod}+z`);
  await expect(page.getByTestId("element-row")).toHaveCount(found);
});
