import { openRecordedRun } from "../support/open-run.ts";
import { watchProblems } from "../support/page-problems.ts";
import { expect, test } from "./fixture.ts";

const mod = process.platform === "darwin" ? "Meta" : "Control";

let problems: readonly string[];

test.beforeEach(async ({ page, served }) => {
  problems = watchProblems(page);
  await page.goto(served.url);
  await expect(page.getByTestId("empty-state")).toBeVisible();
});

test.afterEach(() => expect(problems).toEqual([]));

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
  await openRecordedRun(page);
  await expect(page.getByTestId("element-row").first()).toBeVisible();
  const found = await page.getByTestId("element-row").count();
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

test("no key of the sheet does two things, and the sheet shows what tips say", async ({ page }) => {
  await openRecordedRun(page);
  await page.keyboard.press("?");
  await expect(page.getByTestId("shortcut-row").first()).toBeVisible();
  const rows = await page
    .getByTestId("shortcut-row")
    .evaluateAll((found) =>
      found.map((row) => [...row.querySelectorAll("dd > span")].map((chord) => chord.textContent ?? "")),
    );
  const keys = rows.flat().filter((key) => key !== "or" && key !== "Esc");
  expect(keys.length).toBeGreaterThan(12);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  await expect(page.locator('[data-command="detect"]')).toContainText("D");
  await page.keyboard.press("Escape");
  await page.getByTestId("detect-button").hover();
  await expect(page.getByRole("tooltip")).toContainText("(D)");
});

test("panel sizes, the tab and hidden boxes are there again after a reload", async ({ page }) => {
  await openRecordedRun(page);
  const side = page.getByTestId("side-splitter");
  const width = async () => Number(await side.getAttribute("aria-valuenow"));
  const first = await width();
  await side.focus();
  await page.keyboard.press("Shift+ArrowLeft");
  await expect.poll(width).toBe(first + 80);
  const panel = page.getByRole("complementary", { name: "Results" });
  expect((await panel.boundingBox())?.width).toBeCloseTo(first + 80, 0);

  const timings = page.getByTestId("timings-splitter");
  await timings.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("timings")).toHaveCount(0);
  await expect(timings).toHaveAttribute("aria-valuetext", "closed");
  await page.getByTestId("runs-tab").click();
  await page.keyboard.press("h");
  await expect(page.getByTestId("box")).toHaveCount(0);

  await page.reload();
  await page.getByTestId("sample").first().waitFor();
  await openRecordedRun(page);
  await expect.poll(width).toBe(first + 80);
  await expect(page.getByTestId("timings")).toHaveCount(0);
  await expect(page.getByTestId("runs-tab")).toHaveAttribute("aria-selected", "true");
  await expect(page.getByTestId("toggle-boxes")).toHaveAttribute("aria-pressed", "false");
  await page.keyboard.press(`${mod}+j`);
  await expect(page.getByTestId("timings")).toBeVisible();
});

test("an edge can be dragged, and a double click gives the first size back", async ({ page }) => {
  await openRecordedRun(page);
  const side = page.getByTestId("side-splitter");
  const width = async () => Number(await side.getAttribute("aria-valuenow"));
  const first = await width();
  const box = await side.boundingBox();
  if (box === null) throw new Error("the edge is not on screen");
  const [x, y] = [box.x + box.width / 2, box.y + 200];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 60, y, { steps: 3 });
  await page.mouse.up();
  await expect.poll(width).toBe(first + 60);
  await side.dblclick({ position: { x: 4, y: 200 } });
  await expect.poll(width).toBe(first);
});

test.describe("with the clipboard", () => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  test("an element is copied as JSON, Playwright and pyautogui, the image with its boxes", async ({ page }) => {
    await openRecordedRun(page);
    await page.getByTestId("element-row").nth(2).click();
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

    await page.keyboard.press("c");
    await expect(page.getByTestId("toast").last()).toContainText("Copied the box as JSON");
    const copied: { bbox: { x1: number; x2: number }; click: { x: number; y: number } } = JSON.parse(await clipboard());
    expect(copied.click.x).toBe(Math.round((copied.bbox.x1 + copied.bbox.x2) / 2));
    const { x, y } = copied.click;

    await page.getByTestId("copy-menu").click();
    await page.getByTestId("copy-playwright").click();
    await expect.poll(clipboard).toBe(`await page.mouse.click(${x}, ${y}); // CSS px, at scale 1`);
    await page.keyboard.press("Shift+Y");
    await expect.poll(clipboard).toBe(`pyautogui.click(${x}, ${y})  # points, at scale 1`);

    await page.keyboard.press("Shift+I");
    await expect(page.getByTestId("toast").last()).toContainText("Copied the image with");
    const picture = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const bitmap = await createImageBitmap((await item?.getType("image/png")) ?? new Blob());
      return { width: bitmap.width, height: bitmap.height };
    });
    const shown = await page
      .getByTestId("screenshot")
      .evaluate((image: HTMLImageElement) => ({ width: image.naturalWidth, height: image.naturalHeight }));
    expect(picture).toEqual(shown);
  });
});

test("where the clipboard is refused, a message says what to do", async ({ page }) => {
  await openRecordedRun(page);
  await page.evaluate(() => {
    navigator.clipboard.write = () => Promise.reject(new DOMException("Write permission denied.", "NotAllowedError"));
  });
  await page.keyboard.press("Shift+I");
  await expect(page.getByTestId("error-banner")).toContainText("refused");
  await expect(page.getByTestId("error-banner")).toContainText("Export the annotated PNG");
});

test("theme and contrast follow the system until they are chosen", async ({ page }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await background();
  await page.emulateMedia({ colorScheme: "light" });
  const light = await background();
  expect(dark).not.toBe(light);
  await page.emulateMedia({ colorScheme: "light", contrast: "more" });
  await expect.poll(background).toBe("rgb(255, 255, 255)");
  await page.emulateMedia({ colorScheme: "light", contrast: "no-preference" });
  await expect.poll(background).toBe(light);

  await page.getByTestId("theme-button").click();
  await page.getByTestId("high-contrast").click();
  await expect.poll(background).toBe("rgb(255, 255, 255)");
  await page.reload();
  await expect.poll(background).toBe("rgb(255, 255, 255)");
  await page.getByTestId("sample").first().waitFor();
  const theme = page.getByTestId("theme-button");
  for (const [name, color] of [
    ["light", "rgb(255, 255, 255)"],
    ["dark", "rgb(0, 0, 0)"],
    ["system", "rgb(255, 255, 255)"],
  ] as const) {
    await page.keyboard.press("t");
    await expect(theme).toHaveAccessibleName(`Theme: ${name}, high contrast`);
    await expect.poll(background).toBe(color);
  }
});
