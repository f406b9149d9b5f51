import { describe, expect, it } from "vitest";
import { readEvaluation } from "../../../app/truth/click/read.ts";

const spot = {
  img_filename: "pc_1.png",
  bbox: [10, 20, 30, 40],
  instruction: "close this window",
  data_type: "icon",
  data_source: "windows",
};
const pro = {
  img_filename: "vscode_mac/1.png",
  bbox: [473, 183, 503, 219],
  instruction: "Refresh the file explorer.",
  img_size: [2560, 1664],
  application: "vscode",
  platform: "macos",
  group: "Dev",
  ui_type: "icon",
};
const osworld = {
  id: "A-0",
  image_path: "a.png",
  image_size: [1920, 1080],
  instruction: "open",
  box_type: "bbox",
  box_coordinates: [1, 2, 3, 4],
  GUI_types: ["Button"],
};

const read = (file: string, value: unknown) =>
  readEvaluation([{ file, text: typeof value === "string" ? value : JSON.stringify(value) }]);
const fileOf = async (file: string, value: unknown) => (await read(file, value)).files[0];

describe("annotations", () => {
  it("of ScreenSpot have x, y, width, height, and their platform from the file's name", async () => {
    const file = await fileOf("a/screenspot_web.json", [spot]);
    expect(file).toMatchObject({ dataset: "screenspot", file: "a/screenspot_web.json" });
    expect(file?.clicks).toEqual([
      {
        index: 0,
        image: "pc_1.png",
        instruction: "close this window",
        target: { kind: "box", box: [10, 20, 40, 60] },
        groups: ["web icon"],
      },
    ]);
  });

  it("of ScreenSpot under another name have their platform from their source", async () => {
    const sources = ["ios", "android", "macos", "Windows", "gitlab", "shop", "forum", "tool"];
    const file = await fileOf(
      "all.json",
      sources.map((data_source) => ({ ...spot, data_source })),
    );
    const platforms = ["mobile", "mobile", "desktop", "desktop", "web", "web", "web", "web"];
    expect(file?.clicks.map(({ groups }) => groups)).toEqual(platforms.map((platform) => [`${platform} icon`]));
  });

  it.each([
    ["screenspot_desktop_v2.json", "screenspot-v2"],
    ["screenspot_desktop.json", "screenspot"],
  ])("of %s are %s", async (name, dataset) => {
    expect((await fileOf(name, [spot]))?.dataset).toBe(dataset);
  });

  it("of ScreenSpot-Pro have two corners in px of a size, whatever the file is called", async () => {
    const file = await fileOf("screenspot_web.json", [pro]);
    expect(file?.dataset).toBe("screenspot-pro");
    expect(file?.clicks[0]).toMatchObject({
      target: { kind: "box", box: [473, 183, 503, 219] },
      size: { width: 2560, height: 1664 },
      groups: ["Dev icon", "icon"],
    });
  });

  it("of OSWorld-G have boxes, polygons and refusals, and categories of another file", async () => {
    const items = [
      osworld,
      { ...osworld, id: "A-1", box_type: "polygon", box_coordinates: [0, 0, 5, 0, 5, 5] },
      { ...osworld, id: "A-2", box_type: "refusal", box_coordinates: [-1, -1, -1, -1] },
    ];
    const classified = { text_matching: [osworld], fine_grained_manipulation: [{ id: "A-0" }], refusal: [items[2]] };
    const { files, others } = await readEvaluation([
      { file: "b/OSWorld-G_refined.json", text: JSON.stringify(items) },
      { file: "b/classification_result.json", text: JSON.stringify({ classified }) },
      { file: "b/OSWorld-G.json", text: JSON.stringify(items) },
    ]);
    expect(others).toEqual([]);
    expect(files.map(({ split }) => split)).toEqual(["refined instructions", "original instructions"]);
    expect(files[1]?.clicks.map(({ target, groups }) => ({ target, groups }))).toEqual([
      {
        target: { kind: "box", box: [1, 2, 4, 6] },
        groups: ["text matching", "fine-grained manipulation", "all without refusals"],
      },
      {
        target: {
          kind: "polygon",
          corners: [
            [0, 0],
            [5, 0],
            [5, 5],
          ],
        },
        groups: ["all without refusals"],
      },
      { target: { kind: "nothing" }, groups: ["refusal"] },
    ]);
  });

  it("of our own ask for every element, and for those that one text means", async () => {
    const elements = [
      { label: "button", text: "Save", bbox: [0, 0, 10, 10] },
      { label: "link", text: "More", bbox: [20, 0, 30, 10] },
      { label: "link", text: "More", bbox: [40, 0, 50, 10] },
      { bbox: [60, 0, 70, 10] },
    ];
    const images = [{ name: "a.png", width: 100, height: 50, elements }];
    const file = await fileOf("truth.json", { schema: "holoscope.truth", version: 1, images });
    expect(file?.detections).toMatchObject([{ image: "a.png", size: { width: 100, height: 50 } }]);
    expect(file?.detections[0]?.elements.map(({ bbox }) => bbox)).toEqual(elements.map(({ bbox }) => bbox));
    expect(file?.clicks).toMatchObject([{ image: "a.png", instruction: "Save", groups: ["button"] }]);
  });

  it("are found among other JSON files, which are named", async () => {
    const { files, others } = await readEvaluation([
      { file: "package.json", text: '{"name": "x"}' },
      { file: "list.json", text: "[1, 2, null]" },
      { file: "lines.jsonl", text: `${JSON.stringify(pro)}\n${JSON.stringify(pro)}\n` },
    ]);
    expect(files.map(({ file, clicks }) => [file, clicks.length])).toEqual([["lines.jsonl", 2]]);
    expect(others).toEqual(["package.json", "list.json"]);
  });
});

