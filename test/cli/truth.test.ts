import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RecordingEnvironment } from "./recording-environment.ts";

let folder: string;
let screen: string;
let environment: RecordingEnvironment;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-truth-"));
  screen = path.join(folder, "screen.png");
  writeFileSync(screen, "an image");
  environment = new RecordingEnvironment();
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(environment.host.folder, { recursive: true, force: true });
});

/** The fake host finds [10, 20, 50, 50] and [20, 20, 60, 50] on a screen of 1920 x 1080 px called screen.png. */
const known = [
  [10, 20, 40, 30],
  [20, 20, 40, 30],
  [900, 500, 100, 100],
] as const;

function truthFile(name: string, boxes: readonly (readonly number[])[], file_name = "screen.png"): string {
  const file = path.join(folder, name);
  const annotations = boxes.map((bbox, id) => ({ id, image_id: 1, category_id: 1, bbox }));
  writeFileSync(
    file,
    JSON.stringify({ images: [{ id: 1, file_name }], categories: [{ id: 1, name: "button" }], annotations }),
  );
  return file;
}

describe("holoscope detect --truth", () => {
  it("prints what the run is worth, and what of the file could not be used", async () => {
    const truth = truthFile("labels.json", [...known, [1, 2]]);
    const { code, out, err } = await environment.run("detect", screen, "--truth", truth);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/image\s+matched\s+missed\s+extra\s+precision\s+recall\s+f1\s+mean iou/);
    expect(out).toMatch(/screen\.png\s+2\s+1\s+0\s+1\.000\s+0\.667\s+0\.800\s+1\.000/);
    expect(out).toContain("labels.json, COCO, 3 known elements; skipped: 1 without a usable box");
  });

  it("refuses a unit that cannot be right, says which to try, and takes the answer", async () => {
    const fractions = known.map((box) => box.map((side, index) => side / (index % 2 === 0 ? 1920 : 1080)));
    const truth = truthFile("labels.json", fractions);
    const refused = await environment.run("detect", screen, "--truth", truth);
    expect(refused.code).toBe(1);
    expect(refused.out).not.toContain("precision");
    expect(refused.err).toMatch(
      /error: labels\.json: The boxes of screen\.png cannot be right.*all 3 boxes are smaller than 1 px/,
    );
    expect(refused.err).toMatch(/hint: .*most probable first: --truth-unit fraction \(/);

    environment.out = environment.err = "";
    const { code, out } = await environment.run("detect", screen, "--truth", truth, "--truth-unit", "fraction");
    expect(code).toBe(0);
    expect(out).toMatch(/screen\.png\s+2\s+1\s+0/);
    expect(out).toContain("read as fractions of the screenshot");
  });

  it("takes the image of another name by hand only", async () => {
    const truth = truthFile("labels.json", known, "other.png");
    const refused = await environment.run("detect", screen, "--truth", truth);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/about "other\.png", not about screen\.png/);
    expect(refused.err).toContain("--truth-image NAME");

    const { out } = await environment.run("detect", screen, "--truth", truth, "--truth-image", "other");
    expect(out).toMatch(/screen\.png\s+2\s+1\s+0/);
    const wrong = await environment.run("detect", screen, "--truth", truth, "--truth-image", "nothing.png");
    expect(wrong.err).toMatch(/no image "nothing\.png".*\n.*"other\.png"/);
  });

  it("refuses a file that is no truth before anything is detected", async () => {
    const file = path.join(folder, "notes.txt");
    writeFileSync(file, "Dear diary");
    const { code, err } = await environment.run("detect", screen, "--truth", file);
    expect(code).toBe(2);
    expect(err).toMatch(/notes\.txt: The file is no ground truth that Holoscope knows/);
    expect(err).toMatch(/Read are COCO, ScreenSpot/);
    expect(environment.host.requests).toEqual([]);
  });

  it.each([
    [["--truth", "absent.json"], /absent\.json cannot be read/],
    [["--truth-unit", "px"], /need --truth/],
    [["--truth", "labels.json", "--truth-unit", "em"], /does not know "em"[\s\S]*css-2/],
    [["--truth", "labels.json", "--truth-box", "cxcywh"], /xywh or xyxy/],
    [["--truth", "a.json", "--truth", "b.json", "--truth-image", "x"], /one screenshot and one --truth file/],
  ])("%j is a wrong command line", async (options, message) => {
    const { code, err } = await environment.run("detect", screen, ...options);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(environment.host.requests).toEqual([]);
  });
});
