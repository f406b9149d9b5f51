import type { Page } from "@playwright/test";
import { seriousViolations } from "../support/axe.ts";
import { dropFiles } from "../support/drop.ts";
import { watchProblems } from "../support/page-problems.ts";
import { cocoTruth, type FileFixture, jsonFile, sampleRunFile, settingsBoxes } from "../support/truth-fixtures.ts";
import { expect, test } from "./fixture.ts";

/*
 * Expected figures, by hand. Overlap of detection and known box, both 100 x 40 px and shifted by d px:
 * IoU = (100 - d) / (100 + d). The four known elements of "settings.png":
 *   1 exact (and once more, shifted by 4, less confident), 2 shifted by 10: 90/110, 3 shifted by 40: 60/140, 4 not found;
 * the icon lies nowhere near.
 */
let problems: readonly string[];

test.beforeEach(async ({ page, served }) => {
  problems = watchProblems(page);
  await page.goto(served.url);
  await expect(page.getByTestId("empty-state")).toBeVisible();
});

test.afterEach(() => expect(problems).toEqual([]));

async function openRun(page: Page, sample: string, boxes = settingsBoxes): Promise<void> {
  await drop(page, [await sampleRunFile(sample, boxes)]);
  await expect(page.getByTestId("screenshot")).toHaveAttribute("alt", `Screenshot ${sample}.png`);
  await page.getByTestId("truth-tab").click();
  await expect(page.getByTestId("truth-tab")).toHaveAttribute("data-state", "active");
}

/** Drops files on the window as a user does. */
async function drop(page: Page, files: readonly FileFixture[]): Promise<void> {
  await dropFiles(
    page,
    files.map(({ name, buffer, mimeType }) => ({ name, bytes: buffer, type: mimeType })),
  );
}

/** Leaves the screenshot without truth, whatever tests before this one gave it. */
async function clearTruth(page: Page): Promise<void> {
  await drop(page, [jsonFile("labels.json", cocoTruth)]);
  await expect(page.getByTestId("truth-source")).toContainText("COCO");
  await page.getByTestId("truth-remove").click();
  await expect(page.getByTestId("truth-empty")).toBeVisible();
}

const figures = (page: Page) =>
  Promise.all(
    ["precision", "recall", "f1", "meanIou"].map((name) =>
      page.getByTestId(`figure-${name}`).locator("dd").first().innerText(),
    ),
  );
const counts = (page: Page) =>
  Promise.all(
    ["matched", "missed", "extra"].map((name) => page.getByTestId(`legend-${name}`).locator("b").innerText()),
  );
const cells = async (page: Page, testId: string, row = 0) =>
  (await page.getByTestId(testId).nth(row).locator("th, td").allInnerTexts()).map((text) => text.trim());

/** Moves the threshold by keys to a value that is a multiple of 0.05. */
async function setThreshold(page: Page, value: string): Promise<void> {
  const thumb = page.getByTestId("truth-iou");
  await thumb.focus();
  await page.keyboard.press("Home");
  for (let step = 0; step < 18; step += 1) {
    if ((await page.getByTestId("truth-iou-value").innerText()) === value) return;
    await page.keyboard.press("ArrowRight");
  }
  await expect(page.getByTestId("truth-iou-value")).toHaveText(value);
}

test("figures equal those computed by hand, for every rule", async ({ page }) => {
  await openRun(page, "settings");
  await expect(page.getByTestId("truth-empty")).toContainText("COCO");
  await page.getByTestId("truth-input").setInputFiles(jsonFile("labels.json", cocoTruth));
  await expect(page.getByTestId("truth-source")).toHaveText("COCO · 4 known elements");
  await expect(page.getByTestId("truth-iou-value")).toHaveText("0.50");

  expect(await counts(page)).toEqual(["2", "2", "3"]);
  expect(await figures(page)).toEqual(["0.400", "0.500", "0.444", ((1 + 90 / 110) / 2).toFixed(3)]);

  await setThreshold(page, "0.40");
  expect(await counts(page)).toEqual(["3", "1", "2"]);
  expect(await figures(page)).toEqual(["0.600", "0.750", "0.667", ((1 + 90 / 110 + 60 / 140) / 3).toFixed(3)]);
  await setThreshold(page, "0.90");
  expect(await counts(page)).toEqual(["1", "3", "4"]);

  await page.getByTestId("truth-criterion").selectOption("centre");
  expect(await counts(page)).toEqual(["3", "1", "2"]);

  // The second element is a button known, a link detected.
  await page.getByTestId("truth-same-label").check();
  expect(await counts(page)).toEqual(["2", "2", "3"]);
});

