import { seriousViolations } from "../support/axe.ts";
import { comparedRun, fastStages, slowStages } from "../support/compared-runs.ts";
import { dropFiles } from "../support/drop.ts";
import { openRecordedRun } from "../support/open-run.ts";
import { samplePath } from "../support/repository.ts";
import { imageFixture } from "../support/run-fixtures.ts";
import { expect, test } from "./fixture.ts";

const themes = [
  { name: "light", colorScheme: "light", contrast: "no-preference" },
  { name: "dark", colorScheme: "dark", contrast: "no-preference" },
  { name: "light, high contrast", colorScheme: "light", contrast: "more" },
  { name: "dark, high contrast", colorScheme: "dark", contrast: "more" },
] as const;

for (const { name, colorScheme, contrast } of themes) {
  test.describe(`in the theme ${name}`, () => {
    test.use({ colorScheme, contextOptions: { contrast, reducedMotion: "reduce" } });

    test("axe finds nothing serious on any view", async ({ page, served }) => {
      await page.goto(served.url);
      await expect(page.getByTestId("sample").first()).toBeVisible();
      expect(await seriousViolations(page), "empty").toEqual([]);

      await openRecordedRun(page);
      await page.getByTestId("element-row").nth(2).click();
      expect(await seriousViolations(page), "an element selected").toEqual([]);

      await page.getByTestId("copy-menu").click();
      await expect(page.getByRole("menu")).toBeVisible();
      expect(await seriousViolations(page), "a menu").toEqual([]);
      await page.keyboard.press("Escape");

      await page.keyboard.press("ControlOrMeta+k");
      await expect(page.getByTestId("palette-option").first()).toBeVisible();
      expect(await seriousViolations(page), "palette").toEqual([]);
      await page.keyboard.press("Escape");

      await page.keyboard.press("?");
      await expect(page.getByTestId("shortcut-row").first()).toBeVisible();
      expect(await seriousViolations(page), "shortcut sheet").toEqual([]);
      await page.keyboard.press("Escape");

      await page.getByTestId("runs-tab").click();
      expect(await seriousViolations(page), "runs").toEqual([]);

      await page.getByTestId("library-button").click();
      await page.getByTestId("library-row").first().click();
      await expect(page.getByTestId("library-details")).toBeVisible();
      expect(await seriousViolations(page), "library").toEqual([]);
      await page.keyboard.press("Escape");

      for (const screen of ["models", "operators", "doctor", "settings"]) {
        await page.getByTestId(`${screen}-button`).click();
        await expect(page.getByTestId(screen)).toBeVisible();
        expect(await seriousViolations(page), screen).toEqual([]);
        await page.keyboard.press("Escape");
      }

      await page.getByTestId("batch-button").click();
      await expect(page.getByTestId("batch")).toBeVisible();
      expect(await seriousViolations(page), "batch").toEqual([]);
      await page.getByRole("button", { name: "Close the batch" }).click();

      const [slow, fast] = [slowStages, fastStages].map((stages, index) =>
        comparedRun({
          id: `axe-run-${index}`,
          image: imageFixture(),
          machine: "Test bench",
          backend: index === 0 ? "cpu" : "cuda",
          day: index + 1,
          stages,
        }),
      );
      await dropFiles(
        page,
        [slow, fast].map((run) => ({
          name: "run.json",
          bytes: Buffer.from(JSON.stringify(run)),
          type: "application/json",
        })),
      );
      await page.getByTestId("runs-tab").click();
      for (const id of ["axe-run-0", "axe-run-1"])
        await page.locator(`[data-testid="compare-check"][data-run="${id}"]`).check();
      await page.getByTestId("compare-button").click();
      await expect(page.getByTestId("compare-view")).toBeVisible();
      expect(await seriousViolations(page), "compare").toEqual([]);
      await page.getByTestId("compare-close").click();
      await page.getByTestId("truth-tab").click();
      await expect(page.getByTestId("truth-empty")).toBeVisible();
      expect(await seriousViolations(page), "truth").toEqual([]);

      await page
        .getByTestId("file-input")
        .setInputFiles({ name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no image") });
      await expect(page.getByTestId("error-banner").first()).toBeVisible();
      expect(await seriousViolations(page), "error").toEqual([]);
      await page.getByRole("button", { name: "Dismiss" }).first().click();

      await page.getByRole("button", { name: "Close settings.png" }).click();
      await expect(page.getByTestId("toast")).toBeVisible();
      expect(await seriousViolations(page), "a toast").toEqual([]);
    });
  });
}

test("axe finds nothing serious while a real detection is shown", async ({ page, served }) => {
  await page.goto(served.url);
  await page.getByTestId("file-input").setInputFiles(samplePath("settings"));
  await expect(page.getByTestId("cancel-button")).toBeVisible();
  expect(await seriousViolations(page), "running").toEqual([]);
  await expect(page.getByTestId("total-ms")).toContainText(/\d/);
  expect(await seriousViolations(page), "done").toEqual([]);
});

test("in forced colours everything that can be chosen is still there", async ({ page, served }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await page.goto(served.url);
  await openRecordedRun(page);
  await page.getByTestId("element-row").nth(2).click();
  expect(await seriousViolations(page)).toEqual([]);
  const outline = await page
    .getByTestId("element-row")
    .nth(2)
    .evaluate((row) => getComputedStyle(row).outlineStyle);
  expect(outline).toBe("solid");
});
