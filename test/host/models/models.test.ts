import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileHashes } from "../../../app/host/disk/hashes.ts";
import { openLog } from "../../../app/host/log.ts";
import { uniqueModelId } from "../../../app/host/models/model-id.ts";
import { type FakeHost, startFakeHost, writeFakeGguf } from "../../support/fake-engine.ts";

let fake: FakeHost;
let folder: string;
beforeEach(async () => {
  fake = await startFakeHost();
  folder = path.join(fake.dataFolder, "user models");
  await mkdir(folder);
});
afterEach(() => fake.dispose());

const gguf = (name: string, width: number) => writeFakeGguf(path.join(folder, name), width, name);
const add = (modelPath: string, more: { mmprojPath?: string; name?: string } = {}) =>
  fake.host.call("models.add", { modelPath, ...more });

describe("the bundled model", () => {
  it("comes first and cannot be removed", async () => {
    await gguf("mmproj-a.gguf", 8);
    await add(await gguf("a.gguf", 8));
    const models = await fake.host.call("models.list", {});
    expect(models.map(({ id, bundled }) => [id, bundled])).toEqual([
      ["nano", true],
      ["a", false],
    ]);
    await expect(fake.host.call("models.remove", { id: "nano" })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("is listed although the engine does not start; its files missing is said clearly", async () => {
    process.env.FAKE_ENGINE_INIT = JSON.stringify({ cpu: "native-missing" });
    try {
      expect(await fake.host.call("models.list", {})).toMatchObject([{ id: "nano", family: "unknown" }]);
    } finally {
      delete process.env.FAKE_ENGINE_INIT;
    }
    expect(await fake.host.call("models.list", {})).toMatchObject([{ id: "nano", family: "fake" }]);
    const imageId = await fake.addImage();
    await rm(path.join(fake.resourcesFolder, "models/nano/model.gguf"));
    expect(await fake.host.call("models.list", {})).toEqual([]);
    await expect(fake.host.detect({ imageId })).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
  });
});

describe("adding a pair", () => {
  it("finds the only mmproj beside the model", async () => {
    const mmprojPath = await gguf("Holo-MMPROJ-f16.gguf", 8);
    const modelPath = await gguf("Holo1.5 7B (Q4_K_M).gguf", 8);
    const entry = await add(modelPath);
    expect(entry).toMatchObject({ id: "holo1.5-7b-q4_k_m-", bundled: false, modelPath, mmprojPath, family: "fake" });
    expect(fake.seen("models.changed").at(-1)).toContainEqual(entry);
    expect(await (await fake.again()).call("models.list", {})).toContainEqual(entry);
    expect((await fake.host.call("models.info", { id: entry.id })).inspection.model.embeddingLength).toBe(8);
  });

  it("chooses among several by width, then by likeness of the name", async () => {
    await gguf("aaa-mmproj.gguf", 4);
    await gguf("mmproj-other.gguf", 8);
    const like = await gguf("mmproj-big-7b.gguf", 8);
    const entry = await add(await gguf("big-7b-q4.gguf", 8));
    expect(entry.mmprojPath).toBe(like);
  });

  it("says when none of several fits, when the only one does not, and when there is none", async () => {
    const modelPath = await gguf("lonely.gguf", 8);
    await expect(add(modelPath)).rejects.toMatchObject({
      code: "MMPROJ_MISSING",
      hint: expect.stringContaining("mmproj"),
    });
    await gguf("mmproj-4.gguf", 4);
    await expect(add(modelPath)).rejects.toMatchObject({ code: "MMPROJ_MISMATCH" });
    await gguf("mmproj-5.gguf", 5);
    await expect(add(modelPath)).rejects.toThrow("None of the 2 mmproj files beside the model fits it.");
    expect(await fake.host.call("models.list", {})).toHaveLength(1);
  });

  it("looks one folder up, and prefers what lies beside the model", async () => {
    const inside = path.join(folder, "Q4_K_M");
    const modelPath = await writeFakeGguf(path.join(inside, "deep.gguf"), 8);
    const above = await gguf("mmproj-deep-f16.gguf", 8);
    expect((await add(modelPath)).mmprojPath).toBe(above);
    const beside = await writeFakeGguf(path.join(inside, "mmproj-deep-bf16.gguf"), 8);
    expect((await add(modelPath)).mmprojPath).toBe(beside);
  });

  it("takes f16 before q8_0 before bf16, as a pull does", async () => {
    const modelPath = await gguf("x-bf16.gguf", 8);
    for (const type of ["bf16", "q8_0", "f16"]) {
      const best = await gguf(`mmproj-x-${type}.gguf`, 8);
      expect((await add(modelPath)).mmprojPath).toBe(best);
    }
  });

  it("says what is wrong with the model, whatever mmproj files there are", async () => {
    await gguf("mmproj-a.gguf", 8);
    await gguf("mmproj-b.gguf", 8);
    const [broken, clip] = [path.join(folder, "broken.gguf"), path.join(folder, "clip.gguf")];
    await writeFile(broken, '{"broken":true}');
    await expect(add(broken)).rejects.toMatchObject({ code: "NOT_A_GGUF" });
    await writeFile(clip, '{"clip":true}');
    await expect(add(clip)).rejects.toMatchObject({ code: "WRONG_ARCHITECTURE" });
  });

  it("takes the named mmproj and name, keeps one of the same pair, and gives others ids of their own", async () => {
    const other = path.join(folder, "elsewhere");
    const mmprojPath = await writeFakeGguf(path.join(other, "vision.gguf"), 8);
    const modelPath = await gguf("m.gguf", 8);
    const first = await add(modelPath, { mmprojPath, name: "Mine" });
    expect(first).toMatchObject({ id: "m", name: "Mine" });
    expect(await add(modelPath, { mmprojPath, name: "Renamed" })).toMatchObject({ id: "m", name: "Renamed" });
    const twin = await writeFakeGguf(path.join(other, "m.gguf"), 8);
    expect((await add(twin, { mmprojPath })).id).toBe("m-2");
    expect(await fake.host.call("models.list", {})).toHaveLength(3);
  });

  it("refuses files that are not there", async () => {
    await expect(add(path.join(folder, "no.gguf"))).rejects.toMatchObject({ code: "FILE_MISSING" });
    await expect(add(folder)).rejects.toThrow('"user models" is not a file.');
    const modelPath = await gguf("x.gguf", 8);
    const wrong = add(modelPath, { mmprojPath: path.join(folder, "no.gguf") });
    await expect(wrong).rejects.toMatchObject({ code: "FILE_MISSING" });
  });

  it("passes over entries of models.json that cannot be read", async () => {
    await gguf("mmproj.gguf", 8);
    const entry = await add(await gguf("ok.gguf", 8));
    const file = path.join(fake.dataFolder, "models.json");
    const { models } = JSON.parse(await readFile(file, "utf8")) as { models: unknown[] };
    await writeFile(file, JSON.stringify({ version: 1, models: [{ id: "../x" }, ...models, 5] }));
    const after = await fake.again();
    expect((await after.call("models.list", {})).map(({ id }) => id)).toEqual(["nano", entry.id]);
  });
});

describe("a models.json that cannot be used", () => {
  const file = () => path.join(fake.dataFolder, "models.json");
  const copies = async () => (await readdir(fake.dataFolder)).filter((name) => name.startsWith("models.broken-"));

  it.each([
    ["is cut", '{"version":1,"models":[', /holds no list of models/],
    ["is of another shape", "[]", /holds no list of models/],
    [
      "is of a newer version",
      '{"version":2,"models":[{"id":"new","vision":true}]}',
      /version 2, which a newer Holoscope/,
    ],
    ["has an entry that cannot be read", '{"version":1,"models":[{"id":"../x"}]}', /Model 1 is not valid/],
  ])("because it %s is kept aside and named, and models can be added", async (_name, text, message) => {
    await writeFile(file(), text);
    const after = await fake.again();
    const [problem, ...others] = (await after.call("app.info", {})).problems;
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "MODELS_INVALID", message: expect.stringMatching(message) });
    const [copy = "", ...more] = await copies();
    expect(more).toEqual([]);
    expect(problem?.hint).toContain(copy);
    await gguf("mmproj.gguf", 8);
    await after.call("models.add", { modelPath: await gguf("new.gguf", 8) });
    expect(await readFile(path.join(fake.dataFolder, copy), "utf8")).toBe(text);
    expect((await (await fake.again()).call("app.info", {})).problems).toEqual([]);
  });

  it("is moved aside if it cannot even be copied", async () => {
    if (process.platform === "win32") return;
    await mkdir(file());
    await mkdir(path.join(file(), "inside"));
    const after = await fake.again();
    expect((await after.call("app.info", {})).problems[0]?.hint).toMatch(/kept as models\.broken-/);
    expect(await readdir(path.join(fake.dataFolder, (await copies())[0] ?? ""))).toEqual(["inside"]);
  });
});

describe("loading", () => {
  it("loads, is seen in the engine's state, and unloads", async () => {
    expect(await fake.host.call("models.unload", {})).toEqual({ unloaded: false });
    expect(await fake.host.call("models.load", {})).toMatchObject({ description: "fake 1M" });
    expect(await fake.host.call("engine.state", {})).toMatchObject({ state: "idle", modelId: "nano" });
    await fake.host.call("models.load", { id: "nano" });
    expect(await fake.host.call("models.unload", {})).toEqual({ unloaded: true });
    expect((await fake.host.call("engine.state", {})).modelId).toBeUndefined();
    await expect(fake.host.call("models.load", { id: "none" })).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
  });
});

describe("ids", () => {
  it.each([
    ["Model.gguf", [], "model"],
    ["Model.gguf", ["model"], "model-2"],
    ["Model.gguf", ["model", "model-2"], "model-3"],
    ["ÄÖ.gguf", [], "model"],
    ["..", [], "model"],
    [`${"x".repeat(80)}.gguf`, ["x".repeat(64)], `${"x".repeat(62)}-2`],
  ])("of %s beside %j is %s", (file, taken, id) => {
    expect(uniqueModelId(file, taken)).toBe(id);
  });
});

describe("hashes of model files", () => {
  it("are computed once for each state of a file and remembered on disk", async () => {
    const log = openLog(fake.dataFolder);
    const file = path.join(folder, "weights.gguf");
    await writeFile(file, "abc");
    const sha = (text: string) => createHash("sha256").update(text).digest("hex");
    const hashes = new FileHashes({ dataFolder: folder, log });
    expect(await hashes.known(file)).toBe(sha("abc"));
    const cache = path.join(folder, "model-hashes.json");
    const text = (await readFile(cache, "utf8")).replace(sha("abc"), "from the cache");
    await writeFile(cache, text);
    expect(await new FileHashes({ dataFolder: folder, log }).known(file)).toBe("from the cache");
    await appendFile(file, "d");
    expect(await new FileHashes({ dataFolder: folder, log }).known(file)).toBe(sha("abcd"));
    expect(await hashes.known(path.join(folder, "gone"))).toBeNull();
    await writeFile(cache, "broken");
    expect(await new FileHashes({ dataFolder: folder, log }).known(file)).toBe(sha("abcd"));
    log.close();
  });
});
