import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HoloscopeError, type ImageRef, truthSchema } from "../../app/contract/index.ts";
import { placeTruth } from "../../app/truth/place.ts";
import { mayBeTruth, readTruth, readTruthValue, truthKind } from "../../app/truth/read-truth.ts";
import { imageRef } from "../renderer/records.ts";
import { page, readable } from "../support/truth-formats.ts";

const shown: ImageRef = { ...imageRef("c", page.name), width: page.width, height: page.height };

/** Reads what may be anything: the answer is truth that keeps to the contract, or an error that says what to do. */
async function outcome(read: () => Promise<ReturnType<typeof readTruthValue>>): Promise<"read" | "refused"> {
  try {
    const document = await read();
    const [image] = document.images;
    const byHand = image === undefined ? undefined : { image, imageId: shown.id };
    for (const choice of [{}, { byHand }]) {
      const { placed, doubts } = placeTruth(document, [shown], shown, choice);
      for (const { truth } of placed) truthSchema.parse(truth);
      for (const { readings } of doubts) for (const { truth } of readings) truthSchema.parse(truth);
    }
    return "read";
  } catch (error) {
    if (!(error instanceof HoloscopeError)) throw error;
    expect(error).toMatchObject({ code: "BAD_REQUEST", hint: expect.any(String) });
    return "refused";
  }
}

const anything = fc.anything({ withBigInt: false, withDate: false, withMap: false, withSet: false, maxDepth: 3 });
/** Objects with the fields that readers look for, and anything in them. */
const fields = fc.dictionary(
  fc.constantFrom(
    ...["images", "annotations", "categories", "elements", "shapes", "imagePath", "bbox", "bbox_2d", "rect", "data"],
    ...[
      "result",
      "value",
      "image_id",
      "id",
      "file_name",
      "segmentation",
      "img_filename",
      "img_size",
      "regions",
      "filename",
    ],
    ...[
      "shape_attributes",
      "_via_img_metadata",
      "image_size",
      "width",
      "height",
      "schema",
      "deviceScaleFactor",
      "__proto__",
    ],
  ),
  fc.oneof(anything, fc.array(fc.oneof(fc.integer(), fc.double(), fc.string()), { maxLength: 5 })),
);
const nested = fc.oneof(
  fields,
  fc.array(fields, { maxLength: 4 }),
  fc.record({ annotations: fc.array(fields), images: fc.array(fields) }),
);

describe("files that someone made to hurt", () => {
  it("any JSON at all is read or refused", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(nested, anything), async (value) => {
        truthKind(value);
        await outcome(async () => readTruthValue(value, "any.json"));
      }),
      { numRuns: 400, seed: 16 },
    );
  });

  it("any damage to a good file is survived", async () => {
    const damage = fc.record({
      which: fc.nat(readable.length - 1),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(60),
      put: fc.oneof(
        fc.constant(""),
        fc.constantFrom("null", "NaN", "-1e308", '"', "]", "<", "&#0;", "\u0000", "{}"),
        fc.string(),
      ),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ which, from, length, put }) => {
        const { file, text } = readable[which] ?? { file: "", text: "" };
        const at = Math.floor(from * text.length);
        const damaged = text.slice(0, at) + put + text.slice(at + length);
        mayBeTruth(damaged, file);
        await outcome(() => readTruth({ name: file, text: damaged }));
      }),
      { numRuns: 300, seed: 16 },
    );
  });

  it.each([
    ["lists in lists", "[".repeat(100_000)],
    ["objects in objects", `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`],
    ["blanks", `[${" ".repeat(500_000)}!`],
    ["a number without end", `[${"1".repeat(500_000)}]`],
    ["quotes", `[{"bbox":["${"1".repeat(500_000)}",1,1,1]}]`],
    ["a box that is too long", `[{"bbox":[${"1,".repeat(200_000)}1]}]`],
    [
      "run lengths that never end",
      JSON.stringify({
        images: [],
        annotations: [{ image_id: 1, segmentation: { size: [9, 9], counts: "o".repeat(500_000) } }],
      }),
    ],
    [
      "run lengths of a huge image",
      JSON.stringify({ annotations: [{ image_id: 1, segmentation: { size: [1e9, 1e9], counts: [1e17, 1e17] } }] }),
    ],
    ["YOLO lines", `0 ${"1 ".repeat(100_000)}x`],
    ["open tags", "<a>".repeat(100_000)],
    ["attributes", `<annotations><image ${"a='".repeat(50_000)}`],
    ["entities", `<annotation><filename>${"&amp;".repeat(100_000)}</filename></annotation>`],
    ["names that objects have by themselves", '<annotations><constructor x="1"/><__proto__/></annotations>'],
    ["Markdown's fence alone", "```".repeat(100_000)],
  ])("%s end soon and are refused or empty", async (_what, text) => {
    await outcome(() => readTruth({ name: "a.json", text }));
  });

  it("no key of a file reaches Object.prototype", async () => {
    await outcome(() =>
      readTruth({ name: "a.json", text: "{__proto__: {polluted: 1}, annotations: [], images: [],}" }),
    );
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});
