import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, it } from "vitest";
import { builtInPresets, fillTemplate, parseTemplate } from "../../app/contract/index.ts";
import { presetTraits } from "../../app/engine/families/index.ts";
import { readPreset } from "../../app/host/models/read-preset.ts";
import { repositoryRoot } from "../support/repository.ts";

const docs = (name: string) => readFile(path.join(repositoryRoot, "resources", "docs", name), "utf8");

it("the example of a preset's file is valid and asks what it says", async () => {
  const preset = readPreset(await docs("preset-example.json"));
  const question = presetTraits(preset).question("locate", "the Save button", 1, { width: 1288, height: 728 });
  expect(question.chat).toEqual({
    system: "You point at elements of a screenshot, which is 1288 x 728 px large.",
    text: "Point at: the Save button",
  });
});

it("the page on presets names each of them with its answer", async () => {
  const page = await docs("presets.md");
  for (const preset of builtInPresets) {
    const row = page.split("\n").find((line) => line.startsWith("|") && line.includes(`\`${preset.id}\``)) ?? "";
    expect(row, preset.id).not.toBe("");
    if (!("locate" in preset)) continue;
    const template = parseTemplate(preset.locate.answer);
    const numbers = template.kind === "box" ? [12, 34, 567, 89] : [947, 38];
    expect(row, preset.id).toContain(fillTemplate(template, numbers));
  }
});
