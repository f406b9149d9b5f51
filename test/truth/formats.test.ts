import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ImageRef, type Truth, truthSchema } from "../../app/contract/index.ts";
import { readClassNames } from "../../app/truth/class-names.ts";
import { skipsText, type TruthDocument } from "../../app/truth/document.ts";
import { decodedText } from "../../app/truth/parse-text.ts";
import { placeTruth } from "../../app/truth/place.ts";
import { knownFormats, mayBeTruth, readTruth, readTruthValue, truthKind } from "../../app/truth/read-truth.ts";
import { imageRef, runRecord } from "../renderer/records.ts";
import { repositoryRoot } from "../support/repository.ts";
import { page, pageBoxes, pageElements, readable, refused } from "../support/truth-formats.ts";

function imageNamed(name: string): ImageRef {
  return { ...imageRef("c", name), width: page.width, height: page.height };
}

/** The only placed truth, checked with the contract. */
function placed(document: TruthDocument, image: ImageRef, byHand = false): Truth {
  const [first] = document.images;
  const choice = byHand && first !== undefined ? { byHand: { image: first, imageId: image.id } } : {};
  const placement = placeTruth(document, [image], undefined, choice);
  expect(placement.problems).toEqual([]);
  expect(placement.doubts.map(({ reason }) => reason)).toEqual([]);
  expect(placement.waiting).toHaveLength(byHand ? document.images.length - 1 : 0);
  const [truth] = placement.placed;
  return truthSchema.parse(truth?.truth);
}

const furthest = (truth: Truth, boxes: readonly (readonly number[])[]): number =>
  Math.max(
    ...truth.elements.map(({ bbox }, index) =>
      Math.max(...bbox.map((side, at) => Math.abs(side - (boxes[index]?.[at] ?? Number.NaN)))),
    ),
  );

describe("the page in everybody's formats", () => {
  it.each(readable)(
    "$what",
    async ({ file, text, image = page.name, without = [], off = 1e-6, skipped, anyOrder, byHand }) => {
      const document = await readTruth({ name: file, text });
      const truth = placed(document, imageNamed(image), byHand);
      const expected = pageBoxes.filter((_, index) => !without.includes(index));
      expect(truth.elements).toHaveLength(expected.length);
      if (anyOrder) {
        const sorted = (boxes: readonly (readonly number[])[]) => boxes.map((box) => box.join()).sort();
        expect(sorted(truth.elements.map(({ bbox }) => bbox))).toEqual(sorted(expected));
      } else expect(furthest(truth, expected)).toBeLessThanOrEqual(off);
      const said = skipsText([...(truth.skipped ?? []), ...document.skipped]);
      if (skipped === undefined) expect(said).toBe("");
      else expect(said).toMatch(skipped);
    },
  );

  it.each(refused)("$what is refused with the reason", async ({ file, text, why }) => {
    const reading = readTruth({ name: file, text });
    await expect(reading).rejects.toThrow(why);
    await expect(reading).rejects.toMatchObject({ code: "BAD_REQUEST", hint: expect.any(String) });
  });

  it("keeps labels and texts, also those that XML escapes", async () => {
    for (const what of ["COCO", "CVAT for images", "LabelMe", "Label Studio", "Qwen2.5-VL", "Pascal VOC"]) {
      const found = readable.find((each) => each.what === what);
      if (found === undefined) throw new Error(what);
      const truth = placed(
        await readTruth({ name: found.file, text: found.text }),
        imageNamed(page.name),
        found.byHand,
      );
      expect(truth.elements.map(({ label }) => label).sort(), what).toEqual(
        pageElements.map(({ label }) => label).sort(),
      );
    }
    const dump = readable.find(({ what }) => what === "UIAutomator");
    const truth = placed(await readTruth({ name: "a.xml", text: dump?.text ?? "" }), imageNamed(page.name), true);
    expect(truth.elements.find(({ text }) => text?.startsWith("More"))).toMatchObject({
      text: "More & <more>",
      label: "button",
    });
  });

  it("skips bad lines of YOLO wherever they stand", async () => {
    const yolo = readable.find(({ what }) => what === "YOLO")?.text ?? "";
    const truth = placed(await readTruth({ name: "page.txt", text: `x\n${yolo}\n0 1 2\n` }), imageNamed(page.name));
    expect(truth.elements).toHaveLength(pageElements.length);
    expect(truth.skipped).toEqual([{ reason: "not in YOLO's form", count: 2 }]);
  });

  it("names YOLO's classes by a list or a data.yaml", async () => {
    const yolo = readable.find(({ what }) => what === "YOLO")?.text ?? "";
    const names = ["heading", "text", "input", "button", "link"];
    for (const [file, text] of [
      ["classes.txt", `${names.join("\n")}\n`],
      ["data.yaml", `path: .\nnames: [${names.join(", ")}]\n`],
      ["data.yml", `names:\n${names.map((name, index) => `  ${index}: ${name}\n`).join("")}`],
    ] as const) {
      expect(mayBeTruth(text, file)).toBe(true);
      const classes = await readClassNames(text, file);
      const truth = placed(await readTruth({ name: "page.txt", text: yolo }, classes), imageNamed(page.name));
      expect(truth.elements.map(({ label }) => label)).toEqual(pageElements.map(({ label }) => label));
    }
    await expect(readClassNames("a: &a [x]\nnames: [*a, *a]", "data.yaml")).rejects.toThrow(/names no classes/);
    await expect(readClassNames("", "classes.txt")).rejects.toThrow(/names no classes/);
  });

  it("reads what PowerShell writes, in UTF-16", async () => {
    const text = readable[0]?.text ?? "";
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
    const truth = placed(await readTruth({ name: "a.json", text: decodedText(bytes) }), imageNamed(page.name));
    expect(truth.elements).toHaveLength(pageElements.length);
  });

  it("takes a run file by the image's hash, and Holoscope's own by hash or name in any size of the same shape", () => {
    const shown = imageRef("a", "Screens/Home.png");
    const other = imageRef("b", "login.png");
    const run = placeTruth(
      readTruthValue(runRecord("run-00000001", { ...shown, name: "renamed.png" }), "r"),
      [shown],
      shown,
    );
    expect(run.placed[0]?.truth.elements).toEqual([{ id: "t1", label: "button", bbox: [10, 20, 110, 60] }]);
    const own = {
      schema: "holoscope.truth",
      version: 1,
      images: [
        { imageId: shown.id, elements: [{ label: "tab", bbox: [1, 2, 3, 4], point: [2, 3] }] },
        { name: "LOGIN.png", width: 500, height: 250, elements: [{ bbox: [10, 10, 20, 20], point: [15, 15] }] },
      ],
    };
    const { placed: both } = placeTruth(readTruthValue(own, "t.json"), [shown, other], shown);
    expect(both.map(({ truth }) => truth.elements)).toEqual([
      [{ id: "t1", label: "tab", bbox: [1, 2, 3, 4], point: [2, 3] }],
      [{ id: "t1", bbox: [20, 20, 40, 40], point: [30, 30] }],
    ]);
  });

  it("turns Label Studio's turned rectangles into the boxes around them", () => {
    const region = {
      original_width: 1000,
      original_height: 500,
      value: { x: 50, y: 50, width: 10, height: 10, rotation: 90, rectanglelabels: ["a"] },
    };
    const task = [{ data: { image: "a.png" }, annotations: [{ result: [region] }] }];
    const [image] = [imageRef("a")];
    const bbox = placeTruth(readTruthValue(task, "l.json"), [image], image).placed[0]?.truth.elements[0]?.bbox;
    // 100 x 50 px, turned clockwise around its upper left corner at 500, 250.
    expect(bbox?.map(Math.round)).toEqual([450, 250, 500, 350]);
  });

  it("leaves other JSON to others, and names the formats that are read", async () => {
    expect(truthKind({ schema: "holoscope.something" })).toBeUndefined();
    expect(truthKind([{ a: 1 }])).toBeUndefined();
    expect(truthKind(null)).toBeUndefined();
    expect(mayBeTruth("Dear diary", "notes.txt")).toBe(false);
    await expect(readTruth({ name: "a.json", text: '{"a":1}' })).rejects.toMatchObject({ hint: knownFormats });
    for (const name of ["COCO", "ScreenSpot", "YOLO", "Pascal VOC", "CVAT", "UIAutomator"])
      expect(knownFormats).toContain(name);
  });
});

