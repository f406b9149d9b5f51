import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { samplePath } from "../support/repository.ts";
import { expect, test } from "./fixture.ts";

/** No serious or critical violation on any view, in either theme. */
async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test("axe finds nothing serious on any view", async ({ page, served }) => {
      await page.goto(served.url);
      await expect(page.getByTestId("empty-state")).toBeVisible();
      expect(await violations(page), "empty").toEqual([]);

      await page.getByTestId("file-input").setInputFiles(samplePath("settings"));
      await expect(page.getByTestId("total-ms")).toContainText(/\d/, { timeout: 60_000 });
      await page.getByTestId("element-row").nth(2).click();
      expect(await violations(page), "done, an element selected").toEqual([]);

      await page.getByTestId("runs-tab").click();
      expect(await violations(page), "runs").toEqual([]);

      await page
        .getByTestId("file-input")
        .setInputFiles({ name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no image") });
      await expect(page.getByTestId("error-banner").first()).toBeVisible();
      expect(await violations(page), "error").toEqual([]);
    });
  });
}
