import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HoloscopeError, presets } from "../../../app/contract/index.ts";
import { PresetStore } from "../../../app/host/models/preset-store.ts";
import { readPreset } from "../../../app/host/models/read-preset.ts";
import { type FakeHost, startFakeHost, writeFakeGguf } from "../../support/fake-engine.ts";

const mine = {
  id: "mine",
  name: "My model",
  source: "its card",
  base: "qwen2.5-vl",
  locate: { text: "Where is {target}?", answer: "({x},{y})" },
};
const textOf = (change: object = {}) => JSON.stringify({ ...mine, ...change });

function refusal(text: string, file?: string): HoloscopeError {
  try {
    readPreset(text, file);
  } catch (error) {
    if (error instanceof HoloscopeError) return error;
  }
  throw new Error("not refused");
}

describe("a preset's file", () => {
  it("is taken as it is described", () => {
    expect(readPreset(textOf())).toEqual(mine);
    expect(readPreset(`\uFEFF${textOf({ space: "normalised-1000", imageTokens: { max: 1280 } })}`)).toMatchObject({
      space: "normalised-1000",
    });
  });

  it.each<[string, object, RegExp]>([
    ["an unknown field", { grammar: "root ::= x" }, /At the top: .*"grammar"/],
    ["no id", { id: undefined }, /At id: /],
    ["an id with spaces", { id: "My Model" }, /At id: a preset id is 1 to 64/],
    ["an id of ours", { id: "gta1" }, /one of Holoscope's own/],
    ["an unknown base", { base: "llava" }, /At base: .*"qwen2.5-vl"/],
    [
      "no target",
      { locate: { ...mine.locate, text: "Where?" } },
      /At locate\.text: It needs the place \{target\}, once/,
    ],
    ["two targets", { locate: { ...mine.locate, text: "{target} {target}" } }, /At locate\.text: .*once/],
    [
      "an unknown place",
      { locate: { ...mine.locate, text: "{target} {task}" } },
      /At locate\.text: There is no place \{task\}/,
    ],
    [
      "an image marker",
      { locate: { ...mine.locate, text: "<__media__>{target}" } },
      /At locate\.text: The image comes/,
    ],
    ["a target in the system message", { locate: { ...mine.locate, system: "{target}" } }, /At locate\.system: /],
    ["an answer without y", { locate: { ...mine.locate, answer: "({x})" } }, /At locate\.answer: It needs either/],
    ["an answer without an end", { locate: { ...mine.locate, answer: "{x},{y}" } }, /At locate\.answer: A character/],
    ["limits turned round", { imageTokens: { min: 900, max: 100 } }, /At imageTokens: min is more than max/],
    [
      "a prompt of a megabyte",
      { locate: { ...mine.locate, text: `{target}${"x".repeat(30_000)}` } },
      /At locate\.text: /,
    ],
  ])("with %s is refused, and the place is named", (_name, change, message) => {
    const error = refusal(textOf(change));
    expect(error).toMatchObject({ code: "PRESET_INVALID", hint: expect.stringMatching(/presets\.md|another id/) });
    expect(error.message).toMatch(message);
  });

  it("that is no JSON is refused with line and character", () => {
    expect(refusal('{\n  "id": "mine",\n  name: 1\n}', "mine.json").message).toBe(
      'The preset "mine.json" is no JSON in line 3, character 3.',
    );
    for (const text of ["", "null", "[]", '"mine"', '{"__proto__": {"id": "mine"}}', "[".repeat(60_000)]) {
      expect(refusal(text).code).toBe("PRESET_INVALID");
    }
  });
});

describe("the user's presets", () => {
  let dataFolder: string;
  let store: PresetStore;
  const folder = () => path.join(dataFolder, "presets");
  const put = async (name: string, text: string) => {
    await mkdir(folder(), { recursive: true });
    await writeFile(path.join(folder(), name), text);
  };
  beforeEach(async () => {
    dataFolder = await mkdtemp(path.join(tmpdir(), "holoscope-presets-"));
    store = new PresetStore({ dataFolder });
  });
  afterEach(() => rm(dataFolder, { recursive: true, force: true }));

  it("come after Holoscope's own, are replaced by their id, and are removed", async () => {
    expect((await store.list()).presets).toEqual(presets);
    await store.add(textOf());
    await store.add(textOf({ name: "Again" }));
    expect(await readdir(folder())).toEqual(["mine.json"]);
    expect((await store.list()).presets.at(-1)).toMatchObject({ id: "mine", name: "Again", own: true });
    expect(await store.choice("mine")).toMatchObject({ name: "Again" });
    expect(await store.choice("gta1")).toBe("gta1");
    expect([await store.remove("mine"), await store.remove("mine")]).toEqual([true, false]);
    await expect(store.choice("mine")).rejects.toMatchObject({ code: "PRESET_NOT_FOUND" });
    await expect(store.remove("gta1")).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("may be put there by hand; what cannot be used is told, and the others stand", async () => {
    await put("a.json", textOf());
    await put("b.json", textOf({ name: "The same id" }));
    await put("c.json", "{");
    await put("d.json", "x".repeat(70_000));
    await mkdir(path.join(folder(), "e.json"));
    await put("notes.txt", "not looked at");
    const { presets: listed, problems } = await store.list();
    expect(listed.at(-1)?.name).toBe("My model");
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/"b\.json" is left out: "a\.json" has the id mine too/),
      expect.stringMatching(/"c\.json" is no JSON/),
      expect.stringMatching(/"d\.json" is no file of at most/),
      expect.stringMatching(/"e\.json" is no file/),
    ]);
    await store.add(textOf({ name: "New" }));
    expect((await readdir(folder())).sort()).toEqual(["c.json", "d.json", "e.json", "mine.json", "notes.txt"]);
  });

  it("says of a broken one that is asked for what is wrong with it", async () => {
    await put("mine.json", "{");
    await expect(store.choice("mine")).rejects.toThrow(
      /There is no preset "mine"\. The preset "mine\.json" is no JSON/,
    );
  });

  it("gives Holoscope's own as patterns", async () => {
    const pattern = await store.get("gta1");
    expect(readPreset(JSON.stringify({ ...pattern, id: "like-gta1" }))).toEqual({ ...pattern, id: "like-gta1" });
    await expect(store.get("qwen3-vl")).rejects.toMatchObject({ code: "PRESET_NOT_FOUND" });
  });
});