const cases = path.join(repositoryRoot, "../shared/cases");
const domSchema = z.object({
  elements: z.array(
    z.object({ boundingBox: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }) }),
  ),
});

describe.skipIf(!existsSync(cases))("the files of ../shared/cases (skipped where that folder is absent)", () => {
  const names = existsSync(cases) ? readdirSync(path.join(cases, "truth")) : [];
  /** Files whose truth is refused, or asked about, and why. */
  const reasons: Readonly<Record<string, RegExp>> = {
    "22_resized640.json": /made for an image of 640 × 640 px/,
    "25_dangling.json": /No annotation belongs to an image/,
    "54_parse_response.json": /made for an image of 1,280 × 736 px/,
  };

  it.each(names)("%s", async (name) => {
    const dom = domSchema.parse(JSON.parse(readFileSync(path.join(cases, "p1280.dom.json"), "utf8")));
    const image = { ...imageRef("d", "p1280.png"), width: 1280, height: 800 };
    const reason = reasons[name];
    const read = async () => {
      const document = await readTruth({ name, text: decodedText(readFileSync(path.join(cases, "truth", name))) });
      const [first] = document.images;
      const placement = placeTruth(document, [image], image);
      // Some are of an image by another name: given by hand.
      const byHand =
        placement.waiting.length > 0 && first !== undefined ? { byHand: { image: first, imageId: image.id } } : {};
      const { placed: found, doubts } = placeTruth(document, [image], image, byHand);
      if (doubts[0] !== undefined) throw new Error(doubts[0].reason);
      return found[0]?.truth;
    };
    if (reason !== undefined) return expect(read()).rejects.toThrow(reason);
    const truth = await read();
    const boxes = dom.elements.map(({ boundingBox: { x, y, width, height } }) => [x, y, x + width, y + height]);
    const off = name.endsWith("voc.xml") ? 1 : 0.01;
    for (const { bbox } of truth?.elements ?? []) {
      expect(boxes.some((box) => box.every((side, at) => Math.abs(side - (bbox[at] ?? 0)) <= off))).toBe(true);
    }
    const count = name.startsWith("58") ? 0 : name.startsWith("26") ? 1 : 20;
    const skipped = (truth?.skipped ?? []).reduce((sum, each) => sum + each.count, 0);
    expect((truth?.elements.length ?? 0) + skipped).toBe(count);
  });
});
