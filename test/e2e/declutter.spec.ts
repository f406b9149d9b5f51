import type { Page } from "@playwright/test";
import type { Detection } from "../../app/contract/index.ts";
import { detection, runRecord } from "../renderer/records.ts";
import { crowdedScreen, openRunFile } from "../support/crowded-screen.ts";
import { expect, test } from "./fixture.ts";

/** What a user sees less of, and gets back. The run is a file: nothing is detected here. */
const boxes = (page: Page) => page.getByTestId("box");
const rows = (page: Page) => page.getByTestId("element-row");

function element(id: string, label: string, confidence: number, bbox: Detection["bbox"], text?: string): Detection {
  return { ...detection(id, bbox), label, confidence, ...(text === undefined ? {} : { text }) };
}

const kept = [
  element("e1", "button", 0.95, [40, 40, 160, 80], "Save"),
  element("e2", "button", 0.8, [200, 40, 320, 80], "Cancel"),
  element("e3", "menu_item", 0.6, [40, 140, 160, 170]),
  element("e4", "link", 0.4, [200, 140, 320, 170]),
];
const below = [element("e5", "link", 0.15, [360, 140, 480, 170])];

test.beforeEach(async ({ page, served }) => {
  await page.goto(served.url);
  const { png } = await crowdedScreen({ width: 640, height: 400 }, 12);
  await openRunFile(page, served.url, png, (image) =>
    runRecord("declutter-01", image, { detections: kept, belowThreshold: below }),
  );
  await expect(boxes(page)).toHaveCount(4);
});

test("labels are switched off and on, with their counts, in picture and list", async ({ page }) => {
  const label = (name: string) => page.locator(`[data-testid="label-toggle"][data-label="${name}"]`);
  await expect(label("button")).toHaveText(/button\s*2/);
  await expect(label("menu_item")).toHaveText(/menu item\s*1/);
  await label("button").click();
  await expect(label("button")).toHaveAttribute("aria-pressed", "false");
  await expect(boxes(page)).toHaveCount(2);
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByTestId("filter-state")).toContainText("2 of 5");

  await label("link").click({ modifiers: ["Shift"] });
  await expect(boxes(page)).toHaveCount(1);
  await expect(boxes(page).first()).toHaveAttribute("data-label", "link");
  await page.getByTestId("all-labels").click();
  await expect(boxes(page)).toHaveCount(4);
});

test("a label has one colour everywhere", async ({ page }) => {
  const colors = await page.evaluate(() => {
    const at = (selector: string, property: "color" | "backgroundColor") => {
      const found = document.querySelector(selector);
      return found === null ? "missing" : getComputedStyle(found)[property];
    };
    return [
      at('[data-testid="box"][data-label="menu_item"]', "color"),
      at('[data-testid="label-toggle"][data-label="menu_item"] span', "backgroundColor"),
      at('[data-testid="element-row"][data-element="e3"] span', "backgroundColor"),
      at('[data-testid="label-tag"][data-element="e3"]', "backgroundColor"),
    ];
  });
  expect(colors[0]).toMatch(/^rgb/);
  expect(new Set(colors).size).toBe(1);
});

test("the confidence slider hides, and below the run's threshold shows what it had left out, marked", async ({
  page,
}) => {
  await expect(page.getByTestId("confidence-histogram")).toBeVisible();
  const slider = page.getByRole("slider", { name: "Minimum confidence" });
  await slider.focus();
  await page.keyboard.press("End");
  await expect(boxes(page)).toHaveCount(0);
  await page.keyboard.press("Home");
  await expect(boxes(page)).toHaveCount(5);
  const marked = page.locator('[data-testid="box"][data-below="true"]');
  await expect(marked).toHaveCount(1);
  await expect(marked).toHaveAttribute("data-element", "e5");
  await expect(page.locator('[data-testid="element-row"][data-element="e5"]')).toContainText("below threshold");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(boxes(page)).toHaveCount(4);
});

test("text and a limit leave the elements that match, the most confident ones", async ({ page }) => {
  await page.keyboard.press("/");
  await page.keyboard.type("save");
  await expect(page.getByTestId("text-filter")).toHaveValue("save");
  await expect(boxes(page)).toHaveCount(1);
  await page.getByTestId("text-filter").fill("");
  await page.getByTestId("max-count").fill("2");
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).nth(1)).toContainText("Cancel");
  await page.getByTestId("text-filter").fill("no such thing");
  await expect(page.getByText("The filters leave no element.")).toBeVisible();
});

test("one key hides every box, another the labels", async ({ page }) => {
  await expect(page.getByTestId("label-tag").first()).toBeVisible();
  await page.keyboard.press("Shift+H");
  await expect(page.getByTestId("label-tag")).toHaveCount(0);
  await expect(boxes(page)).toHaveCount(4);
  await page.keyboard.press("h");
  await expect(boxes(page)).toHaveCount(0);
  await page.keyboard.press("h");
  await expect(boxes(page)).toHaveCount(4);
});

test("several elements are selected in the list and shown alone, each cut out of the screenshot", async ({ page }) => {
  await rows(page).nth(0).click();
  await expect(page.getByTestId("crop")).toHaveCount(1);
  await rows(page)
    .nth(2)
    .click({ modifiers: ["ControlOrMeta"] });
  await expect(page.locator('[data-testid="box"][data-selected="true"]')).toHaveCount(2);
  await expect(page.getByTestId("selection-count")).toHaveText("2 selected");
  await expect(page.getByTestId("crop")).toHaveCount(2);
  // The cut-out shows the element's own part of the picture.
  const part = await page.locator('[data-testid="crop"][data-element="e1"] svg').getAttribute("viewBox");
  expect(part?.split(" ").map(Number)).toEqual([36, 36, 128, 48]);

  await page.getByTestId("only-selected").click();
  await expect(boxes(page)).toHaveCount(2);
  await expect(rows(page)).toHaveCount(2);
  await page.keyboard.press("i");
  await expect(boxes(page)).toHaveCount(4);

  await rows(page)
    .nth(3)
    .click({ modifiers: ["Shift"] });
  await expect(page.getByTestId("selection-count")).toHaveText("4 selected");
  await page.locator('[data-testid="crop"][data-element="e2"]').click();
  await expect(page.locator('[data-testid="element-row"][aria-selected="true"]')).toHaveCount(1);
});

test("the arrow keys move the selection and Shift extends it", async ({ page }) => {
  await page.getByRole("listbox", { name: "Elements" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await expect(page.locator('[data-testid="element-row"][aria-selected="true"]')).toHaveCount(3);
  await page.keyboard.press("ControlOrMeta+a");
  await expect(page.locator('[data-testid="box"][data-selected="true"]')).toHaveCount(4);
  await page.keyboard.press("Escape");
  await expect(page.locator('[data-testid="box"][data-selected="true"]')).toHaveCount(0);
});
