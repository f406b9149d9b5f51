import { describe, expect, it } from "vitest";
import type { ImageRef } from "../../app/contract/index.ts";
import { meansImage, nameLevels } from "../../app/truth/image-names.ts";
import { placeTruth } from "../../app/truth/place.ts";
import { readTruthValue } from "../../app/truth/read-truth.ts";
import { imageRef } from "../renderer/records.ts";

const image = (digit: string, name: string): ImageRef => imageRef(digit, name);

/** COCO about images of these names, each with one element at the height of its place. */
function about(...names: readonly string[]) {
  const file = {
    images: names.map((file_name, id) => ({ id, file_name, width: 1000 + id })),
    annotations: names.map((_, id) => ({ image_id: id, bbox: [0, 10 * id, 50, 5] })),
  };
  return readTruthValue(file, "labels.json");
}

/** Which open image got the element of which place. */
function given(
  names: readonly string[],
  open: readonly ImageRef[],
  shown?: ImageRef,
): Readonly<Record<string, number>> {
  const { placed } = placeTruth(about(...names), open, shown);
  return Object.fromEntries(
    placed.map(({ imageId, truth }) => [imageId[0] ?? "", (truth.elements[0]?.bbox[1] ?? -1) / 10]),
  );
}

describe("a truth file finds its image", () => {
  it.each([
    ["shots/Home.PNG", "home.png"],
    ["C:\\shots\\home.png", "home.png"],
    ["https://host/a/home.png?sig=a/b.png#x", "home.png"],
    ["/data/local-files/?d=shots%2Fhome.png", "home.png"],
    ["my%20shot.png", "my shot.png"],
    ["u\u0308ber.png", "\u00fcber.png"],
    ["home", "home.png"],
    ["home.jpg", "home.png"],
    ["cb0618f6-home.png", "home.png"],
    ["home_png.rf.3d2f1c0b9a8e7d6c5b4a39281706f5e4.jpg", "home.png"],
    ["home-jpg.rf.aB3dE5fG7hI9jK1lM2nO.png", "home.jpg"],
    ["my-shot-1-_png.rf.0123456789abcdef.jpg", "my shot (1).png"],
    ["home.png", "cb0618f6-home.png"],
    ["100%.png", "100%.png"],
  ])("%s is %s", (name, open) => {
    expect(given([name], [image("a", "other.png"), image("b", open)])).toEqual({ b: 0 });
  });

  it("does not take one for another", () => {
    for (const [name, open] of [
      ["home2.png", "home.png"],
      ["cb0618f6.png", "home.png"],
      ["away/home.png", "away.png"],
      ["", "home.png"],
      [".png", "home.png"],
    ] as const) {
      expect(
        nameLevels.some((level) => meansImage({ names: [name] }, open, level)),
        name,
      ).toBe(false);
    }
  });

  it("prefers the exact name, and leaves to the user what could be either", () => {
    const open = [image("a", "login.png"), image("b", "login.jpg")];
    expect(given(["login.jpg", "login.png"], open)).toEqual({ a: 1, b: 0 });
    expect(given(["login"], open)).toEqual({});
    expect(given(["a/login.png", "b/login.png"], open.slice(0, 1))).toEqual({});
    // Two tabs with the very same name are the same screenshot to a user.
    expect(given(["login.png"], [open[0] ?? image("a", ""), image("c", "login.png")])).toEqual({ a: 0, c: 0 });
  });

  it("by hand, whatever it is called", () => {
    const document = about("x.png", "y.png");
    const target = image("a", "home.png");
    const [, second] = document.images;
    if (second === undefined) throw new Error("no image");
    const { placed, waiting } = placeTruth(document, [target], target, {
      byHand: { image: second, imageId: target.id },
    });
    expect(placed).toMatchObject([{ imageId: target.id, truth: { elements: [{ bbox: [0, 10, 50, 15] }] } }]);
    expect(waiting.map(({ names }) => names[0])).toEqual(["x.png"]);
  });

  it("a pasted image without a name takes a file about one image, but not one of many", () => {
    const { name: _name, ...pasted } = image("a", "");
    expect(given(["home.png"], [pasted], pasted)).toEqual({ a: 0 });
    expect(given(["home.png", "away.png"], [pasted], pasted)).toEqual({});
  });

  it("a file without names goes to the image beside it, else to the shown one", () => {
    const list = readTruthValue([{ bbox: [1, 2, 3, 4] }], "home.boxes.json");
    const [home, other] = [image("a", "home.png"), image("b", "other.png")];
    expect(placeTruth(list, [home, other], other).placed.map(({ imageId }) => imageId)).toEqual([home.id]);
    expect(placeTruth(list, [other], other).placed.map(({ imageId }) => imageId)).toEqual([other.id]);
    expect(() => placeTruth(list, [other], undefined)).toThrow(/which image/);
  });

  it("stays quick with names and files that are made to be slow", () => {
    const names = Array.from({ length: 3000 }, (_, index) => `${"/".repeat(50)}${".".repeat(50)}${index}.png`);
    expect(given([...names, "a".repeat(200_000), "%".repeat(10_000)], [image("a", `${"-".repeat(5000)}.png`)])).toEqual(
      {},
    );
  });
});