test("matched, missed and extra are drawn by different patterns, and can be switched off", async ({ page }) => {
  await openRun(page, "settings");
  await drop(page, [jsonFile("labels.json", cocoTruth)]);
  await expect(page.getByTestId("truth-source")).toBeVisible();
  const path = (outcome: string) => page.getByTestId(`truth-${outcome}`);
  await expect(path("matched")).toHaveAttribute("data-count", "2");
  await expect(path("missed")).toHaveAttribute("data-count", "2");
  await expect(path("extra")).toHaveAttribute("data-count", "3");
  const dashes = await Promise.all(
    ["matched", "missed", "extra"].map((outcome) =>
      path(outcome).evaluate((line) => getComputedStyle(line).strokeDasharray),
    ),
  );
  expect(new Set(dashes).size).toBe(3);

  // Upon the screenshot at the place that the truth names.
  const place = await page.evaluate(() => {
    const image = document.querySelector('[data-testid="screenshot"]')?.getBoundingClientRect();
    const missed = document.querySelector('[data-testid="truth-missed"]')?.getBoundingClientRect();
    if (!image || !missed) throw new Error("nothing is drawn");
    const scale = image.width / 1280;
    return [(missed.left - image.left) / scale, (missed.bottom - image.top) / scale];
  });
  // From the left of element 4 to its lower edge.
  expect(place[0]).toBeCloseTo(100, -1);
  expect(place[1]).toBeCloseTo(540, -1);

  await page.getByTestId("legend-extra").click();
  await expect(path("extra")).toHaveCount(0);
  await expect(path("missed")).toHaveCount(1);
  await page.getByTestId("legend-extra").click();
  await expect(path("extra")).toHaveCount(1);
});

test("a key goes from mistake to mistake, selects it and zooms to it", async ({ page }) => {
  await openRun(page, "settings");
  await drop(page, [jsonFile("labels.json", cocoTruth)]);
  await expect(page.getByTestId("mistake-row")).toHaveCount(5);
  const zoom = async () => Number((await page.getByTestId("zoom").innerText()).replace(/[^\d]/g, ""));
  const before = await zoom();
  const selected = page.locator('[data-testid="mistake-row"][aria-selected="true"]');
  const focus = page.getByTestId("truth-focus");

  await page.keyboard.press("n");
  // From the top: the second detection of the first element.
  await expect(selected).toContainText("Nearest known: button, IoU 0.92, matched elsewhere");
  await expect(focus).toHaveAttribute("data-kind", "extra");
  await expect(page.locator('[data-testid="box"][data-selected="true"]')).toHaveAttribute("data-element", "e5");
  await expect.poll(zoom).toBeGreaterThan(before);
  await expect
    .poll(async () => {
      const [view, box] = await Promise.all([page.getByTestId("canvas").boundingBox(), focus.boundingBox()]);
      if (!view || !box) return Number.POSITIVE_INFINITY;
      return Math.abs(box.x + box.width / 2 - (view.x + view.width / 2));
    })
    .toBeLessThan(4);

  await page.keyboard.press("n");
  await expect(selected).toContainText("IoU 0.43");
  await page.keyboard.press("Shift+N");
  await page.keyboard.press("Shift+N");
  // Around the end: the element at the bottom that nothing touches.
  await expect(selected).toContainText("No detection touches it");
  await expect(focus).toHaveAttribute("data-kind", "missed");
  await expect(page.locator('[data-testid="box"][data-selected="true"]')).toHaveCount(0);

  await page.getByTestId("mistake-list").focus();
  await page.keyboard.press("Home");
  await expect(selected).toContainText("IoU 0.92");
});

