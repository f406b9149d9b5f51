import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { chromium, type Page } from "playwright";
import sharp from "sharp";
import { chromiumArgs, chromiumPath } from "./chromium.ts";
import { boxesOfB, comparedRun, fastStages, slowStages } from "./compared-runs.ts";
import { limits } from "./patience.ts";
import { repositoryRoot, samplePath } from "./repository.ts";
import { makeRuns, pngImage, runFileOf } from "./run-fixtures.ts";
import { serveHoloscope } from "./serve.ts";
import { cocoTruth, jsonFile, sampleRunFile, settingsBoxes } from "./truth-fixtures.ts";

/**
 * Takes the pictures of the window that README and the documents show: `npm run screenshots [-- FOLDER]`. The real
 * application with the real engine; the whole window at two sizes, light and dark, and the other views at 1280x800.
 */
const folder = path.resolve(process.argv[2] ?? path.join(repositoryRoot, "resources/docs"));
const windows = [
  { name: "window", width: 1280, height: 800, scheme: "light" },
  { name: "window-dark", width: 1280, height: 800, scheme: "dark" },
  { name: "window-large", width: 2560, height: 1440, scheme: "light" },
  { name: "window-large-dark", width: 2560, height: 1440, scheme: "dark" },
] as const;

async function detectSample(page: Page, name: string): Promise<void> {
  await page.getByTestId("file-input").setInputFiles(samplePath(name));
  await page.getByTestId("box").first().waitFor();
  await page.getByTestId("total-ms").filter({ hasText: /\d/ }).waitFor();
}

/** A picture once the window stands still, so that two in a row are the same; 256 colours are plenty for it and make a third of the bytes. */
async function shoot(page: Page, name: string): Promise<void> {
  let picture = await page.screenshot();
  for (let before: Buffer | undefined; before === undefined || !before.equals(picture); ) {
    before = picture;
    picture = await page.screenshot();
  }
  await sharp(picture)
    .png({ palette: true, effort: 10 })
    .toFile(path.join(folder, `${name}.png`));
}

/** The views beside the window itself, each by the keys that a user presses. */
async function shootViews(page: Page, suffix: string): Promise<void> {
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByTestId("palette-query").fill("co");
  await page.getByTestId("palette-option").first().waitFor();
  await shoot(page, `palette${suffix}`);
  await page.keyboard.press("Escape");

  await page.keyboard.press("?");
  await page.getByTestId("shortcut-row").first().waitFor();
  await shoot(page, `shortcuts${suffix}`);
  await page.keyboard.press("Escape");

  await page.getByTestId("library-button").click();
  await page.getByTestId("library-row").nth(1).click();
  await page.getByTestId("library-details").waitFor();
  await shoot(page, `library${suffix}`);
  await page.keyboard.press("Escape");
}

/** Two recorded runs of the sample "settings", compared; then one of them beside its ground truth. */
async function shootComparison(page: Page, suffix: string): Promise<void> {
  const bytes = await readFile(samplePath("settings"));
  const image = pngImage(bytes, "settings.png");
  const runs = [
    comparedRun({ id: "shown-metal", image, backend: "metal", machine: "Notebook", day: 1, stages: slowStages }),
    comparedRun({
      id: "shown-cuda",
      image,
      backend: "cuda",
      machine: "Workstation",
      day: 2,
      stages: fastStages,
      boxes: boxesOfB,
    }),
  ];
  await page.getByTestId("file-input").setInputFiles(
    runs.map((run) => ({
      name: `${run.id}.json`,
      mimeType: "application/json",
      buffer: Buffer.from(runFileOf(run, { image: bytes })),
    })),
  );
  await page.getByTestId("runs-tab").click();
  for (const { id } of runs) await page.locator(`[data-testid="compare-check"][data-run="${id}"]`).check();
  await page.getByTestId("compare-button").click();
  await page.getByTestId("compare-view").waitFor();
  await shoot(page, `compare${suffix}`);
  await page.getByTestId("compare-close").click();

  await page.getByTestId("file-input").setInputFiles(await sampleRunFile("settings", settingsBoxes));
  await page.getByTestId("file-input").setInputFiles(jsonFile("labels.json", cocoTruth));
  await page.getByTestId("truth-source").waitFor();
  await shoot(page, `truth${suffix}`);
  // The next pictures are of the same screenshot, and without it.
  await page.getByTestId("truth-remove").click();
}

/** The samples as a batch, worked through. */
async function shootBatch(page: Page, suffix: string): Promise<void> {
  await page.getByTestId("batch-button").click();
  await page.getByTestId("folder-input").setInputFiles(path.dirname(samplePath("settings")));
  await page.getByTestId("batch-clear").waitFor();
  await shoot(page, `batch${suffix}`);
}

/** Settings, models, the operator times of a run made here, and the doctor's report of this machine. */
async function shootMeasures(page: Page, suffix: string): Promise<void> {
  await page.getByTestId("settings-button").click();
  await page.getByTestId("settings-search").waitFor();
  await shoot(page, `settings${suffix}`);
  await page.keyboard.press("Escape");

  await page.getByTestId("models-button").click();
  await page.getByTestId("models-storage").waitFor();
  await shoot(page, `models${suffix}`);
  await page.keyboard.press("Escape");

  await page.getByTestId("operators-button").click();
  await page.getByTestId("operators-run").click();
  await page.getByTestId("operators-stage").first().waitFor();
  await shoot(page, `profile${suffix}`);
  await page.keyboard.press("Escape");

  await page.getByTestId("doctor-button").click();
  await page.getByTestId("doctor-run").click();
  await page.getByTestId("finding").first().waitFor();
  await page.getByTestId("doctor-cancel").waitFor({ state: "hidden" });
  await shoot(page, `doctor${suffix}`);
  await page.keyboard.press("Escape");
}

await mkdir(folder, { recursive: true });
const served = await serveHoloscope();
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumArgs] });
const recorded = makeRuns(40).map((run) => ({
  name: `${run.id}.json`,
  mimeType: "application/json",
  buffer: Buffer.from(runFileOf(run)),
}));
for (const { name, width, height, scheme } of windows) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  page.setDefaultTimeout(limits.wait);
  await page.goto(served.url);
  await page.getByTestId("sample").first().waitFor();
  if (width === 1280) await shoot(page, `${name}-empty`);
  await detectSample(page, "settings");
  await page.getByTestId("element-row").nth(2).click();
  await page.mouse.move(0, 0);
  await shoot(page, name);
  if (width === 1280) {
    if (scheme === "light") {
      await page.getByTestId("file-input").setInputFiles(recorded);
      await page.getByTestId("image-thumb").nth(1).waitFor();
      await page.getByTestId("image-thumb").first().click();
    }
    const suffix = scheme === "dark" ? "-dark" : "";
    await shootViews(page, suffix);
    await shootMeasures(page, suffix);
    await shootComparison(page, suffix);
    await shootBatch(page, suffix);
  }
  await page.close();
}
await browser.close();
await served.stop();
