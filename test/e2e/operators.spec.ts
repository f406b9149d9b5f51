import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { seriousViolations } from "../support/axe.ts";
import { operatorTimesFixture } from "../support/operator-times-fixture.ts";
import { samplePath } from "../support/repository.ts";
import { makeRun, pngImage, runFileOf } from "../support/run-fixtures.ts";
import { expect, test } from "./fixture.ts";

/** Opens a recorded run of a sample, with or without operator times, and the view of them. */
async function openOperators(page: Page, url: string, timed: boolean): Promise<void> {
  const bytes = await readFile(samplePath("settings"));
  const run = makeRun({ id: `recorded-${timed ? "timed" : "plain"}`, image: pngImage(bytes, "settings.png") });
  const record = timed ? { ...run, opProfile: operatorTimesFixture() } : run;
  await page.goto(url);
  await page.getByTestId("file-input").setInputFiles({
    name: "settings.run.json",
    mimeType: "application/json",
    buffer: Buffer.from(runFileOf(record, { image: bytes })),
  });
  await expect(page.getByTestId("box")).toHaveCount(3);
  await page.keyboard.press("p");
  await expect(page.getByTestId("operators")).toBeVisible();
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`a recorded profile answers which attention ran; axe finds nothing serious (${colorScheme})`, async ({
    page,
    served,
  }) => {
    await page.emulateMedia({ colorScheme });
    await openOperators(page, served.url, true);
    await expect(page.getByTestId("operators-stage")).toHaveCount(3);
    const encode = page.locator('[data-testid="operators-stage"][data-stage="encode"]');
    await expect(encode.getByTestId("operators-true-time")).toHaveText("500 ms");
    await expect(encode.getByTestId("operators-overhead")).toContainText("540 ms profiled, 1.1× as long");
    await expect(encode.getByRole("img")).toHaveAccessibleName(/^Encode: FFN 40.0 %, attention core 30.0 %/);
    await expect(page.getByTestId("attention-summary")).toContainText("flash");
    await expect(page.getByTestId("attention-table")).toContainText("FLASH_ATTN_EXT 64 × 4 × 920");
    await expect(page.getByTestId("heat-cell")).toHaveCount(2);
    await expect(page.getByTestId("slow-node")).toHaveCount(6);
    await page.getByTestId("operators-tab-generate").click();
    await expect(page.getByRole("tabpanel")).toContainText("LM head");

    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("operators")).toHaveCount(0);
  });
}

test("a run without a profile is profiled by the button", async ({ page, served }) => {
  await openOperators(page, served.url, false);
  await expect(page.getByTestId("operators-empty")).toContainText("This run is not profiled");
  await page.getByTestId("operators-run").click();
  await expect(page.getByTestId("operators-stage").first()).toBeVisible();
  await expect(page.getByTestId("heat-cell").first()).toBeVisible();
  await expect(page.getByTestId("slow-node").first()).toBeVisible();
});