describe("the preset of a model", () => {
  let fake: FakeHost;
  let id: string;
  beforeEach(async () => {
    fake = await startFakeHost();
    const folder = path.join(fake.dataFolder, "user models");
    await mkdir(folder);
    await writeFakeGguf(path.join(folder, "mmproj-a.gguf"), 8);
    const modelPath = await writeFakeGguf(path.join(folder, "a.gguf"), 8);
    ({ id } = await fake.host.call("models.add", { modelPath }));
  });
  afterEach(() => fake.dispose());

  const choose = (preset: string | null) => fake.host.call("models.presets.choose", { id, preset });
  async function detected() {
    const imageId = await fake.addImage();
    return (await fake.host.detect({ imageId, modelId: id, useCache: true })).done;
  }

  it("is chosen, kept, told to the engine and the window, and taken back", async () => {
    expect(await choose("gta1")).toMatchObject({ preset: "gta1", modes: { detect: "off-training" } });
    expect(
      fake
        .seen("models.changed")
        .at(-1)
        ?.find((model) => model.id === id)?.preset,
    ).toBe("gta1");
    const again = await fake.again();
    const listed = await again.call("models.list", {});
    expect(listed.find((model) => model.id === id)).toMatchObject({
      preset: "gta1",
      modes: { detect: "off-training" },
    });
    expect((await again.call("models.info", { id })).inspection.preset).toBe("gta1");
    const back = await choose(null);
    expect(back).not.toHaveProperty("preset");
    expect(back.modes.detect).toBe("trained");
  });

  it("is in the record of the next run, and no earlier run answers for it", async () => {
    const plain = await detected();
    expect([plain.model.preset, plain.result?.model?.preset]).toEqual([undefined, undefined]);
    expect((await detected()).cached?.runId).toBe(plain.id);
    await choose("gta1");
    const asked = await detected();
    expect(asked.cached).toBeUndefined();
    expect([asked.model.preset, asked.result?.model?.preset]).toEqual(["gta1", "gta1"]);
    expect((await detected()).cached?.runId).toBe(asked.id);
    await choose(null);
    expect((await detected()).cached?.runId).toBe(plain.id);
  });

  it("may be the user's own: the record has it whole, and a change of it counts", async () => {
    await fake.host.call("models.presets.add", { json: textOf() });
    await choose("mine");
    const first = await detected();
    expect(first.model.preset).toEqual(mine);
    expect((await detected()).cached?.runId).toBe(first.id);
    await fake.host.call("models.presets.add", { json: textOf({ source: "its new card" }) });
    expect((await detected()).cached).toBeUndefined();
  });

  it("is refused where it does not fit, is not there, or the model takes none", async () => {
    await expect(choose("holo2")).rejects.toMatchObject({ code: "PRESET_MISFIT" });
    await expect(choose("nothing")).rejects.toMatchObject({ code: "PRESET_NOT_FOUND" });
    const bundled = fake.host.call("models.presets.choose", { id: "nano", preset: "gta1" });
    await expect(bundled).rejects.toMatchObject({ code: "BAD_REQUEST" });
    expect((await fake.host.call("models.info", { id })).entry).not.toHaveProperty("preset");
  });

  it("cannot be removed while a model uses it; where its file is gone, the run says so", async () => {
    await fake.host.call("models.presets.add", { json: textOf() });
    await choose("mine");
    await expect(fake.host.call("models.presets.remove", { id: "mine" })).rejects.toThrow(/is used by/);
    await rm(path.join(fake.dataFolder, "presets", "mine.json"));
    const failed = await detected();
    expect(failed.error).toMatchObject({
      code: "PRESET_NOT_FOUND",
      hint: expect.stringContaining(`preset ${id} auto`),
    });
    expect(await fake.host.call("models.list", {})).toHaveLength(2);
    await choose(null);
    expect((await detected()).status).toBe("done");
  });

  it("does not stop the start when a file is broken, and is told at the start", async () => {
    await mkdir(path.join(fake.dataFolder, "presets"), { recursive: true });
    await writeFile(path.join(fake.dataFolder, "presets", "x.json"), "{");
    const { problems } = await (await fake.again()).call("app.info", {});
    expect(problems).toContainEqual(expect.objectContaining({ code: "PRESET_INVALID" }));
    expect(await readFile(path.join(fake.dataFolder, "presets", "x.json"), "utf8")).toBe("{");
  });
});
