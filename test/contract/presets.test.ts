import { describe, expect, it } from "vitest";
import {
  builtInPresets,
  fillTemplate,
  ownPresetSchema,
  parseTemplate,
  presetForName,
  presets,
  templateProblem,
} from "../../app/contract/index.ts";

describe("presetForName", () => {
  it.each([
    ["Hcompany/Holo1.5-7B", "holo1.5"],
    ["Hcompany/Holo1.5-3B", "holo1.5"],
    ["mradermacher/Holo1-7B-GGUF", "holo1.5"],
    ["Hcompany/Holo2-30B-A3B", "holo2"],
    ["Holo 3.1 4B", "holo3"],
    ["Holo-3.1-35B-A3B-GGUF", "holo3"],
    ["Hcompany/Holo4-27B-FP8", "holo3"],
    ["Qwen/Qwen2.5-VL-7B-Instruct", "qwen2.5-vl"],
    ["qwen2_5-vl-7b-instruct-q4_k_m.gguf", "qwen2.5-vl"],
    ["Qwen/Qwen3-VL-30B-A3B-Instruct", "qwen3-vl"],
    ["Qwen3.6-27B", "qwen3.5"],
    ["ByteDance-Seed/UI-TARS-1.5-7B", "ui-tars-1.5"],
    ["inclusionAI/UI-Venus-Ground-7B", "ui-venus"],
    ["inclusionAI/UI-Venus-1.5-8B", "ui-venus-1.5"],
    ["UI-Venus-2.0-9B", "ui-venus-2"],
    ["HelloKKMe/GTA1-7B", "gta1"],
    ["GTA1-32B", "gta1"],
  ])("knows %s", (name, preset) => {
    expect(presetForName(name)).toBe(preset);
  });

  it.each(["llama-3.2-11b-vision", "hologram-7b", "Holo", "gta10", "", "ui-venus", "UI-TARS-7B-DPO"])(
    "does not guess %j",
    (name) => {
      expect(presetForName(name)).toBeUndefined();
    },
  );

  it("needs less of a name where the base is known", () => {
    expect(presetForName("Holo", "qwen2.5-vl")).toBe("holo1.5");
    expect(presetForName("my holo finetune", "qwen3-vl")).toBe("holo2");
    expect(presetForName("Holo9", "qwen3.5")).toBe("holo3");
    expect(presetForName("Holo2-4B", "qwen3.5")).toBe("holo3");
    expect(presetForName("GTA1-7B", "qwen3.5")).toBeUndefined();
  });
});

describe("Holoscope's own presets", () => {
  it("have ids of their own and are valid as files", () => {
    expect(new Set(presets.map(({ id }) => id)).size).toBe(presets.length);
    for (const preset of builtInPresets) {
      if (!("locate" in preset)) continue;
      const { models, ...declaration } = preset;
      expect(models.length).toBeGreaterThan(0);
      expect(ownPresetSchema.parse(declaration), preset.id).toEqual(declaration);
    }
  });

  it("say what each can do and where that is from", () => {
    expect(presets.find(({ id }) => id === "gta1")).toMatchObject({
      modes: { detect: "off-training", locate: "trained" },
      source: expect.stringContaining("github.com"),
      own: false,
    });
    expect(presets.find(({ id }) => id === "qwen3-vl")?.modes.detect).toBe("trained");
  });
});

describe("answer templates", () => {
  it.each([
    "click(start_box='({x},{y})')",
    "[{x1},{y1},{x2},{y2}]",
    '{"x":{x},"y":{y}}',
    "<point>{x} {y}</point>",
    "({y}, {x})",
  ])("takes %j", (text) => {
    expect(templateProblem(text)).toBeUndefined();
    const template = parseTemplate(text);
    const values = Object.fromEntries(template.coordinates.map((name, index) => [name, 10 + index]));
    const filled = template.coordinates.map((name) => values[name] ?? 0);
    expect(fillTemplate(template, filled)).toBe(text.replaceAll(/\{(\w+)\}/g, (_, name: string) => `${values[name]}`));
  });

  it.each([
    ["click", /either/],
    ["({x})", /either/],
    ["({x},{x})", /either/],
    ["({x},{y1})", /either/],
    ["({x},{y},{x1})", /either/],
    ["({x}{y})", /between/],
    ["{x},{y}", /follow the last/],
    ["{x},{y} ", /follow the last/],
    ["1{x},{y})", /No digit/],
    ["({x}.5,{y})", /No digit/],
    ["({x},\n{y})", /one line/],
  ])("refuses %j and says why", (text, reason) => {
    expect(templateProblem(text)).toMatch(reason);
    expect(() => parseTemplate(text)).toThrow(reason);
  });
});
