import { seriousViolations } from "../support/axe.ts";
import { openRecordedRun } from "../support/open-run.ts";
import { expect, test } from "./fixture.ts";

test("the doctor examines the bundled model and names a source for all it says", async ({ page, served }) => {
  await page.goto(served.url);
  await expect(page.getByTestId("sample").first()).toBeVisible();
  await page.keyboard.press("Shift+D");
  await expect(page.getByTestId("doctor-empty")).toContainText("Why is it slow here?");
  await page.getByTestId("doctor-run").click();
  await expect(page.getByTestId("finding").first()).toBeVisible();
  await expect(page.getByTestId("doctor-verdict")).toHaveText(/\d (problem|warning|advice|fine)/);
  for (const said of ["finding", "evidence"]) {
    const all = page.getByTestId(said);
    await expect(all.first()).toBeVisible();
    expect(await all.getByTestId("source").filter({ hasText: /\w/ }).count()).toBe(await all.count());
  }
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await seriousViolations(page), colorScheme).toEqual([]);
  }

  // The report is the host's: a new window shows it at once.
  await page.reload();
  await page.getByTestId("doctor-button").click();
  await expect(page.getByTestId("finding").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("doctor")).toHaveCount(0);
});

test("remedies are tried on the open screenshot, and that can be cancelled", async ({ page, served }) => {
  await page.goto(served.url);
  await openRecordedRun(page);
  await page.keyboard.press("Shift+D");
  // A report of an earlier test may offer it a second time, beside its finding.
  await page.getByRole("button", { name: "Try remedies" }).last().click();
  await expect(page.getByTestId("doctor-progress")).toContainText(/\w/);
  await page.getByTestId("doctor-cancel").click();
  await expect(page.getByTestId("doctor-cancel")).toHaveCount(0);
  await expect(page.getByTestId("error-banner")).toHaveCount(0);
});

test("diagnostics are copied with what was ticked", async ({ page, served, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(served.url);
  await page.getByTestId("doctor-button").click();
  await page.getByTestId("diagnostics-open").click();
  await expect(page.getByTestId("include-paths")).not.toBeChecked();
  expect(await seriousViolations(page), "dialog").toEqual([]);
  const asked = page.waitForRequest(/diagnostics\.bundle/);
  await page.getByTestId("include-image-names").check();
  await page.getByTestId("diagnostics-copy").click();
  expect((await asked).postDataJSON()).toMatchObject({ includePaths: false, includeImageNames: true });
  await expect(page.getByTestId("toast")).toContainText("Diagnostics copied");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("Holoscope");
});
