/**
 * Renders random pages in Chromium and writes them as a dataset (format: detector/data.py): `npx tsx training/pages/generate.ts
 * --out DIR --split train --count 1000 [--seed 1] [--only LIBRARY]`. Same seed, same pages. Pages of a held-out library
 * appear in that library's split alone.
 */
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "@playwright/test";
import sharp from "sharp";
import { elementsOf, type PageElement } from "./extract.ts";
import { drawDesktop, type Pane, panePlaces, placed } from "./frames.ts";
import { type Kit, kits } from "./kits.ts";
import { Random } from "./random.ts";
import { reactWidgets } from "./react/libraries.ts";
import { templates } from "./templates.ts";
import { Widgets } from "./widgets.ts";

const cell = 32;
const maxCells = 920;
const fonts = ["DejaVu Sans", "Liberation Sans", "Liberation Serif", "DejaVu Serif", "Liberation Mono", "system-ui"];

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    split: { type: "string", default: "train" },
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    quality: { type: "string", default: "80" },
    chromium: { type: "string", default: process.platform === "linux" ? "/usr/bin/chromium" : "" },
  },
});

const names = Object.keys(templates);

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly deviceScale: number;
  readonly zoom: number;
}

/** Viewport in CSS px, as people have it, with what the system and the browser enlarge. */
function shape(random: Random): Shape {
  const [width, height] = random.weighted([
    [[1280, 736], 6],
    [[1280, 720], 3],
    [[1366, 768], 2],
    [[1440, 900], 2],
    [[1024, 768], 2],
    [[1536, 864], 2],
    [[1920, 1080], 2],
    [[960, 640], 2],
    [[800, 600], 1],
    [[414, 896], 1],
    [[390, 844], 1],
  ] as const);
  return {
    width,
    height,
    deviceScale: random.weighted([
      [1, 5],
      [1.5, 1],
      [2, 1],
    ] as const),
    zoom: random.weighted([
      [1, 6],
      [0.75, 1],
      [0.9, 1],
      [1.25, 2],
      [1.5, 1],
      [2, 0.3],
    ] as const),
  };
}

/** Sides of the model's input for a screenshot: multiples of 32 px, at most 920 cells, the aspect kept as well as that allows. */
function inputSize(width: number, height: number): { readonly width: number; readonly height: number } {
  const shrink = Math.min(1, Math.sqrt((maxCells * cell * cell) / (width * height)));
  let [columns, rows] = [
    Math.max(1, Math.round((width * shrink) / cell)),
    Math.max(1, Math.round((height * shrink) / cell)),
  ];
  while (columns * rows > maxCells) {
    if (columns > rows) columns--;
    else rows--;
  }
  return { width: columns * cell, height: rows * cell };
}

const readSheet = async (name: string) => {
  const file = new URL(`../node_modules/${name}`, import.meta.url);
  // No font file is fetched: pages use the machine's fonts.
  return (await readFile(file, "utf8")).replace(/@import[^;]+;/g, "").replace(/@font-face\s*\{[^}]*\}/g, "");
};

async function markup(kit: Kit, template: string, random: Random, zoom: number) {
  const sheets = await Promise.all(
    kit.sheets.map((sheet) => readSheet(typeof sheet === "string" ? sheet : random.pick(sheet))),
  );
  const base = await readFile(new URL("base.css", import.meta.url), "utf8");
  const draw = templates[template];
  if (draw === undefined) throw new RangeError(`No template ${template}`);
  const widgets = kit.react === undefined ? new Widgets(kit, random) : await reactWidgets(kit.react, kit, random);
  const body = draw(widgets);
  const mode = widgets.attributes();
  const dark = kit.library === "plain" && random.chance(0.35);
  const own = `:root{--page-font:"${random.pick(fonts)}",sans-serif;--page-accent:hsl(${random.int(0, 359)} 65% 45%);zoom:${zoom}${dark ? ";color-scheme:dark" : ""}} *{animation:none!important;transition:none!important}`;
  const density = random.pick([
    "",
    "",
    "body{font-size:13px}",
    "body{font-size:17px}",
    "body{line-height:1.25}",
    "body{letter-spacing:.3px}",
  ]);
  // Where a mark is drawn as a label's ::before, extract.ts takes it to be on the left.
  const direction = body.includes("data-mark") ? "ltr" : widgets.words.direction;
  const html = `<!doctype html><html dir="${direction}" ${mode}><head><meta charset="utf-8"><style>${base}</style>${sheets.map((css) => `<style>${css}</style>`).join("")}<style>${own}${kit.theme?.(random) ?? ""}${kit.extra ?? ""}${density} body{font-family:var(--page-font)}${widgets.style()}</style></head><body class="${widgets.css("body")}">${body}</body></html>`;
  return { html, widgets };
}

/** Raster order of the 32-px cells that hold the centres (LABELS.md). */
function inOrder(elements: readonly PageElement[]): PageElement[] {
  const key = ({ bbox: [x1, y1, x2, y2] }: PageElement) => [
    Math.floor((y1 + y2) / 2 / cell),
    Math.floor((x1 + x2) / 2 / cell),
    y1,
    x1,
    -(x2 - x1) * (y2 - y1),
  ];
  return [...elements].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    const at = left.findIndex((value, index) => value !== right[index]);
    return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
  });
}

interface DrawnPage extends Pane {
  readonly widgets: Widgets;
}

