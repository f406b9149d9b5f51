import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import sharp from "sharp";
import { runFileSchema } from "../../app/contract/index.ts";
import { labelColor } from "../../app/presentation/labels.ts";
import { dropFiles } from "../support/drop.ts";
import { samplePath } from "../support/repository.ts";
import { type BoxFixture, makeRun, pngImage, runFileOf } from "../support/run-fixtures.ts";
import { expect, test } from "./fixture.ts";

const boxes: readonly BoxFixture[] = [
  { bbox: [100, 100, 300, 200], label: "button", confidence: 0.9 },
  { bbox: [400, 300, 600, 360], label: "icon", text: "=cmd", confidence: 0.8 },
];

/** Red, green and blue 0..255 of a CSS hex colour. */
const rgbOf = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** Opens the library with one run (and its image) active, taken in as a file. */
async function libraryWithRun(page: Page, url: string) {
  const bytes = await readFile(samplePath("settings"));
  const run = makeRun({ id: "export-run-0001", image: pngImage(bytes, "settings.png"), boxes });
  await page.goto(url);
  await dropFiles(page, [
    { name: "run.json", bytes: Buffer.from(runFileOf(run, { image: bytes })), type: "application/json" },
  ]);
  await expect(page.getByTestId("box")).toHaveCount(2);
  await page.keyboard.press("l");
  await page.getByTestId("library-search").fill(run.id);
  await page.getByTestId("library-row").first().click();
  return { run, bytes };
}

/** Chooses a format and gives back the bytes of the file that was saved. */
async function exported(page: Page, format: string): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  await page.getByTestId("export-menu").click();
  const saved = page.waitForEvent("download");
  await page.getByTestId(`export-${format}`).click();
  const download = await saved;
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test("every export of a run opens again and says the same", async ({ page, served, context }) => {
  const { run, bytes } = await libraryWithRun(page, served.url);

  const png = await exported(page, "png");
  expect(png.name).toBe("settings.png");
  const { width, height, format } = await sharp(png.bytes).metadata();
  expect({ width, height, format }).toEqual({ width: run.image.width, height: run.image.height, format: "png" });
  const pixel = async (file: Buffer, left: number, top: number) => [
    ...(await sharp(file).removeAlpha().extract({ left, top, width: 1, height: 1 }).raw().toBuffer()),
  ];
  expect(await pixel(png.bytes, 100, 150), "the box's edge is in the label's colour").toEqual(
    rgbOf(labelColor("button")),
  );
  expect(await pixel(png.bytes, 1200, 700), "the screenshot is untouched elsewhere").toEqual(
    await pixel(bytes, 1200, 700),
  );

  const svg = await exported(page, "svg");
  const drawn = await sharp(svg.bytes).metadata();
  expect([drawn.width, drawn.height]).toEqual([run.image.width, run.image.height]);
  expect(svg.bytes.toString("utf8")).toContain("data:image/png;base64,");

  const plain = runFileSchema.parse(JSON.parse((await exported(page, "run")).bytes.toString("utf8")));
  expect(plain.detections).toEqual(run.detections);
  expect(plain.attachments?.imageBase64).toBeUndefined();
  const whole = runFileSchema.parse(JSON.parse((await exported(page, "run-image")).bytes.toString("utf8")));
  expect(whole.attachments?.imageBase64).toBe(bytes.toString("base64"));

  const coco = JSON.parse((await exported(page, "coco")).bytes.toString("utf8"));
  expect(coco.annotations.map(({ bbox }: { bbox: number[] }) => bbox)).toEqual([
    [100, 100, 200, 100],
    [400, 300, 200, 60],
  ]);

  const csv = (await exported(page, "elements-csv")).bytes.toString("utf8");
  expect(csv.split("\r\n")).toHaveLength(boxes.length + 2);
  expect(csv).toContain("'=cmd");

  const line = JSON.parse((await exported(page, "jsonl")).bytes.toString("utf8"));
  expect(line).toMatchObject({ run_id: run.id, total_ns: run.totalMs * 1e6 });

  expect((await exported(page, "markdown")).bytes.toString("utf8")).toContain("| Encode | 500 ms");

  const html = await exported(page, "html");
  const report = await context.newPage();
  const problems: string[] = [];
  report.on("console", (message) => problems.push(message.text()));
  await report.setContent(html.bytes.toString("utf8"));
  await expect(report.getByRole("heading", { level: 1 })).toHaveText("settings.png");
  await expect(report.locator("svg[aria-label^='Stages'] rect[data-ms]")).toHaveCount(7);
  await expect(report.locator("svg image")).toHaveCount(1);
  await expect(report.locator("table").first()).toContainText("Test bench");
  expect(await report.locator("script").count()).toBe(0);
  expect(problems).toEqual([]);
});

test("a selection is exported as one file", async ({ page, served }) => {
  await libraryWithRun(page, served.url);
  const second = makeRun({ id: "export-run-0002", backend: "cuda", machine: "Workstation" });
  await dropFiles(page, [
    { name: "second.json", bytes: Buffer.from(JSON.stringify(second)), type: "application/json" },
  ]);
  await expect(page.getByTestId("box")).toHaveCount(3);
  await page.keyboard.press("l");
  await page.getByTestId("library-search").fill("export-run");
  await expect(page.getByTestId("library-row")).toHaveCount(2);
  await page.getByLabel("Select all runs").check();
  await page.getByTestId("export-menu").click();
  await expect(page.getByTestId("export-png")).toHaveCount(0);
  await page.keyboard.press("Escape");
  const { name, bytes } = await exported(page, "runs-csv");
  expect(name).toMatch(/-and-1-more\.runs\.csv$/);
  const csv = bytes.toString("utf8");
  for (const text of ["export-run-0001", "export-run-0002", "Workstation"]) expect(csv).toContain(text);
});
