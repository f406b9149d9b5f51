import { describe, expect, it } from "vitest";
import type { BBox, Detection, HoloscopeError } from "../../../app/contract/index.ts";
import { parseTarget, searchByKind } from "../../../app/engine/families/by-kind.ts";

const labels = [
  "button",
  "input",
  "checkbox",
  "radio",
  "select",
  "tab",
  "link",
  "icon",
  "menu_item",
  "heading",
  "text",
];

describe("parseTarget", () => {
  it.each([
    ["the Save button", "button"],
    ["search field", "input"],
    ["Close icon", "icon"],
    ["settings tab", "tab"],
    ["the radio button", "radio"],
    ["drop-down list", "select"],
    ["a check box", "checkbox"],
    ["Menu item", "menu_item"],
    ["the menu button", "button"],
    ["links", "link"],
    ["the check boxes", "checkbox"],
    ["the icon in the toolbar button", "icon"],
    ["in the header, the link", "link"],
    ['the "second tab" button', "button"],
  ])("takes the kind from %j", (target, label) => {
    expect(parseTarget(target, labels)).toEqual({ label, sides: [] });
  });

  it.each([
    ["second checkbox", { ordinal: 2 }],
    ["the 3rd checkbox", { ordinal: 3 }],
    ["checkbox number 4", { ordinal: 4 }],
    ["the last checkbox", { ordinal: -1 }],
    ["the second checkbox from the right", { ordinal: 2, from: "right" }],
    ["top right checkbox", { sides: ["top", "right"] }],
    ["the Save checkbox at the bottom left of the page", { sides: ["bottom", "left"] }],
    ["the biggest checkbox", { extent: "largest" }],
  ])("takes the place from %j", (target, place) => {
    expect(parseTarget(target, labels)).toEqual({ label: "checkbox", sides: [], ...place });
  });

  it.each([
    "the left arrow icon",
    "first name icon",
    "icon left of the heading",
    "icon in the top bar",
    "the first Save icon",
  ])("takes no place from %j, which it does not understand whole", (target) => {
    expect(parseTarget(target, labels)).toEqual({ label: "icon", sides: [] });
  });

  it.each(["the thing that saves", "", "кнопка", "constructor"])("finds no kind in %j", (target) => {
    expect(parseTarget(target, labels)).toBeUndefined();
  });

  it("knows only the kinds that the model writes, under the names that it writes", () => {
    expect(parseTarget("the button", ["tab"])).toBeUndefined();
    expect(parseTarget("the knob", ["knob"])).toEqual({ label: "knob", sides: [] });
  });
});

const screen = { width: 1000, height: 800 };
const at = (id: string, bbox: BBox): Detection => ({
  id,
  label: "button",
  bbox,
  confidence: 0.9,
  confidenceSource: "token-probability",
  raw: { space: "model-pixels", values: [...bbox] },
});
/** Two rows: a, b and c (a little higher) above, the large d below on the left. Listed in another order. */
const buttons = [
  at("d", [20, 700, 320, 760]),
  at("c", [900, 8, 980, 38]),
  at("a", [20, 10, 100, 40]),
  at("b", [400, 10, 480, 40]),
];
const find = (target: string, among = buttons) => searchByKind(target, labels).choose(among, screen)?.id;

function refusal(work: () => unknown): HoloscopeError {
  try {
    work();
  } catch (error) {
    return error as HoloscopeError;
  }
  throw new Error("not refused");
}

describe("searchByKind", () => {
  it.each([
    ["the first button", "a"],
    ["second button", "b"],
    ["button 3", "c"],
    ["the last button", "d"],
    ["second button from the right", "b"],
    ["the second button at the top", "b"],
    ["the button on the right", "c"],
    ["top left button", "a"],
    ["upper right button", "c"],
    ["Save button at the bottom", "d"],
    ["the largest button", "d"],
  ])("chooses by place: %s", (target, id) => {
    expect(find(target)).toBe(id);
  });

  it("chooses the only one whatever it is called, and none of none", () => {
    expect(find("the Save button", buttons.slice(0, 1))).toBe("d");
    expect(find("the second button", [])).toBeUndefined();
  });

  it("does not guess among several, and says how many there are and what to do", () => {
    const save = refusal(() => find("the Save button"));
    expect(save).toMatchObject({ code: "BAD_REQUEST", hint: expect.stringContaining('"the second button"') });
    expect(save.message).toContain("4 elements");
    expect(save.message).toContain("reads no text");
    expect(refusal(() => find("the button at the top")).message).toContain("3 elements");
    expect(refusal(() => find("the fifth button")).message).toContain("only 4");
    expect(refusal(() => find("the second button at the bottom")).message).toContain("only 1");
  });

  it("names the kinds it knows where the target names none", () => {
    const error = refusal(() => searchByKind("whatever saves", labels));
    expect(error.message).toContain('"whatever saves"');
    expect(error.hint).toContain("menu item");
  });

  it("leaves other kinds out", () => {
    const { fits } = searchByKind("the tab", labels);
    expect([fits({ ...at("x", [0, 0, 1, 1]), label: "tab" }), fits(at("y", [0, 0, 1, 1]))]).toEqual([true, false]);
  });
});