test("a folder is measured by image, by label, together and as means", async ({ page }) => {
  await openRun(page, "settings");
  await openRun(page, "shop", [{ label: "link", bbox: [50, 50, 150, 150] }]);
  await drop(page, [jsonFile("labels.json", cocoTruth)]);
  await expect(page.getByTestId("toast").last()).toContainText("Ground truth for 2 images; not open: 1");
  await page.getByTestId("truth-all").click();
  const meanIou = (1 + 90 / 110) / 2;

  await expect(page.getByTestId("truth-image-row")).toHaveCount(2);
  expect(await cells(page, "truth-image-row", 0)).toEqual([
    "settings.png",
    "2",
    "2",
    "3",
    "0.400",
    "0.500",
    "0.444",
    meanIou.toFixed(3),
  ]);
  expect(await cells(page, "truth-image-row", 1)).toEqual([
    "shop.png",
    "1",
    "0",
    "0",
    "1.000",
    "1.000",
    "1.000",
    "1.000",
  ]);
  expect(await cells(page, "truth-micro")).toEqual([
    "Together (micro)",
    "3",
    "2",
    "3",
    "0.500",
    "0.600",
    (6 / 11).toFixed(3),
    ((1 + 90 / 110 + 1) / 3).toFixed(3),
  ]);
  expect(await cells(page, "truth-macro")).toEqual([
    "Mean of images (macro)",
    "",
    "",
    "",
    "0.700",
    "0.750",
    ((4 / 9 + 1) / 2).toFixed(3),
    ((meanIou + 1) / 2).toFixed(3),
  ]);
  expect(await cells(page, "truth-label-row", 0)).toEqual([
    "button",
    "2",
    "1",
    "2",
    "0.500",
    "0.667",
    (4 / 7).toFixed(3),
    meanIou.toFixed(3),
  ]);
  // An icon that nobody knows: without a known one its recall has no meaning, nor has a mean overlap.
  expect(await cells(page, "truth-label-row", 2)).toEqual(["icon", "0", "0", "1", "0.000", "–", "0.000", "–"]);

  await page.getByRole("button", { name: "settings.png", exact: true }).last().click();
  await expect(page.getByTestId("truth-tables")).toHaveCount(0);
  await expect(page.getByTestId("screenshot")).toHaveAttribute("alt", "Screenshot settings.png");
});

test("truth is there again after a reload, and removing it can be undone", async ({ page }) => {
  await openRun(page, "settings");
  await drop(page, [jsonFile("labels.json", cocoTruth)]);
  await expect(page.getByTestId("truth-source")).toBeVisible();
  await page.reload();
  await openRun(page, "settings");
  await expect(page.getByTestId("truth-source")).toHaveText("COCO · 4 known elements");
  expect(await counts(page)).toEqual(["2", "2", "3"]);

  await page.getByTestId("truth-remove").click();
  await expect(page.getByTestId("truth-empty")).toBeVisible();
  await expect(page.getByTestId("truth-layer")).toHaveCount(0);
  await page.keyboard.press("ControlOrMeta+z");
  await expect(page.getByTestId("truth-source")).toHaveText("COCO · 4 known elements");
});

test("every format is recognised by its content", async ({ page }) => {
  await openRun(page, "settings");
  await clearTruth(page);
  const source = page.getByTestId("truth-source");
  const screenSpot = [
    { img_filename: "settings.png", bbox: [100, 100, 100, 40], instruction: "save", data_type: "text" },
    { img_filename: "settings.png", bbox: [300, 100, 100, 40], instruction: "cancel", data_type: "text" },
  ];
  await drop(page, [jsonFile("web.json", screenSpot)]);
  await expect(source).toHaveText("ScreenSpot · 2 known elements");
  expect(await counts(page)).toEqual(["2", "0", "3"]);

  const dom = [{ role: "button", name: "Save", boundingBox: { x: 100, y: 100, width: 100, height: 40 } }];
  await drop(page, [jsonFile("dom.json", dom)]);
  await expect(source).toHaveText("DOM export · 1 known element");
  expect(await counts(page)).toEqual(["1", "0", "4"]);

  const own = {
    schema: "holoscope.truth",
    version: 1,
    images: [{ name: "settings.png", elements: [{ label: "icon", bbox: [700, 300, 760, 330] }] }],
  };
  await drop(page, [jsonFile("own.json", own)]);
  await expect(source).toHaveText("Holoscope · 1 known element");
  expect(await figures(page)).toEqual(["0.200", "1.000", "0.333", "1.000"]);

  await page.getByTestId("truth-input").setInputFiles(await sampleRunFile("settings", settingsBoxes.slice(0, 2)));
  await expect(source).toHaveText("Holoscope · 2 known elements");
});