describe("a broken file", () => {
  it.each([
    ["no object", [spot, 7], /entry 1 .*: Invalid input/],
    ["without an instruction", [spot, { ...spot, instruction: " " }], /entry 1 .*field "instruction"/],
    ["with a box of three numbers", [{ ...spot, bbox: [1, 2, 3] }], /entry 0 .*field "bbox/],
    ["with text in a box", [{ ...spot, bbox: [1, 2, "3", 4] }], /entry 0 .*field "bbox.2"/],
    ["with an empty box", [{ ...spot, bbox: [1, 2, 0, 4] }], /width and height above 0/],
    ["of an unknown kind", [{ ...spot, data_type: "image" }], /field "data_type"/],
    ["of an unknown platform", [{ ...spot, data_source: "amiga" }], /"amiga" is of no known platform/],
    ["with fractions", [{ ...spot, bbox: [0.1, 0.2, 0.3, 0.4] }], /boxes are fractions/],
    ["with corners the wrong way", [{ ...pro, bbox: [503, 183, 473, 219] }], /must end after it begins/],
    ["without a size", [{ ...pro, img_size: undefined }], /entry 0 .*field "img_size"/],
    ["of an unknown group", [{ ...pro, group: "Games" }], /field "group"/],
    ["of an unknown box type", [{ ...osworld, box_type: "circle" }], /field "box_type"/],
    ["with half a point", [{ ...osworld, box_type: "polygon", box_coordinates: [1, 2, 3] }], /three corners/],
    ["with a box of OSWorld-G without a size", [{ ...osworld, box_coordinates: [1, 2] }], /"box_coordinates"/],
  ])("%s is refused with its name, the entry and what is wrong", async (_name, list, message) => {
    const error = await read("dir/broken.json", list).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: "BAD_REQUEST", hint: expect.any(String) });
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect(error).toMatchObject({ message: expect.stringContaining("dir/broken.json") });
  });

  it("that is cut off is named", async () => {
    await expect(read("dir/cut.json", JSON.stringify([spot]).slice(0, 40))).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringMatching(/^dir\/cut\.json: The file is not valid JSON/),
    });
  });
});
