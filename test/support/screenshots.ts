import { mkdir } from "node:fs/promises";
import path from "node:path";
import { chromium, type Page } from "playwright";
import { chromiumArgs, chromiumPath } from "./chromium.ts";
import { repositoryRoot, samplePath } from "./repository.ts";
import { serveHoloscope } from "./serve.ts";

/**
 * Takes the pictures of the window that README shows: `npm run screenshots [-- FOLDER]`. The real application with the
 * real engine, at two sizes, light and dark.
 */
const folder = path.resolve(process.argv[2] ?? path.join(repositoryRoot, "resources/docs"));
const views = [
  { name: "window", width: 1280, height: 800, scheme: "light" },
  { name: "window-dark", width: 1280, height: 800, scheme: "dark" },
  { name: "window-large", width: 2560, height: 1440, scheme: "light" },
  { name: "window-large-dark", width: 2560, height: 1440, scheme: "dark" },
] as const;

async function detectSample(page: Page, name: string): Promise<void> {
  await page.getByTestId("file-input").setInputFiles(samplePath(name));
  await page.getByTestId("box").first().waitFor();
  await page.getByTestId("total-ms").filter({ hasText: /\d/ }).waitFor({ timeout: 60_000 });
}

await mkdir(folder, { recursive: true });
const served = await serveHoloscope();
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumArgs] });
for (const { name, width, height, scheme } of views) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(served.url);
  await page.getByTestId("empty-state").waitFor();
  await page.screenshot({ path: path.join(folder, `${name}-empty.png`) });
  await detectSample(page, "settings");
  await page.getByTestId("element-row").nth(2).click();
  await page.waitForTimeout(500);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
  await page.close();
}
await browser.close();
await served.stop();
