import { samplePath } from "../support/repository.ts";
import { expect, test } from "./fixture.ts";

test.beforeEach(async ({ page, served }) => {
  await page.goto(served.url);
  await page.getByTestId("file-input").setInputFiles(samplePath("settings"));
  await expect(page.getByTestId("total-ms")).toContainText(/\d\s*(ms|s)/);
  await page.getByTestId("runs-tab").click();
});

test("three repeats after a warm-up give medians, and a comparison", async ({ page }) => {
  test.slow();
  const before = await page.getByTestId("run-row").count();
  await page.getByTestId("repeat-count").fill("3");
  await page.getByTestId("repeat-button").click();
  await expect(page.getByTestId("repeat-progress")).toContainText(/Warming up|Run \d of 3/);
  const result = page.getByTestId("repeat-result");
  await expect(result).toContainText("3 runs measured");
  await expect(page.getByTestId("run-row")).toHaveCount(before + 4);

  for (const stage of ["encode", "prefill", "generate", "total"]) {
    const row = page.locator(`[data-testid="repeat-row"][data-stage="${stage}"]`);
    await expect(row.locator("td").nth(0)).toHaveText(/^[\d.]+ m?s$/);
    await expect(row.locator("td").nth(1)).toHaveText(/^[\d.]+ m?s – [\d.]+ m?s$/);
    await expect(row.locator("td").nth(2)).toHaveText("3");
  }
  await expect(page.getByTestId("noise")).toContainText(/The machine was (steady|noisy): p5 to p95 is [\d.]+ %/);
  await expect(result).toContainText("the warm-up left out");

  await result.getByRole("button", { name: "Compare these runs" }).click();
  await expect(page.locator('[data-testid="difference-row"]:not([data-kind="matched"])')).toHaveCount(0);
  await page.getByTestId("compare-tab-times").click();
  await page.getByTestId("compare-grouping").selectOption("configuration");
  await expect(page.getByTestId("stacked-total")).toContainText("median of 3 runs");
});

test("a repetition can be cancelled and keeps what it measured", async ({ page }) => {
  await page.getByTestId("repeat-count").fill("50");
  await page.getByTestId("repeat-warmup").uncheck();
  await page.getByTestId("repeat-button").click();
  await expect(page.getByTestId("repeat-progress")).toContainText("Run 2 of 50");
  await page.getByTestId("repeat-cancel").click();
  await expect(page.getByTestId("repeat-result")).toContainText(/Cancelled after \d+ of 50 runs/);
  await expect(page.getByTestId("repeat-button")).toBeEnabled();
  await expect(page.getByTestId("detect-button")).toBeEnabled();
});

test("a senseless number is refused with a reason", async ({ page }) => {
  await page.getByTestId("repeat-count").fill("1");
  await expect(page.getByTestId("repeat-button")).toBeDisabled();
  await expect(page.getByText("A whole number from 2 to 100.")).toBeVisible();
});