test("what cannot be used says why and what to do", async ({ page }) => {
  await openRun(page, "settings");
  const banner = page.getByTestId("error-banner").first();
  await page.getByTestId("truth-input").setInputFiles(jsonFile("shopping-list.json", ["eggs"]));
  await expect(banner).toContainText("no ground truth that Holoscope knows");
  await expect(banner).toContainText("Read are COCO, ScreenSpot");
  await drop(page, [jsonFile("broken.json", { ...cocoTruth, annotations: [{ image_id: 1, bbox: [1, 2] }] })]);
  await expect(banner).toContainText("nothing in it can be used: 1 without a usable box");
});

test("a file about an image of another name is given to the screenshot by hand", async ({ page }) => {
  await openRun(page, "settings");
  await clearTruth(page);
  const renamed = {
    ...cocoTruth,
    images: [{ id: 1, file_name: "unknown.png" }],
    annotations: cocoTruth.annotations.slice(0, 4),
  };
  await drop(page, [jsonFile("other.json", renamed)]);
  const question = page.getByTestId("truth-image-question");
  await expect(question).toContainText("unknown.png, 4 elements");
  await expect(question).toContainText("settings.png");
  await page.keyboard.press("Escape");
  await expect(question).toHaveCount(0);
  await expect(page.getByTestId("truth-empty")).toBeVisible();

  await drop(page, [jsonFile("other.json", renamed)]);
  await page.getByTestId("truth-by-hand").click();
  await expect(page.getByTestId("truth-source")).toHaveText("COCO · 4 known elements");
  expect(await counts(page)).toEqual(["2", "2", "3"]);

  // Of several images the user says which.
  const several = { ...cocoTruth, images: [1, 2].map((id) => ({ id, file_name: `unknown-${id}.png` })) };
  await drop(page, [jsonFile("several.json", several)]);
  await page.getByTestId("truth-image-choice").selectOption({ label: "unknown-2.png, 1 element" });
  await page.getByTestId("truth-by-hand").click();
  await expect(page.getByTestId("truth-source")).toHaveText("COCO · 1 known element");
});

/** COCO of the sample in fractions of its size, which COCO does not know. */
const inFractions = {
  ...cocoTruth,
  images: [{ id: 1, file_name: "settings.png" }],
  annotations: cocoTruth.annotations
    .slice(0, 4)
    .map((entry) => ({ ...entry, bbox: entry.bbox.map((side, index) => side / (index % 2 === 0 ? 1280 : 736)) })),
};

test("a unit that cannot be right is asked about, each answer with its picture", async ({ page }) => {
  await openRun(page, "settings");
  await clearTruth(page);
  await drop(page, [jsonFile("fractions.json", inFractions)]);
  const question = page.getByTestId("truth-unit-question");
  await expect(question).toContainText("all 4 boxes are smaller than 1 px");
  await expect(page.getByTestId("truth-empty")).toBeVisible();
  const readings = page.getByTestId("truth-reading");
  await expect(readings.first()).toContainText("Fractions of the screenshot, 0 to 1; x, y, width, height");
  await expect(readings.first()).toContainText("Fits best");
  await expect(readings.last()).toContainText("as the format is usually read");
  // The picture shows the boxes where the reading has them: from 100 to 640 px of 1280.
  const drawn = await readings
    .first()
    .locator("svg path")
    .last()
    .evaluate((path: SVGPathElement) => {
      const { x, width } = path.getBBox();
      return { x, width };
    });
  expect(Math.round(drawn.x)).toBe(100);
  expect(Math.round(drawn.x + drawn.width)).toBe(640);

  await readings.first().click();
  await expect(question).toHaveCount(0);
  await expect(page.getByTestId("truth-source")).toHaveText("COCO · 4 known elements");
  await expect(page.getByTestId("truth-remarks")).toContainText("Read as fractions of the screenshot");
  expect(await counts(page)).toEqual(["2", "2", "3"]);

  await drop(page, [
    jsonFile("size.json", { ...cocoTruth, images: [{ id: 1, file_name: "settings.png", width: 640, height: 640 }] }),
  ]);
  await expect(question).toContainText("made for an image of 640 × 640 px");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("truth-remarks")).toContainText("Read as fractions");
});

