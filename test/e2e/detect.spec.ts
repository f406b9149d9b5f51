import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { dropFiles } from "../support/drop.ts";
import { samplePath } from "../support/repository.ts";
import { expect, test } from "./fixture.ts";

async function sample(name: string) {
  return { name: `${name}.png`, bytes: await readFile(samplePath(name)), type: "image/png" };
}

const finished = (page: Page) => expect(page.getByTestId("total-ms")).toContainText(/\d\s*(ms|s)/);

test.beforeEach(async ({ page, served }) => {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) problems.push(message.text());
  });
  await page.goto(served.url);
  await expect(page.getByTestId("drop-zone").first()).toBeVisible();
  expect(problems).toEqual([]);
});

test("a dropped screenshot gets boxes, a list and stage bars", async ({ page }) => {
  await dropFiles(page, [await sample("settings")]);
  await finished(page);

  const boxes = page.getByTestId("box");
  expect(await boxes.count()).toBeGreaterThanOrEqual(10);
  await expect(page.getByTestId("element-row")).toHaveCount(await boxes.count());
  await expect(page.getByTestId("stage-row")).toHaveCount(7);
  await expect(
    page.getByTestId("stage-chart").locator(".recharts-bar-rectangle, .recharts-rectangle").first(),
  ).toBeVisible();
});

test("boxes lie where the elements are, at every zoom", async ({ page }) => {
  await page.clock.install();
  await dropFiles(page, [await sample("settings")]);
  await finished(page);

  /** Where the Save button's box is, in px of the screenshot, read from what is on screen. */
  const onScreen = () =>
    page.evaluate(() => {
      const image = document.querySelector<HTMLImageElement>('[data-testid="screenshot"]');
      if (!image) throw new Error("no screenshot on screen");
      const frame = image.getBoundingClientRect();
      const scale = frame.width / image.naturalWidth;
      return [...document.querySelectorAll('[data-testid="box"]')].map((box) => {
        const { left, top, right, bottom } = box.getBoundingClientRect();
        return [
          (left - frame.left) / scale,
          (top - frame.top) / scale,
          (right - frame.left) / scale,
          (bottom - frame.top) / scale,
        ];
      });
    });
  const save = [1104, 527, 1248, 565];
  const covers = (found: number[][]) =>
    found.some((box) => box.every((value, side) => Math.abs(value - (save[side] ?? 0)) < 14));

  expect(covers(await onScreen())).toBe(true);
  await page.keyboard.press("1");
  await page.clock.runFor(400);
  expect(covers(await onScreen())).toBe(true);
  await page.keyboard.press("+");
  await page.clock.runFor(400);
  expect(covers(await onScreen())).toBe(true);
});

test("list and boxes are linked both ways", async ({ page }) => {
  await dropFiles(page, [await sample("settings")]);
  await finished(page);

  await page.getByTestId("element-row").nth(2).click();
  await expect(page.locator('[data-testid="box"][data-selected="true"]')).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(page.locator('[data-testid="box"][data-selected="true"]')).toHaveCount(0);

  await page.getByTestId("box").nth(1).click({ force: true });
  await expect(page.locator('[data-testid="element-row"][aria-selected="true"]')).toHaveCount(1);
});

test("boxes stream in while the model writes, and a run can be cancelled", async ({ page }) => {
  await dropFiles(page, [await sample("shop")]);
  // Not a pointer's click: that waits until the button lies still, and on a fast machine the run may end before.
  await page.getByTestId("cancel-button").dispatchEvent("click");
  await expect(page.getByText(/cancelled/i).first()).toBeVisible();
  await expect(page.getByTestId("detect-button")).toBeEnabled();

  await page.getByTestId("detect-button").click();
  await finished(page);
  expect(await page.getByTestId("box").count()).toBeGreaterThanOrEqual(10);
});

test("several dropped files are all detected", async ({ page }) => {
  await dropFiles(page, [await sample("settings"), await sample("shop")]);
  await expect(page.getByTestId("image-thumb")).toHaveCount(2);
  for (const index of [0, 1]) {
    await page.getByTestId("image-thumb").nth(index).click();
    await finished(page);
    await expect.poll(() => page.getByTestId("box").count()).toBeGreaterThanOrEqual(10);
  }
});

test("a broken file gets a message that says what to do, and the window goes on", async ({ page }) => {
  await dropFiles(page, [{ name: "broken.png", bytes: Buffer.from("no image at all"), type: "image/png" }]);
  const banner = page.getByTestId("error-banner").first();
  await expect(banner).toBeVisible();
  await expect(banner).toContainText(/PNG|JPEG|image/i);

  await dropFiles(page, [await sample("settings")]);
  await finished(page);
});

test("a pasted screenshot is taken in", async ({ page }) => {
  const base64 = (await readFile(samplePath("settings"))).toString("base64");
  await page.evaluate((given) => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob(given), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], "image.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  }, base64);
  await finished(page);
});

test("pickers change what the next run does", async ({ page }) => {
  await dropFiles(page, [await sample("settings")]);
  await finished(page);
  await expect(page.getByTestId("model-picker")).toBeVisible();
  await expect(page.getByTestId("backend-picker")).toBeVisible();
  await page.getByTestId("profile-picker").selectOption({ label: "Speed" });
  await page.getByTestId("detect-button").click();
  await finished(page);
  await expect(page.getByTestId("profile-picker")).toHaveValue("speed");
  await page.getByTestId("runs-tab").click();
  await expect(page.getByTestId("run-row").first()).toContainText("Speed");
});
