import type { Browser, Page } from "@playwright/test";
import sharp from "sharp";
import { type Detection, type ImageRef, imageRefSchema } from "../../app/contract/index.ts";
import { detection, runRecord } from "../renderer/records.ts";
import { openRunFile } from "../support/crowded-screen.ts";
import { expect, test } from "./fixture.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

/** A page of ours with one small button, which counts the clicks that hit it. */
const shop = `<!doctype html><style>body{margin:0;font:16px sans-serif}button{position:absolute;left:820px;top:510px;
  width:60px;height:24px}</style><h1>Basket</h1><button onclick="document.title='hit'">Pay</button>`;

/** The page in a browser at this scale, 1280 x 800 CSS px, and a picture of it. */
async function screenAt(browser: Browser, scale: number) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: scale });
  const page = await context.newPage();
  await page.setContent(shop);
  return { page, png: await page.screenshot(), close: () => context.close() };
}

const payButton = (scale: number): Detection => detection("e1", [820 * scale, 510 * scale, 880 * scale, 534 * scale]);

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

async function chooseInMenu(page: Page, name: string): Promise<void> {
  await page.getByTestId("scale-menu").click();
  await page.getByRole("menuitemradio", { name, exact: true }).click();
}

/** The numbers of a copied click. */
async function copiedClick(page: Page): Promise<readonly [number, number]> {
  await page.keyboard.press("Shift+P");
  const [, x, y] = /click\((\d+), (\d+)\)/.exec(await clipboard(page)) ?? [];
  return [Number(x), Number(y)];
}

test("a click copied from a shot at scale 2 hits the page once the scale is set, and the scale stays", async ({
  page,
  served,
  browser,
}) => {
  const screen = await screenAt(browser, 2);
  await page.goto(served.url);
  await openRunFile(page, served.url, screen.png, (image) =>
    runRecord("scale-run-0001", image, { detections: [payButton(2)] }),
  );
  await page.getByTestId("element-row").first().click();
  const details = page.getByTestId("element-details");

  // Nothing tells the scale of this file: until it is set, the click is in image px, and misses.
  await expect(page.getByTestId("scale-menu")).toHaveText("@1x");
  await screen.page.mouse.click(...(await copiedClick(page)));
  expect(await screen.page.title()).toBe("");
  expect(await clipboard(page)).toContain("// CSS px, at scale 1");

  await chooseInMenu(page, "2x");
  await expect(page.getByTestId("scale-menu")).toHaveText("@2x");
  await expect(details).toContainText("x CSS px820");
  expect(await copiedClick(page)).toEqual([850, 522]);
  expect(await clipboard(page)).toContain("// CSS px, at scale 2");
  await expect(page.getByTestId("toast").last()).toContainText("in CSS px");
  await screen.page.mouse.click(...(await copiedClick(page)));
  expect(await screen.page.title()).toBe("hit");

  await chooseInMenu(page, "Image px");
  expect(await copiedClick(page)).toEqual([1700, 1044]);
  expect(await clipboard(page)).toContain("// image px, at scale 2");
  await expect(details).toContainText("x image px1640");
  await chooseInMenu(page, "CSS px (points)");

  // The scale belongs to the image: another window finds it.
  await page.reload();
  await openRunFile(page, served.url, screen.png, (image) =>
    runRecord("scale-run-0002", image, { detections: [payButton(2)] }),
  );
  await expect(page.getByTestId("scale-menu")).toHaveText("@2x");
  await page.getByTestId("scale-menu").click();
  await page.getByTestId("scale-guess").click();
  await expect(page.getByTestId("scale-menu")).toHaveText("@1x");
  await screen.close();
});

test("the scale of a file that says its density is known", async ({ page, served, browser }) => {
  const screen = await screenAt(browser, 2);
  const dense = await sharp(screen.png).withMetadata({ density: 144 }).png().toBuffer();
  await page.goto(served.url);
  await openRunFile(page, served.url, dense, (image) =>
    runRecord("scale-run-0003", image, { detections: [payButton(2)] }),
  );
  await expect(page.getByTestId("scale-menu")).toHaveText(process.platform === "win32" ? "@1.5x" : "@2x");
  await expect(page.getByTestId("scale-menu")).toHaveAttribute("title", /from the file's density/);
  await screen.close();
});

for (const format of ["webp", "png", "jpeg"] as const) {
  test(`a ${format} file with EXIF orientation is shown upright, on the canvas and in crops`, async ({
    page,
    served,
  }) => {
    // Stored 400 x 200 with the red half on the left; orientation 6 turns it clockwise, so that red comes to lie on top.
    const stored = await sharp({ create: { width: 400, height: 200, channels: 3, background: "#0000ff" } })
      .composite([
        { input: { create: { width: 200, height: 200, channels: 3, background: "#ff0000" } }, left: 0, top: 0 },
      ])
      .withMetadata({ orientation: 6 })
      .toFormat(format, { quality: 100 })
      .toBuffer();
    await page.goto(served.url);
    let shown: ImageRef | undefined;
    await openRunFile(page, served.url, stored, (image) => {
      shown = imageRefSchema.parse(image);
      return runRecord(`turned-${format}-01`, image, { detections: [detection("e1", [20, 20, 180, 180])] });
    });
    expect(shown).toMatchObject({ width: 200, height: 400 });
    const picture = page.getByTestId("screenshot");
    expect(await picture.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight])).toEqual([
      200, 400,
    ]);
    // What any view gets under the image's address: pixels that lie upright by themselves, without a note to turn them.
    const bytes = await (await page.request.get(`${served.url}/api/images/${shown?.id}`)).body();
    const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([200, 400]);
    expect(data[0]).toBeGreaterThan(200);
    expect(data[data.length - 1]).toBeGreaterThan(200);

    await page.getByTestId("element-row").first().click();
    const crop = await sharp(await page.getByTestId("crop").locator("svg").screenshot())
      .removeAlpha()
      .stats();
    expect(crop.channels[0]?.mean).toBeGreaterThan(180);
  });
}
