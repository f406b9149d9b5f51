import { openRecordedRun } from "../support/open-run.ts";
import { expect, test } from "./fixture.ts";

test("a defect of the window says so, keeps what was stored and offers a reload", async ({ page, served }) => {
  await page.goto(served.url);
  await openRecordedRun(page);
  // A part of the window that cannot be loaded, such as after an update while it was open.
  await page.route("**/assets/LibraryView-*.js", (route) => route.abort());
  await page.getByTestId("library-button").click();
  await expect(page.getByTestId("defect")).toContainText("stored and safe");
  await page.unroute("**/assets/LibraryView-*.js");
  await page.getByRole("button", { name: "Reload" }).click();
  await page.getByTestId("library-button").click();
  await page.getByTestId("library-search").fill("settings.png");
  await expect(page.getByTestId("library-row").first()).toContainText("settings.png");
});