test("labels of other tools are dropped with their classes", async ({ page }) => {
  await openRun(page, "settings");
  await clearTruth(page);
  const text = (name: string, content: string): FileFixture => ({
    name,
    mimeType: "text/plain",
    buffer: Buffer.from(content),
  });
  const yolo = `0 ${150 / 1280} ${120 / 736} ${100 / 1280} ${40 / 736}\n1 ${350 / 1280} ${120 / 736} ${100 / 1280} ${40 / 736}\nx\n`;
  await drop(page, [text("settings.txt", yolo), text("classes.txt", "button\nlink\n")]);
  await expect(page.getByTestId("truth-source")).toHaveText("YOLO · 2 known elements");
  await expect(page.getByTestId("truth-remarks")).toHaveText("Skipped: 1 not in YOLO's form.");
  await page.getByTestId("truth-same-label").check();
  expect(await counts(page)).toEqual(["2", "0", "3"]);
  await page.getByTestId("truth-same-label").uncheck();

  const voc =
    "<annotation><filename>settings.png</filename><object><name>button</name><bndbox><xmin>100</xmin><ymin>100</ymin><xmax>200</xmax><ymax>140</ymax></bndbox></object></annotation>";
  await drop(page, [{ name: "settings.xml", mimeType: "text/xml", buffer: Buffer.from(voc) }]);
  await expect(page.getByTestId("truth-source")).toHaveText("Pascal VOC · 1 known element");
});

test("nothing known and nothing found have figures that say so", async ({ page }) => {
  await openRun(page, "settings");
  const empty = { ...cocoTruth, annotations: [] };
  await drop(page, [jsonFile("empty.json", empty)]);
  await expect(page.getByTestId("truth-source")).toHaveText("COCO · 0 known elements");
  expect(await figures(page)).toEqual(["0.000", "–", "0.000", "–"]);
  await expect(page.getByTestId("figure-recall")).toContainText("no known elements");

  await openRun(page, "shop", []);
  await drop(page, [jsonFile("empty.json", empty)]);
  await expect.poll(() => figures(page)).toEqual(["–", "–", "–", "–"]);
  await expect(page.getByTestId("figure-f1")).toContainText("nothing to compare");
  await drop(page, [jsonFile("labels.json", cocoTruth)]);
  await expect.poll(() => figures(page)).toEqual(["–", "0.000", "0.000", "–"]);
  await expect(page.getByTestId("figure-precision")).toContainText("no detections");
  await page.getByTestId("truth-all").click();
  await expect(page.getByTestId("truth-tables")).not.toContainText("NaN");
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test("axe finds nothing serious", async ({ page }) => {
      await openRun(page, "settings");
      await clearTruth(page);
      expect(await seriousViolations(page), "without truth").toEqual([]);
      await drop(page, [jsonFile("labels.json", cocoTruth)]);
      await expect(page.getByTestId("mistake-row")).toHaveCount(5);
      await page.keyboard.press("n");
      await expect(page.getByTestId("truth-focus")).toBeVisible();
      expect(await seriousViolations(page), "a mistake selected").toEqual([]);
      await page.getByTestId("truth-all").click();
      await expect(page.getByTestId("truth-tables")).toBeVisible();
      expect(await seriousViolations(page), "tables").toEqual([]);
      await page.keyboard.press("Escape");
      await drop(page, [jsonFile("fractions.json", inFractions)]);
      await expect(page.getByTestId("truth-unit-question")).toBeVisible();
      expect(await seriousViolations(page), "the unit question").toEqual([]);
      await page.keyboard.press("Escape");
      await drop(page, [jsonFile("other.json", { ...inFractions, images: [{ id: 1, file_name: "unknown.png" }] })]);
      await expect(page.getByTestId("truth-image-question")).toBeVisible();
      expect(await seriousViolations(page), "the question of the image").toEqual([]);
    });
  });
}
