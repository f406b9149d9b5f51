import { writeFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { seriousViolations } from "../support/axe.ts";
import { serveHoloscope } from "../support/serve.ts";
import { expect, test } from "./fixture.ts";

test.use({ serverOf: "settings" });

const row = (page: Page, name: string) => page.getByTestId(`setting-${name}`);
const control = (page: Page, name: string) => page.getByTestId(`setting-${name}-control`);

async function openSettings(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.getByTestId("sample").first()).toBeVisible();
  await page.keyboard.press("ControlOrMeta+,");
  await expect(page.getByTestId("settings-search")).toBeFocused();
}

test("a changed setting is kept, marked, told at the pickers and reset", async ({ page, served }) => {
  await openSettings(page, served.url);
  await expect(page.getByTestId("settings-count")).toHaveText("All have their defaults");
  await expect(page.getByTestId("overrides")).toHaveCount(0);
  await control(page, "maxImageTokens").fill("640");
  await page.keyboard.press("Enter");
  await control(page, "prefetch").uncheck();
  await control(page, "theme").selectOption("Dark");
  await expect(page.getByTestId("settings-count")).toHaveText(/^3 of \d+ settings changed$/);
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");

  await page.reload();
  await expect(page.getByTestId("overrides")).toHaveAccessibleName(/^2 overrides of the profile/);
  await expect(page.locator("div", { has: page.getByTestId("profile-picker") }).last()).toHaveAttribute(
    "title",
    /Image tokens: 640, in place of 1,280/,
  );
  await page.getByTestId("overrides").click();
  await expect(page.getByTestId("settings-changed")).toBeChecked();
  await expect(page.locator("[data-changed]")).toHaveCount(3);
  await expect(row(page, "maxImageTokens")).toContainText("Default: 1,280");
  await expect(control(page, "maxImageTokens")).toHaveValue("640");
  await expect(control(page, "prefetch")).not.toBeChecked();

  await page.getByRole("button", { name: "Reset Prefetch" }).click();
  await expect(row(page, "prefetch")).toHaveCount(0);
  await page.getByTestId("settings-reset-all").click();
  await expect(page.getByTestId("settings-count")).toHaveText("All have their defaults");
  await expect(page.getByTestId("overrides")).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).last().click();
  await expect(page.locator("[data-changed=true]")).toHaveCount(2);
  await page.getByTestId("settings-reset-all").click();
  await page.getByTestId("settings-show-all").click();
  await expect(row(page, "threads")).toBeVisible();
});

test("what a setting does not take is refused where it is typed", async ({ page, served }) => {
  await openSettings(page, served.url);
  const threads = control(page, "threads");
  for (const wrong of ["513", "1.5", "many", ""]) {
    await threads.fill(wrong);
    await expect(row(page, "threads").getByTestId("setting-problem")).toHaveText("Takes a whole number, 0 to 512.");
    await expect(threads).toHaveAttribute("aria-invalid", "true");
  }
  await threads.press("Enter");
  await expect(page.getByTestId("settings-count")).toHaveText("All have their defaults");
  // The first Escape takes back what was typed, the second closes the view.
  await threads.press("Escape");
  await expect(threads).toHaveValue("0");
  await expect(page.getByTestId("setting-problem")).toHaveCount(0);
  await threads.press("Escape");
  await expect(page.getByTestId("settings")).toHaveCount(0);
});

test("settings are searched", async ({ page, served }) => {
  await openSettings(page, served.url);
  await page.getByTestId("settings-search").fill("threads small");
  await expect(page.locator("[data-changed]")).toHaveCount(1);
  await expect(row(page, "generateThreads")).toBeVisible();
  await page.getByTestId("settings-search").fill("teleport");
  await expect(page.getByTestId("settings")).toContainText("No such setting");
  await page.getByTestId("settings-show-all").click();
  await expect(row(page, "modelId")).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious in the ${colorScheme} theme`, async ({ page, served }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openSettings(page, served.url);
    await control(page, "cpuAttention").uncheck();
    await control(page, "threads").fill("many");
    await expect(page.getByTestId("setting-problem")).toBeVisible();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Reset Attention kernel" }).click();
    await expect(page.getByTestId("settings-count")).toHaveText("All have their defaults");
  });
}

test("what of settings.json could not be read is told when the window opens", async ({ page }) => {
  const served = await serveHoloscope((folder) =>
    writeFile(`${folder}/settings.json`, JSON.stringify({ theme: "purple", machineName: "Desk" })),
  );
  try {
    await page.goto(served.url);
    await expect(page.getByTestId("error-banner")).toContainText("theme is not valid");
    await page.getByTestId("settings-button").click();
    await expect(control(page, "machineName")).toHaveValue("Desk");
  } finally {
    await served.stop();
  }
});
