import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { chromiumArgs, chromiumPath } from "../chromium.ts";

/** Renders the bundled sample screenshots from their pages: `npx tsx test/support/samples/render.ts`. */
const here = path.dirname(fileURLToPath(import.meta.url));
const samples = [
  { name: "settings", width: 1280, height: 736 },
  { name: "shop", width: 1440, height: 900 },
];

const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...chromiumArgs] });
for (const { name, width, height } of samples) {
  const page = await browser.newPage({ viewport: { width, height } });
  await page.goto(`file://${path.join(here, `${name}.html`)}`);
  await page.screenshot({ path: path.join(here, "../../../resources/samples", `${name}.png`) });
}
await browser.close();
