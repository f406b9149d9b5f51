import { describe, expect, it } from "vitest";
import { builtInPresets, type PresetBase } from "../../../app/contract/index.ts";
import { recognise } from "../../../app/engine/families/index.ts";
import { checkTemplate } from "../../../app/engine/families/template-check.ts";
import type { GgufHeader } from "../../../app/gguf/header.ts";
import { chatTemplates } from "../../support/gguf/chat-templates.ts";
import { headers } from "../headers.ts";

const pairs: Record<PresetBase, readonly [GgufHeader, GgufHeader]> = {
  "qwen2.5-vl": [headers.qwen25, headers.qwen25mmproj],
  "qwen3-vl": [headers.qwen3, headers.qwen3mmproj],
  "qwen3.5": [headers.qwen35, headers.qwen35mmproj],
};

function check(base: PresetBase, preset: string, template: string | undefined) {
  const [model, mmproj] = pairs[base];
  const metadata = { ...model.metadata, ...(template === undefined ? {} : { "tokenizer.chat_template": template }) };
  return checkTemplate({ ...model, metadata }, recognise(model, mmproj, preset));
}

describe("the prompts of a preset", () => {
  it.each(builtInPresets.map(({ id, base }) => [id, base] as const))(
    "%s: are what the documented chat template of %s gives for their messages",
    (id, base) => {
      expect(check(base, id, chatTemplates[base])).toEqual({ verdict: "same", differences: [] });
    },
  );

  it("of the bundled detector are what its template gives", () => {
    const metadata = { ...headers.detector.metadata, "tokenizer.chat_template": chatTemplates["qwen3-vl"] };
    const traits = recognise(headers.detector, headers.detectorMmproj);
    expect(checkTemplate({ ...headers.detector, metadata }, traits).verdict).toBe("same");
  });

  it("are told to differ where they do, with both texts", () => {
    const { verdict, differences } = check("qwen2.5-vl", "holo1.5", chatTemplates["qwen3-vl"]);
    expect(verdict).toBe("differs");
    expect(differences.map(({ mode }) => mode)).toEqual(["detect", "locate"]);
    expect(differences[0]).toMatchObject({ template: "", prompt: expect.stringContaining("helpful assistant") });
    expect(differences[0]).not.toHaveProperty("reason");
  });

  it("leave room for no thoughts, deliberately, where a template would begin them", () => {
    const thinking = `${chatTemplates["qwen3-vl"]}{{ '<think>\\n' }}`;
    const { verdict, differences } = check("qwen3-vl", "holo2", thinking);
    expect(verdict).toBe("deliberate");
    expect(differences[1]).toMatchObject({
      template: "<think>\n",
      prompt: "",
      reason: expect.stringContaining("thoughts"),
    });
  });

  it("cannot be compared without a template, or with one that is broken, endless or huge", () => {
    expect(check("qwen3-vl", "holo2", undefined)).toEqual({ verdict: "absent", differences: [] });
    const loops = "{% for a in range(1000000) %}{% for b in range(1000000) %}{% endfor %}{% endfor %}";
    for (const template of ["{% if", "{{ nothing.at.all() }}", loops, "x".repeat(300_000)]) {
      const { verdict, error } = check("qwen3-vl", "holo2", template);
      expect(verdict, template.slice(0, 40)).toBe("unreadable");
      expect(error).toBeTruthy();
    }
  });
});

describe("a preset of another base", () => {
  it("is refused, with those that fit", () => {
    expect(() => recognise(headers.qwen3, headers.qwen3mmproj, "holo1.5")).toThrow(
      expect.objectContaining({
        code: "PRESET_MISFIT",
        hint: expect.stringContaining("holo2, ui-venus-1.5, qwen3-vl"),
      }),
    );
    expect(() => recognise(headers.detector, headers.detectorMmproj, "holo2")).toThrow(
      expect.objectContaining({ code: "PRESET_MISFIT", message: expect.stringContaining("knows one prompt") }),
    );
  });
});
