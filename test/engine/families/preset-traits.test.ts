import { describe, expect, it } from "vitest";
import { HoloscopeError, presets } from "../../../app/contract/index.ts";
import { presetTraits, recognise } from "../../../app/engine/families/index.ts";
import { headers } from "../headers.ts";

const screen = { width: 1288, height: 728 };
const locate = (preset: string, target = "the Save button") =>
  presetTraits(preset).question("locate", target, 40, screen);

describe("traits of a preset without files", () => {
  it.each(presets.map(({ id }) => id))("%s has what an engine elsewhere needs", (id) => {
    const traits = presetTraits(id);
    expect(traits.preset).toBe(id);
    for (const mode of ["detect", "locate"] as const) {
      const { chat, prompt, grammar } = traits.question(mode, "the Save button", 40, screen);
      expect(prompt.split(chat.text)).toHaveLength(2);
      if (chat.system !== undefined) expect(prompt).toContain(chat.system);
      expect(prompt.split("<__media__>")).toHaveLength(2);
      expect(prompt).not.toMatch(/\{(target|width|height)\}/);
      expect(grammar).toContain("coordinate");
      if (mode === "locate") expect(chat.text).toContain("the Save button");
    }
  });

  it("has the sizes of the base unless the encoder is known", () => {
    expect(presetTraits("holo1.5").sizing).toEqual({ factor: 28, minTokens: 8, maxTokens: 4096 });
    expect(presetTraits("holo3").sizing.factor).toBe(32);
    expect(presetTraits("qwen3-vl", { patch: 16, merge: 2, maxTokens: 1024 }).sizing).toEqual({
      factor: 32,
      minTokens: 8,
      maxTokens: 1024,
    });
    // Its authors show it 2,000,000 px at least: 2552 tokens of 28 x 28 px.
    expect(presetTraits("ui-venus").sizing.minTokens).toBe(2552);
    expect(presetTraits("ui-venus", { patch: 14, merge: 2, maxTokens: 1024 }).sizing).toMatchObject({
      minTokens: 1024,
      maxTokens: 1024,
    });
  });

  it("is what a file of that model gives", () => {
    const traits = recognise(headers.holo31, headers.qwen35mmproj);
    expect(traits.preset).toBe("holo3");
    expect(traits.question("locate", "x", 1, screen)).toEqual(locate("holo3", "x"));
    expect(recognise(headers.qwen25, headers.qwen25mmproj).preset).toBe("qwen2.5-vl");
    expect(recognise(headers.detector, headers.detectorMmproj).preset).toBeUndefined();
  });

  it("refuses an unknown one", () => {
    expect(() => presetTraits("holo99")).toThrow(HoloscopeError);
  });
});

describe("what a model is asked", () => {
  it("tells GTA1 the size of the image that it sees, and takes nothing of the target for a place", () => {
    const { chat, prompt } = locate("gta1", "{width} {target} button");
    expect(chat.system).toContain("The image resolution is height 728 and width 1288.");
    expect(chat.text).toBe("{width} {target} button");
    expect(prompt.match(/<\|im_start\|>system/g)).toHaveLength(1);
  });

  it("begins a chat of Qwen2.5-VL with the system message of its template, and none of the others", () => {
    expect(locate("holo1.5").prompt).toMatch(/^<\|im_start\|>system\nYou are a helpful assistant\.<\|im_end\|>\n/);
    expect(locate("holo1.5").chat).not.toHaveProperty("system");
    expect(locate("holo2").prompt).toMatch(/^<\|im_start\|>user\n/);
  });

  it("says where a model is not to think", () => {
    const thinking = presets.filter(({ id }) => locate(id).chat.thinking === false).map(({ id }) => id);
    expect(thinking).toEqual(["holo2", "holo3", "ui-venus-2", "qwen3.5"]);
  });
});

describe("what a model may answer", () => {
  it.each([
    ["holo1.5", '{"action":"click_absolute","x":947,"y":38}'],
    ["holo3", '{"x":947,"y":38}'],
    ["ui-tars-1.5", "Action: click(start_box='(947,38)')"],
    ["ui-venus", "[947,38,990,61]"],
    ["ui-venus-1.5", "[947,38]"],
    ["gta1", "(947,38)"],
  ])("is written by %s like %s", (preset, example) => {
    expect(locate(preset).examples?.[0]).toBe(example);
  });

  it("has a JSON schema where it is JSON", () => {
    const integer = { type: "integer", minimum: 0, maximum: 1000 };
    expect(locate("holo3").schema).toEqual({
      type: "object",
      properties: { x: integer, y: integer },
      required: ["x", "y"],
      additionalProperties: false,
    });
    expect(locate("holo1.5").schema).toMatchObject({
      properties: { action: { const: "click_absolute" }, x: { type: "integer" } },
    });
    expect(locate("ui-venus").schema).toMatchObject({ type: "array", minItems: 4, maxItems: 4 });
    expect(locate("ui-tars-1.5")).not.toHaveProperty("schema");
    expect(locate("gta1")).not.toHaveProperty("schema");
    expect(presetTraits("holo3").question("detect", "", 7, screen).schema).toMatchObject({
      type: "array",
      maxItems: 7,
      items: { required: ["bbox_2d", "label"] },
    });
  });

  it("leaves space where JSON may have it, in the grammar", () => {
    expect(locate("holo2").grammar).toContain(
      String.raw`root ::= "{" gap "\"x\"" ":" gap coordinate "," gap "\"y\"" ":" gap coordinate gap "}"`,
    );
    expect(locate("ui-tars-1.5").grammar).toContain(
      `root ::= "Action" ":" gap "click(start_box='(" coordinate "," gap coordinate ")')"`,
    );
  });
});
