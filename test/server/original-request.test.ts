import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseResponseSchema, parseServiceLimits } from "../../app/contract/index.ts";
import { startCli, whenEnded } from "../cli/built-cli.ts";

/** The original service's clients against `holoscope serve` with the real engine and the bundled detector. */
describe("the request of the original service", () => {
  let dataFolder: string;
  let child: ChildProcess;
  let url: string;

  beforeAll(async () => {
    dataFolder = mkdtempSync(path.join(os.tmpdir(), "holoscope-original-"));
    child = startCli(["serve", "--port", "0"], dataFolder);
    const ended = whenEnded(child);
    url = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout?.on("data", (chunk: string) => {
        text += chunk;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
        if (found) resolve(found);
      });
      void ended.then(({ code, err }) => reject(new Error(`serve ended with ${code}: ${err}`)));
    });
  });
  afterAll(async () => {
    const exit = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await exit).toBe(0);
    rmSync(dataFolder, { recursive: true, force: true });
  });

  it("a solid 1920x1080 PNG in base64 with profile speed gets every field and filled timings", async () => {
    const png = await sharp({ create: { width: 1920, height: 1080, channels: 3, background: "#336699" } })
      .png()
      .toBuffer();
    const response = await fetch(`${url}/parse`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        image: png.toString("base64"),
        task: null,
        detect_multiple: true,
        performance_profile: "speed",
        return_raw_outputs: true,
      }),
    });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    const answer = parseResponseSchema.parse(JSON.parse(text));
    expect(answer).toMatchObject({
      image_size: { width: 1920, height: 1080 },
      profile: "speed",
      max_detections: parseServiceLimits.speed.maxDetections,
      min_confidence: parseServiceLimits.speed.minConfidence,
      parse_status: "success",
    });
    expect(answer.count).toBe(answer.elements.length);
    expect(answer.model).not.toBe("");
    expect(answer.device).toMatch(/^(cpu|cuda|metal|vulkan)$/);
    expect(answer.raw_output).toBeTypeOf("string");
    expect(answer.output_length).toBe(answer.raw_output?.length);
    if (answer.timing === null) throw new Error("A first request cannot have been answered from the cache.");
    const { resize_ms, inference_ms, parse_ms, total_ms } = answer.timing;
    expect(resize_ms).toBeGreaterThan(0);
    expect(inference_ms).toBeGreaterThan(0);
    expect(parse_ms).toBeGreaterThanOrEqual(0);
    expect(resize_ms + inference_ms + parse_ms).toBeLessThanOrEqual(total_ms * 1.001);
    expect(answer.processing_time_ms).toBeGreaterThanOrEqual(total_ms);
  });

  it("a screenshot as an upload gets elements inside the image, numbered from 0", async () => {
    const form = new FormData();
    const sample = await sharp("resources/samples/settings.png").toBuffer({ resolveWithObject: true });
    form.append("file", new Blob([new Uint8Array(sample.data)]), "settings.png");
    form.append("max_detections", "5");
    const response = await fetch(`${url}/parse/upload`, { method: "POST", body: form });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    const answer = parseResponseSchema.parse(JSON.parse(text));
    expect(answer.elements.length).toBeGreaterThan(0);
    expect(answer.elements.length).toBeLessThanOrEqual(5);
    const { format, width, height } = await sharp(Buffer.from(answer.som_image ?? "", "base64")).metadata();
    expect({ format, width, height }).toEqual({ format: "png", width: sample.info.width, height: sample.info.height });
    answer.elements.forEach(({ element_id, bbox: [x, y, width, height] }, index) => {
      expect(element_id).toBe(index);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(sample.info.width);
      expect(y + height).toBeLessThanOrEqual(sample.info.height);
    });
  });

  it("the documented search for one target is answered with it", async () => {
    const response = await fetch(`${url}/parse`, {
      method: "POST",
      body: JSON.stringify({
        image: (await readFile("resources/samples/shop.png")).toString("base64"),
        task: "Find the search bar",
      }),
    });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    const answer = parseResponseSchema.parse(JSON.parse(text));
    expect(answer).toMatchObject({ count: 1, max_detections: 1, elements: [{ type: "input", element_id: 0 }] });
  });

  it("nothing of what was sent is left on the disk", async () => {
    const files = (await readdir(dataFolder, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
    const folders = new Set(files.map(({ parentPath }) => path.relative(dataFolder, parentPath)));
    for (const folder of ["images", "runs", "cache", "trash"]) expect(folders).not.toContain(folder);
    const log = await readFile(path.join(dataFolder, "logs", "holoscope.log"), "utf8");
    expect(log).not.toContain("settings.png");
    expect(log).not.toContain("search bar");
  });

  it("what is not an image gets a typed error, and the service goes on", async () => {
    const response = await fetch(`${url}/parse`, {
      method: "POST",
      body: JSON.stringify({ image: Buffer.from("no image at all").toString("base64") }),
    });
    expect([415, 422]).toContain(response.status);
    expect(await response.json()).toMatchObject({ ok: false, error: { code: expect.stringMatching(/^IMAGE_/) } });
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});
