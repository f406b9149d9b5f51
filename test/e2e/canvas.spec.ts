import type { Page } from "@playwright/test";
import type { Detection } from "../../app/contract/index.ts";
import { detection, runRecord } from "../renderer/records.ts";
import { crowdedRun, crowdedScreen, openRunFile } from "../support/crowded-screen.ts";
import { expect, test } from "./fixture.ts";

/** Looking closely: zoom, pan, minimap, labels, overlapping boxes. The runs are files: nothing is detected here. */
const size = { width: 1600, height: 900 };

async function openCrowd(page: Page, address: string, count = 60): Promise<void> {
  const screen = await crowdedScreen(size, count);
  await openRunFile(page, address, screen.png, (image) => crowdedRun(image, screen.detections));
  await settled(page);
}

/** The picture at rest, on the page's own clock: where it lies in the canvas, and CSS px for one image px. */
async function settled(page: Page) {
  await page.clock.runFor(400);
  return page.evaluate((width) => {
    const image = document.querySelector('[data-testid="screenshot"]')?.getBoundingClientRect();
    const canvas = document.querySelector('[data-testid="canvas"]')?.getBoundingClientRect();
    if (image === undefined || canvas === undefined) throw new Error("no canvas");
    return { x: image.left - canvas.left, y: image.top - canvas.top, scale: image.width / width };
  }, size.width);
}

async function canvasPoint(page: Page, partX = 0.5, partY = 0.5): Promise<readonly [number, number]> {
  const canvas = await page.getByTestId("canvas").boundingBox();
  if (canvas === null) throw new Error("no canvas");
  return [canvas.x + canvas.width * partX, canvas.y + canvas.height * partY];
}

const percent = async (page: Page) => Number((await page.getByTestId("zoom").innerText()).replace(/\D/g, ""));

test.beforeEach(async ({ page, served }) => {
  await page.clock.install();
  await page.goto(served.url);
});

test("the wheel zooms at the cursor up to 3200 %, where pixels are squares", async ({ page, served }) => {
  await openCrowd(page, served.url);
  const [x, y] = await canvasPoint(page, 0.3, 0.4);
  const [canvasX, canvasY] = await canvasPoint(page, 0, 0);
  const before = await settled(page);
  await page.mouse.move(x, y);
  await page.mouse.wheel(0, -300);
  const after = await settled(page);
  expect(after.scale).toBeGreaterThan(before.scale * 1.2);
  // The image px under the cursor has stayed there, to within the px that the picture snaps to.
  const under = ({ x: left, y: top, scale }: typeof before) => [
    (x - canvasX - left) / scale,
    (y - canvasY - top) / scale,
  ];
  for (const side of [0, 1]) {
    expect(Math.abs((under(after)[side] ?? 0) - (under(before)[side] ?? 0))).toBeLessThan(1.5 / after.scale);
  }
  for (let notch = 0; notch < 14; notch += 1) await page.mouse.wheel(0, -400);
  await settled(page);
  expect(await percent(page)).toBe(3200);
  expect(await page.getByTestId("screenshot").evaluate((image) => getComputedStyle(image).imageRendering)).toBe(
    "pixelated",
  );

  await page.keyboard.press("1");
  await settled(page);
  expect(await percent(page)).toBe(100);
  expect(await page.getByTestId("screenshot").evaluate((image) => getComputedStyle(image).imageRendering)).toBe("auto");
  await page.keyboard.press("0");
  expect((await settled(page)).scale).toBeCloseTo(before.scale, 5);
});

test("the middle button, space and the arrow keys pan, and select nothing", async ({ page, served }) => {
  await openCrowd(page, served.url);
  await page.keyboard.press("1");
  const start = await settled(page);
  const [x, y] = await canvasPoint(page);

  await page.mouse.move(x, y);
  await page.mouse.down({ button: "middle" });
  // The picture comes to rest at each pause, on whole pixels; that must not add up.
  for (const part of [0.25, 0.5, 0.75, 1]) {
    await page.mouse.move(x - 60 * part, y - 30 * part);
    await settled(page);
  }
  await page.mouse.up({ button: "middle" });
  const byMiddle = await settled(page);
  expect([byMiddle.x - start.x, byMiddle.y - start.y]).toEqual([-60, -30]);

  await page.keyboard.down("Space");
  await page.mouse.down();
  await page.mouse.move(x, y, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Space");
  const bySpace = await settled(page);
  expect([bySpace.x - byMiddle.x, bySpace.y - byMiddle.y]).toEqual([60, 30]);

  await page.getByTestId("canvas").focus();
  await page.keyboard.press("ArrowRight");
  const byArrow = await settled(page);
  expect(byArrow.x).toBeLessThan(bySpace.x);
  await expect(page.locator('[data-testid="box"][data-selected="true"]')).toHaveCount(0);
});

test("two fingers on a trackpad pan, a pinch zooms", async ({ page, served }) => {
  await openCrowd(page, served.url);
  await page.keyboard.press("1");
  const start = await settled(page);
  await page.mouse.move(...(await canvasPoint(page)));
  await page.mouse.wheel(13, 7);
  const panned = await settled(page);
  expect([panned.x - start.x, panned.y - start.y, panned.scale]).toEqual([-13, -7, start.scale]);
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -10);
  await page.keyboard.up("Control");
  expect((await settled(page)).scale).toBeCloseTo(start.scale * Math.exp(0.1), 2);
});

