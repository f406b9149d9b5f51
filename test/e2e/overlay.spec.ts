import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import sharp from "sharp";
import { detailedParseResponseSchema, runRecordSchema } from "../../app/contract/index.ts";
import { startCli, whenEnded } from "../cli/built-cli.ts";
import { samplePath } from "../support/repository.ts";
import { expect, test } from "./fixture.ts";

interface Limits {
  readonly maxDetections: number;
  readonly minConfidence: number;
  readonly maxNewTokens: number;
}

/** The pixels of a PNG, whatever it is compressed like. */
async function pixelsOf(
  png: Buffer,
): Promise<{ readonly width: number; readonly height: number; readonly rgb: Buffer }> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
}

async function fromCommandLine(image: string, limits: Limits) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-overlay-"));
  try {
    const [png, json] = [path.join(folder, "overlay.png"), path.join(folder, "run.json")];
    const set = Object.entries(limits).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    const ended = await whenEnded(
      startCli(["detect", image, "--overlay", png, "--json", json, ...set], path.join(folder, "data")),
    );
    expect(ended.code, ended.err).toBe(0);
    const run = runRecordSchema.parse(JSON.parse(await readFile(json, "utf8")));
    return { png: await readFile(png), run };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Lets the server keep what services send: the window then shows their runs. */
async function keepParsed(url: string): Promise<void> {
  const body = JSON.stringify({ keepParsed: true });
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${url}/api/call/settings.update`, { method: "POST", headers, body });
  expect(response.status, await response.text()).toBe(200);
}

async function fromParse(url: string, image: string, { maxDetections, minConfidence }: Limits) {
  const response = await fetch(`${url}/api/parse`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      image: (await readFile(image)).toString("base64"),
      max_detections: maxDetections,
      min_confidence: minConfidence,
    }),
  });
  const answer = detailedParseResponseSchema.parse(await response.json());
  const [, base64 = ""] = answer.som_image?.split(",") ?? [];
  return { png: Buffer.from(base64, "base64"), runId: answer.run_id };
}

/** What "Copy image" put on the clipboard. */
async function copied(page: Page): Promise<Buffer> {
  await page.keyboard.press("Shift+I");
  await expect(page.getByTestId("toast").last()).toContainText("Copied the image with");
  const base64 = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const bytes = new Uint8Array(await ((await item?.getType("image/png")) ?? new Blob()).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  });
  return Buffer.from(base64, "base64");
}

async function exported(page: Page): Promise<Buffer> {
  await page.getByTestId("export-menu").click();
  const saved = page.waitForEvent("download");
  await page.getByTestId("export-png").click();
  return readFile(await (await saved).path());
}

test.use({ serverOf: "overlay" });
test.use({ permissions: ["clipboard-read", "clipboard-write"] });

for (const [name, minConfidence] of [
  ["settings", 0.3],
  // So high that elements are set apart between others, which the numbers must not show.
  ["shop", 0.8],
] as const) {
  test(`${name}: --overlay, som_image, "Export PNG" and "Copy image" are one picture`, async ({ page, served }) => {
    const image = samplePath(name);
    const limits = { maxDetections: 200, minConfidence, maxNewTokens: 512 };
    const { png: overlay, run } = await fromCommandLine(image, limits);
    expect(run.detections.map(({ id }) => id)).toEqual(run.detections.map((_, index) => `e${index + 1}`));
    if (name === "shop") expect(run.belowThreshold.length).toBeGreaterThan(0);
    await keepParsed(served.url);
    const parsed = await fromParse(served.url, image, limits);

    await page.goto(served.url);
    await page.keyboard.press("l");
    await page.getByTestId("library-search").fill(parsed.runId);
    await page.getByTestId("library-row").first().click();
    const png = await exported(page);
    await page.getByTestId("library-open").click();
    await expect(page.getByTestId("box")).toHaveCount(run.detections.length);
    const clipboard = await copied(page);

    const picture = await pixelsOf(overlay);
    const original = await pixelsOf(await readFile(image));
    expect(picture.width).toBe(original.width);
    expect(picture.rgb.equals(original.rgb), "something is drawn").toBe(false);
    for (const [way, other] of [
      ["som_image", parsed.png],
      ["Export PNG", png],
      ["Copy image", clipboard],
    ] as const) {
      const { rgb, ...size } = await pixelsOf(other);
      expect(size, way).toEqual({ width: picture.width, height: picture.height });
      expect(rgb.equals(picture.rgb), way).toBe(true);
    }
  });
}
