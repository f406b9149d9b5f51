import type { Page } from "@playwright/test";
import sharp from "sharp";
import { type Detection, type ImageRef, imageRefSchema, type RunRecord, type Size } from "../../app/contract/index.ts";
import { runRecord } from "../renderer/records.ts";
import { createRandom } from "./gguf/random.ts";

/** A screen full of small controls, drawn and described from one seed: picture and elements fit each other. */
export interface CrowdedScreen {
  readonly png: Buffer;
  readonly detections: readonly Detection[];
}

const labels = ["button", "link", "input", "checkbox", "menu_item", "tab", "heading", "icon", "list_item", "text"];
/** px kept free around the grid of controls. */
const margin = 24;

/** `count` controls in a grid over a screenshot of this size; every one in its own cell, none touching another. */
export async function crowdedScreen(size: Size, count: number): Promise<CrowdedScreen> {
  const columns = Math.ceil(Math.sqrt((count * size.width) / size.height));
  const rows = Math.ceil(count / columns);
  const cell = { width: (size.width - 2 * margin) / columns, height: (size.height - 2 * margin) / rows };
  const random = createRandom(7);
  const detections = Array.from({ length: count }, (_, index): Detection => {
    const left = margin + (index % columns) * cell.width + cell.width * 0.1;
    const top = margin + Math.floor(index / columns) * cell.height + cell.height * 0.15;
    const width = cell.width * (0.4 + 0.4 * random());
    const height = cell.height * (0.3 + 0.3 * random());
    const bbox: Detection["bbox"] = [left, top, left + width, top + height];
    return {
      id: `e${index + 1}`,
      label: labels[Math.floor(random() * labels.length)] ?? "button",
      bbox,
      confidence: 0.35 + 0.64 * random(),
      confidenceSource: "token-probability",
      raw: {
        space: "normalised-1000",
        values: [
          (left / size.width) * 1000,
          (top / size.height) * 1000,
          ((left + width) / size.width) * 1000,
          ((top + height) / size.height) * 1000,
        ],
      },
    };
  });
  return { png: await drawn(size, detections), detections };
}

/** Controls with frames and text lines, so that the picture is as busy as a real screen. */
function drawn({ width, height }: Size, detections: readonly Detection[]): Promise<Buffer> {
  const controls = detections.map(({ id, bbox: [x1, y1, x2, y2] }, index) => {
    const middle = (y1 + y2) / 2;
    return `<rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}" rx="5" fill="hsl(${index * 37} 40% 88%)" stroke="#556"/>
      <text x="${x1 + 6}" y="${middle + 5}" font-family="sans-serif" font-size="15" fill="#223">${id}</text>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="#f4f5f8"/>${controls.join("")}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** Stores a picture with the served host, opens a run file that fits it, and waits until its boxes are there. */
export async function openRunFile(
  page: Page,
  address: string,
  png: Buffer,
  make: (image: ImageRef) => RunRecord,
): Promise<RunRecord> {
  const answer = await page.request.post(`${address}/api/images?name=screen.png`, {
    headers: { "content-type": "image/png" },
    data: png,
  });
  const body: unknown = await answer.json();
  const image = imageRefSchema.parse(typeof body === "object" && body !== null ? Reflect.get(body, "value") : body);
  const record = make(image);
  await page
    .getByTestId("file-input")
    .setInputFiles({ name: "run.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(record)) });
  await page.getByTestId("box").first().waitFor();
  await page.waitForFunction(() => {
    const screenshot = document.querySelector('[data-testid="screenshot"]');
    return screenshot instanceof HTMLImageElement && screenshot.naturalWidth > 0;
  });
  return record;
}

/** A finished run whose elements are these. */
export function crowdedRun(image: ImageRef, detections: readonly Detection[]): RunRecord {
  return runRecord("crowded-0001", image, { detections: [...detections] });
}