test("a minimap is there while a part is out of view, and its frame can be dragged", async ({ page, served }) => {
  await openCrowd(page, served.url);
  const minimap = page.getByTestId("minimap");
  await expect(minimap).toBeHidden();
  await page.keyboard.press("1");
  await page.keyboard.press("+");
  await expect(minimap).toBeVisible();
  const before = await settled(page);
  const frame = await page.getByTestId("minimap-part").boundingBox();
  const map = await minimap.boundingBox();
  if (frame === null || map === null) throw new Error("no minimap");
  await page.mouse.move(frame.x + frame.width / 2, frame.y + frame.height / 2);
  await page.mouse.down();
  await page.mouse.move(frame.x + frame.width / 2 + 10, frame.y + frame.height / 2 + 5, { steps: 3 });
  await page.mouse.up();
  const after = await settled(page);
  const ratio = map.width / size.width;
  expect(after.x - before.x).toBeCloseTo((-10 / ratio) * before.scale, -1);
  expect(after.y - before.y).toBeCloseTo((-5 / ratio) * before.scale, -1);
  await page.keyboard.press("0");
  await expect(minimap).toBeHidden();
});

test("strokes keep their width at every zoom", async ({ page, served }) => {
  await openCrowd(page, served.url);
  /** CSS px of a box's stroke on screen: what its frame has beyond its fill, on both sides. */
  const stroke = () =>
    page
      .getByTestId("box")
      .first()
      .evaluate((box) => {
        const { vectorEffect, strokeWidth } = getComputedStyle(box);
        const stage = box.closest("svg")?.parentElement;
        const moved = stage ? new DOMMatrix(getComputedStyle(stage).transform).a : Number.NaN;
        return vectorEffect === "non-scaling-stroke" ? Number.parseFloat(strokeWidth) * moved : Number.NaN;
      });
  for (const key of ["0", "1", "+", "+", "+", "+", "+", "+", "-"]) {
    await page.keyboard.press(key);
    await settled(page);
    expect(await stroke()).toBeGreaterThanOrEqual(1);
    expect(await stroke()).toBeLessThanOrEqual(2);
  }
});

test("labels never cover each other, at any zoom", async ({ page, served }) => {
  await openCrowd(page, served.url, 160);
  await page.getByTestId("box").nth(40).click({ force: true });
  for (const key of ["0", "1", "+", "+"]) {
    await page.keyboard.press(key);
    await page.mouse.move(2, 2);
    await settled(page);
    const { shown, covered } = await page.evaluate(() => {
      const tags = [...document.querySelectorAll('[data-testid="label-tag"], [data-testid="element-tag"]')];
      const areas = tags.map((tag) => tag.getBoundingClientRect());
      const pairs = areas.flatMap((a, index) =>
        areas
          .slice(index + 1)
          .filter(
            (b) => a.left < b.right - 0.6 && b.left < a.right - 0.6 && a.top < b.bottom - 0.6 && b.top < a.bottom - 0.6,
          ),
      );
      return { shown: tags.length, covered: pairs.length };
    });
    expect(shown).toBeGreaterThan(0);
    expect(covered).toBe(0);
  }
});

test("clicks at one place go through overlapping boxes from small to large", async ({ page, served }) => {
  const nested: Detection[] = [
    { ...detection("large", [100, 100, 1100, 800]), label: "card" },
    { ...detection("small", [500, 350, 620, 400]), label: "button", confidence: 0.73 },
    { ...detection("middle", [400, 250, 800, 600]), label: "group" },
  ];
  const { png } = await crowdedScreen(size, 12);
  await openRunFile(page, served.url, png, (image) => runRecord("overlap-0001", image, { detections: nested }));
  const { x, y, scale } = await settled(page);
  const [left, top] = await canvasPoint(page, 0, 0);
  const at = [left + x + 560 * scale, top + y + 375 * scale] as const;
  const selected = page.locator('[data-testid="box"][data-selected="true"]');
  for (const id of ["small", "middle", "large", "small"]) {
    await page.mouse.click(...at);
    await expect(selected).toHaveAttribute("data-element", id);
  }
  // Elsewhere in the same boxes it begins with the smallest again.
  await page.mouse.click(left + x + 450 * scale, top + y + 550 * scale);
  await expect(selected).toHaveAttribute("data-element", "middle");

  // Everything about the selected element can be read without hovering.
  await page.mouse.click(...at);
  await page.mouse.move(2, 2);
  const tag = page.getByTestId("element-tag");
  await expect(tag).toHaveCount(1);
  await expect(tag).toContainText("button");
  await expect(tag).toContainText("0.73 computed from token probabilities");
  await expect(tag).toContainText("120 × 50 px at 500, 350");

  // Ctrl adds to the selection.
  await page.keyboard.down("ControlOrMeta");
  await page.mouse.click(left + x + 150 * scale, top + y + 150 * scale);
  await page.keyboard.up("ControlOrMeta");
  await expect(selected).toHaveCount(2);
});

test("hovering is linked both ways", async ({ page, served }) => {
  await openCrowd(page, served.url, 12);
  await page.getByTestId("element-row").nth(3).hover();
  await expect(page.locator('[data-testid="box"][data-hovered="true"]')).toHaveAttribute("data-element", "e4");
  const box = await page.locator('[data-testid="box"][data-element="e6"]').boundingBox();
  if (box === null) throw new Error("no box");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await expect(page.locator('[data-testid="element-row"][data-hovered="true"]')).toHaveAttribute("data-element", "e6");
});