/** One page in a viewport of its own, as it stands after some scrolling, pointing and focusing. */
async function drawPage(
  browser: Browser,
  kit: Kit,
  template: string,
  random: Random,
  { width, height, deviceScale, zoom }: Shape,
): Promise<DrawnPage> {
  const page = await browser.newPage({
    viewport: { width, height },
    deviceScaleFactor: deviceScale,
    javaScriptEnabled: true,
    colorScheme: random.chance(0.25) ? "dark" : "light",
  });
  try {
    await page.route("**/*", (route) => route.abort());
    const { html, widgets } = await markup(kit, template, random, zoom);
    await page.setContent(html, { waitUntil: "domcontentloaded" });
    const scroll = random.chance(0.3) ? random.unit() : 0;
    await page.evaluate((share) => scrollTo(0, share * (document.documentElement.scrollHeight - innerHeight)), scroll);
    if (random.chance(0.3)) await page.mouse.move(random.int(0, width), random.int(0, height));
    if (random.chance(0.2))
      await page
        .locator("input, button, a")
        .nth(random.int(0, 5))
        .focus({ timeout: 300 })
        .catch(() => undefined);
    const elements = await elementsOf(page);
    const png = await page.screenshot({ animations: "disabled", scale: "device" });
    return { png, width, height, elements, widgets };
  } finally {
    await page.close();
  }
}

/** Windows of a desktop around the page, the others behind it. */
async function drawFramed(
  browser: Browser,
  random: Random,
  front: DrawnPage,
  behind: readonly Pane[],
  deviceScale: number,
) {
  const panes = [...behind, front];
  const { width, height, html } = drawDesktop(random, front.widgets, panes);
  const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: deviceScale });
  try {
    await page.setContent(html, { waitUntil: "load" });
    const frame = await elementsOf(page);
    const places = await page.evaluate(panePlaces);
    const elements = panes.flatMap((pane, index) => {
      const place = places[index];
      return place === undefined ? [] : placed(pane.elements, place);
    });
    const png = await page.screenshot({ animations: "disabled", scale: "device" });
    return { png, width, height, elements: [...frame, ...elements] };
  } finally {
    await page.close();
  }
}

/** One screen: most of the time a page alone, else a desktop with the page in a window. */
async function drawScreen(browser: Browser, kit: Kit, template: string, seed: number) {
  const random = new Random(seed);
  const seen = shape(random);
  const page = await drawPage(browser, kit, template, random, seen);
  const framing = seen.width >= 800 && random.chance(0.2);
  const behind = framing && random.chance(0.4) ? [await drawPage(browser, kit, random.pick(names), random, seen)] : [];
  const {
    png,
    width,
    height,
    elements: all,
  } = framing ? await drawFramed(browser, random, page, behind, seen.deviceScale) : page;
  const size = inputSize(width * seen.deviceScale, height * seen.deviceScale);
  const image = await sharp(png)
    .resize(size.width, size.height, { fit: "fill", kernel: "lanczos3" })
    .webp({ quality: Number(values.quality), effort: 4 })
    .toBuffer();
  const [sx, sy] = [size.width / width, size.height / height];
  const round = (value: number) => Math.round(value * 100) / 100;
  const elements = all
    .map(({ bbox: [x1, y1, x2, y2], ...rest }) => ({
      bbox: [round(x1 * sx), round(y1 * sy), round(x2 * sx), round(y2 * sy)] as const,
      ...rest,
    }))
    .filter(({ bbox: [x1, y1, x2, y2] }) => x2 - x1 >= 4 && y2 - y1 >= 4);
  return { image, size, scale: seen.deviceScale * seen.zoom, framed: framing, elements: inOrder(elements) };
}

const { out } = values;
if (out === undefined) throw new Error("Say where to write: --out DIR");
const split = values.split;
const chosen = kits.filter((kit) => kit.split === split && (values.only === undefined || kit.library === values.only));
if (chosen.length === 0)
  throw new Error(`No library in the split ${split}${values.only === undefined ? "" : ` is called ${values.only}`}`);
const list = path.join(out, `${split}.jsonl`);
await mkdir(path.join(out, split), { recursive: true });
if (values.only === undefined && Number(values.seed) === 1) await rm(list, { force: true });
const browser = await chromium.launch({
  ...(values.chromium === "" ? {} : { executablePath: values.chromium }),
  args: ["--no-sandbox", "--disable-gpu"],
});
const count = Number(values.count);
// No page of one split has the words and the layout of a page of another.
const splitOffset = { train: 0, validation: 400_000, test: 700_000 }[chosen[0]?.split ?? "train"];
const started = performance.now();
for (let index = 0; index < count; index++) {
  const seed = Number(values.seed) * 1_000_003 + index + splitOffset;
  const pick = new Random(seed ^ 0x5bd1e995);
  const kit = chosen[index % chosen.length];
  const template = pick.pick(names);
  if (kit === undefined) continue;
  const draw = () => drawScreen(browser, kit, template, seed);
  // Under load Chromium now and then fails to take a picture; a second failure is a defect of the page.
  const drawn = await draw().catch((error: unknown) => {
    console.error(`Page ${seed} is drawn once more: ${String(error)}`);
    return draw();
  });
  const image = `${split}/${seed}.webp`;
  await writeFile(path.join(out, image), drawn.image);
  const line = {
    image,
    ...drawn.size,
    split,
    library: kit.library,
    template,
    seed,
    scale: drawn.scale,
    framed: drawn.framed,
    elements: drawn.elements,
  };
  await appendFile(list, `${JSON.stringify(line)}\n`);
  if ((index + 1) % 50 === 0)
    console.log(`${index + 1} of ${count} pages, ${((performance.now() - started) / (index + 1)).toFixed(0)} ms each`);
}
await browser.close();
