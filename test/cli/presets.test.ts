import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HoloscopeError, type ModelFileInfo, presets, type TemplateCheck } from "../../app/contract/index.ts";
import { RecordingEnvironment } from "./recording-environment.ts";

let folder: string;
let environment: RecordingEnvironment;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "holoscope-cli-presets-"));
  environment = new RecordingEnvironment();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entry = {
  id: "tiny",
  name: "Tiny",
  bundled: false,
  modelPath: "/m.gguf",
  mmprojPath: "/p.gguf",
  family: "qwen25vl",
  architecture: "qwen2vl",
  bytes: 10,
  modes: { detect: "off-training", locate: "trained" },
} as const;
function info(template: TemplateCheck): ModelFileInfo {
  const file = { path: "/m.gguf", bytes: 10, architecture: "qwen2vl", tensorTypes: {} };
  return {
    entry,
    inspection: { model: file, mmproj: file, family: "qwen25vl", modes: entry.modes, preset: "gta1", template },
  };
}
const same: TemplateCheck = { verdict: "same", differences: [] };

describe("holoscope models presets", () => {
  it("lists all, and what of the user's files is wrong", async () => {
    const mine = { ...presets[0], id: "mine", name: "Mine", source: "its card", own: true };
    const problem = { code: "PRESET_INVALID", message: 'The preset "x.json" is no JSON.', hint: "Mend it." };
    environment.host.overrides.set("models.presets.list", () => ({ presets: [...presets, mine], problems: [problem] }));
    const { code, out } = await environment.run("models", "presets");
    expect(code).toBe(0);
    for (const { id } of presets) expect(out).toContain(id);
    expect(out).toMatch(/^mine +Mine .*yours: its card/m);
    expect(out).toContain('The preset "x.json" is no JSON.\n  Mend it.');
  });

  it("shows, adds and removes one", async () => {
    const declaration = { id: "mine", name: "Mine" };
    environment.host.overrides.set("models.presets.get", () => declaration);
    expect(JSON.parse((await environment.run("models", "presets", "show", "mine")).out)).toEqual(declaration);
    const file = path.join(folder, "mine.json");
    writeFileSync(file, JSON.stringify(declaration));
    environment.host.overrides.set("models.presets.add", () => declaration);
    expect((await environment.run("models", "presets", "add", file)).out).toContain("Added the preset Mine as mine.");
    expect(environment.host.calls.at(-1)?.params).toEqual({ json: JSON.stringify(declaration) });
    environment.host.overrides.set("models.presets.remove", () => ({ removed: true }));
    expect((await environment.run("models", "presets", "remove", "mine")).code).toBe(0);
    environment.host.overrides.set("models.presets.remove", () => ({ removed: false }));
    expect(await environment.run("models", "presets", "remove", "mine")).toMatchObject({
      code: 2,
      err: expect.stringContaining('There is no preset "mine"'),
    });
  });

  it("says what is wrong with a file", async () => {
    const huge = path.join(folder, "huge.json");
    writeFileSync(huge, "");
    truncateSync(huge, 1e6);
    for (const [file, said] of [
      [path.join(folder, "none.json"), "does not exist"],
      [huge, "too large"],
    ] as const) {
      const { code, err } = await environment.run("models", "presets", "add", file);
      expect([code, err]).toEqual([1, expect.stringContaining(said)]);
    }
    expect(environment.host.calls.map(({ method }) => method)).not.toContain("models.presets.add");
    const file = path.join(folder, "bad.json");
    writeFileSync(file, "{}");
    environment.host.overrides.set("models.presets.add", () => {
      throw new HoloscopeError("PRESET_INVALID", "The preset is not valid. At id: it is missing.", "Read the page.");
    });
    expect((await environment.run("models", "presets", "add", file)).err).toContain("At id: it is missing.");
  });

  it("chooses how a model is asked, and goes by its name again", async () => {
    environment.host.overrides.set("models.presets.choose", () => entry);
    environment.host.overrides.set("models.info", () => info(same));
    expect((await environment.run("models", "preset", "tiny", "gta1")).out).toContain("the preset gta1, from the next");
    expect((await environment.run("models", "preset", "tiny", "auto")).out).toContain("gta1, by its name, from");
    const chosen = environment.host.calls.filter(({ method }) => method === "models.presets.choose");
    expect(chosen.map(({ params }) => params)).toEqual([
      { id: "tiny", preset: "gta1" },
      { id: "tiny", preset: null },
    ]);
  });
});

describe("holoscope models info", () => {
  const difference = { mode: "locate", template: "<think>\n", prompt: "" } as const;
  it.each<[TemplateCheck, string]>([
    [same, "chat template: the prompts are what it gives"],
    [{ verdict: "absent", differences: [] }, "the file has none"],
    [
      { verdict: "unreadable", differences: [], error: "no end" },
      "cannot be rendered, so the prompts could not be compared with it (no end)",
    ],
    [
      { verdict: "differs", differences: [difference] },
      'NOT what it gives; answers may suffer\n  locate: where the template has "<think>\\n", the prompt has nothing.',
    ],
    [
      { verdict: "deliberate", differences: [{ ...difference, reason: "it is not to think." }] },
      'deliberately\n  locate: where the template has "<think>\\n", the prompt has nothing: it is not to think.',
    ],
  ])("tells how the model is asked and whether its template agrees: %j", async (template, text) => {
    environment.host.overrides.set("models.info", () => info(template));
    const { out } = await environment.run("models", "info", "tiny");
    expect(out).toContain("preset: gta1 (by its name)");
    expect(out).toContain(text);
  });
});
