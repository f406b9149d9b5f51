import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type AnsweredRun,
  type DetectRequestInput,
  type RunRecord,
  runRecordSchema,
} from "../../../app/contract/index.ts";
import type { PlannedRun } from "../../../app/host/runs/record.ts";
import { ResultCache } from "../../../app/host/runs/result-cache.ts";
import { type FakeHost, startFakeHost, writeFakeGguf } from "../../support/fake-engine.ts";

let fake: FakeHost;
let imageId: string;
beforeEach(async () => {
  fake = await startFakeHost();
  imageId = await fake.addImage();
});
afterEach(() => fake.dispose());

const asked: Omit<DetectRequestInput, "imageId"> = { mode: "locate", target: "fine", useCache: true };
const ask = async (changes: Partial<DetectRequestInput> = {}): Promise<AnsweredRun> =>
  (await fake.host.detect({ imageId, ...asked, ...changes })).done;
const fileOf = (id: string) => path.join(fake.dataFolder, "runs", `${id}.json`);
const storedRuns = () => fake.host.call("runs.list", {});

/** Whether a run answers its own question when this machine had made a changed one in its place. */
async function answersWhenMade(run: RunRecord, change: (run: RunRecord) => object): Promise<boolean> {
  const { engine, image, machine, mode, model, profile, settings, target } = run;
  const { backend, llamaCppRelease, features, devices } = engine ?? {};
  if (backend === undefined || backend === "remote" || !llamaCppRelease || !features || !devices)
    throw new Error("The fake engine tells what it is.");
  const made = runRecordSchema.parse(change(run));
  const log = { file: "", write() {}, tail: async () => [], close() {} };
  const dataFolder = path.join(fake.dataFolder, "another");
  const cache = new ResultCache({ dataFolder, runs: { get: async () => made }, appVersion: run.app.version, log });
  await cache.remember(made);
  const planned = { image, model: { id: model.id }, profile, settings, request: { mode, target } } as PlannedRun;
  const parts = {
    engine: { backend, llamaCppRelease, features, devices, physicalCores: 1 },
    machine,
    files: model.files,
  };
  return (await cache.find(planned, parts)) !== undefined;
}

/** Makes one run, changes its file, and tells whether it still answers. */
async function answersAfter(change: (run: RunRecord) => object): Promise<boolean> {
  const run = await ask();
  await writeFile(fileOf(run.id), JSON.stringify(change(run)));
  const again = await ask();
  expect(again.status).toBe("done");
  return again.cached !== undefined;
}

describe("a stored run answers", () => {
  it("the very same request at once: marked, without an event and without a new run", async () => {
    const first = await ask();
    expect(first.cached).toBeUndefined();
    const events = { queued: fake.seen("run.queued").length, finished: fake.seen("run.finished").length };
    const { runId, done } = await fake.host.detect({ imageId, ...asked });
    const second = await done;
    expect(runId).toBe(first.id);
    expect(second).toEqual({ ...first, cached: { runId: first.id, createdAt: first.createdAt } });
    expect(fake.seen("run.queued")).toHaveLength(events.queued);
    expect(fake.seen("run.finished")).toHaveLength(events.finished);
    expect((await storedRuns()).map(({ id }) => id)).toEqual([first.id]);
  });

  it("through runs.start too, after a restart too, and whatever the image is called", async () => {
    const first = await ask();
    const cached = { runId: first.id, createdAt: first.createdAt };
    expect(await fake.host.call("runs.start", { imageId, ...asked })).toEqual({ runId: first.id, cached });
    const after = await fake.again();
    const { id } = await after.call("images.add", {
      bytes: new TextEncoder().encode("640x480 default"),
      name: "other name.png",
    });
    const answer = await (await after.detect({ imageId: id, ...asked })).done;
    expect(answer.cached).toEqual(cached);
    expect(answer.detections).toEqual(first.detections);
  });

  it("while another detection runs", async () => {
    const first = await ask();
    const slow = await fake.host.detect({ imageId, mode: "locate", target: "slow" });
    expect((await ask()).cached?.runId).toBe(first.id);
    await fake.host.call("runs.cancel", { runId: slow.runId });
    await slow.done;
  });

  it("also if it is one of a measured series: its elements are as good", async () => {
    const first = await ask({ repeat: { group: "g", index: 0, of: 1 } });
    expect((await ask()).cached?.runId).toBe(first.id);
  });

  it("without its mark entering a library: a written answer imports as the run that it is", async () => {
    const first = await ask();
    const json = JSON.stringify(await ask());
    expect(JSON.parse(json)).toHaveProperty("cached");
    expect((await fake.host.call("runs.import", { json })).id).toBe(first.id);
    expect(await storedRuns()).toHaveLength(1);
    const text = await readFile(fileOf(first.id), "utf8");
    expect(JSON.parse(text)).not.toHaveProperty("cached");
    expect(runRecordSchema.parse(JSON.parse(text))).toEqual(first);
  });
});

describe("a stored run does not answer", () => {
  it.each<[string, Partial<DetectRequestInput>]>([
    ["without useCache, as whoever measures asks", { useCache: false }],
    ["another target", { target: "fine too" }],
    ["another mode", { mode: "detect" }],
    ["another profile", { profile: "speed" }],
    ["other limits", { overrides: { maxDetections: 7 } }],
    ["another minimum confidence", { overrides: { minConfidence: 0.5 } }],
    ["another encoder path", { overrides: { vit: "upstream" } }],
    ["other threads", { overrides: { threads: 1 } }],
    ["a measured series", { repeat: { group: "g", index: 0, of: 2 } }],
    ["a profiled run", { profileOps: true }],
  ])("%s", async (_, changes) => {
    const first = await ask();
    const second = await ask(changes);
    expect(second).not.toHaveProperty("cached");
    expect(second.id).not.toBe(first.id);
    expect(await storedRuns()).toHaveLength(2);
  });

  it("focus mode, whose answer depends on the run before it", async () => {
    const focused = { mode: "detect", target: undefined, overrides: { focus: true } } as const;
    await ask(focused);
    expect(await ask(focused)).not.toHaveProperty("cached");
  });

  it("another image of the same size", async () => {
    await ask();
    expect(await ask({ imageId: await fake.addImage("640x480 other") })).not.toHaveProperty("cached");
  });

  it("other settings of the user, and nothing when they turn it off", async () => {
    await ask();
    await fake.host.call("settings.update", { overrides: { maxNewTokens: 99 } });
    expect(await ask()).not.toHaveProperty("cached");
    await fake.host.call("settings.update", { overrides: {}, resultCache: false });
    expect(await ask()).not.toHaveProperty("cached");
    await fake.host.call("settings.update", { resultCache: true });
    expect(await ask()).toHaveProperty("cached");
  });

  it.each(["model.gguf", "mmproj.gguf"])("another %s under the same name", async (name) => {
    await ask();
    await writeFakeGguf(path.join(fake.resourcesFolder, "models/nano", name), 64, "changed");
    expect(await ask()).not.toHaveProperty("cached");
  });

  it.each<[string, (run: RunRecord) => object]>([
    ["its image is another", (run) => ({ ...run, image: { ...run.image, id: "0".repeat(64) } })],
    ["another model made it", (run) => ({ ...run, model: { ...run.model, id: "other" } })],
    ["a file's hash is another", (run) => withFiles(run, "0".repeat(64))],
    ["a file's hash is unknown", (run) => withFiles(run, null)],
    ["it ran on another backend", (run) => withEngine(run, { backend: "cuda" })],
    ["it ran with another llama.cpp", (run) => withEngine(run, { llamaCppRelease: "v1" })],
    ["it ran with other CPU features", (run) => withEngine(run, { features: "AVX = 0" })],
    ["it ran on other devices", (run) => withEngine(run, { devices: [] })],
    ["another Holoscope made it", (run) => ({ ...run, app: { ...run.app, version: "1.2.4" } })],
    ["another machine made it", (run) => ({ ...run, machine: { ...run.machine, cpu: "Other CPU" } })],
    ["it failed", (run) => ({ ...run, status: "failed" })],
    ["it was cancelled", (run) => ({ ...run, status: "cancelled" })],
    ["the engine did not finish", ({ result: _, ...run }) => run],
    ["it went round in circles", (run) => ({ ...run, warnings: [{ code: "ANSWER_LOOPED", message: "Ended." }] })],
    ["it was cut short", (run) => ({ ...run, warnings: [{ code: "ANSWER_TRUNCATED", message: "Cut." }] })],
    ["its settings were others", (run) => ({ ...run, settings: { ...run.settings, gpuLayers: 3 } })],
  ])("if %s", async (_, change) => {
    expect(await answersWhenMade(await ask(), change)).toBe(false);
    expect(await answersAfter(change)).toBe(false);
  });

  it("with nothing changed it would have", async () => {
    expect(await answersWhenMade(await ask(), (run) => run)).toBe(true);
    expect(await answersAfter((run) => run)).toBe(true);
  });

  it("if it was imported, whatever it says of itself", async () => {
    const own = await ask();
    const forged = { ...own, id: "20200101-000000-aaaaaaaa", detections: [] };
    await fake.host.call("runs.delete", { runId: own.id });
    for (const run of [forged, { ...forged, id: own.id }]) {
      await fake.host.call("runs.import", { json: JSON.stringify(run) });
      expect(await fake.host.call("runs.get", { runId: run.id })).toMatchObject({ detections: [] });
    }
    const answer = await ask();
    expect(answer).not.toHaveProperty("cached");
    expect(answer.detections).toEqual(own.detections);
  });

  it("once it is deleted or its file is gone; restored, it does again", async () => {
    const { id: runId } = await ask();
    await fake.host.call("runs.delete", { runId });
    const second = await ask();
    expect(second).not.toHaveProperty("cached");
    await rm(fileOf(second.id));
    await fake.host.call("runs.restore", { runIds: [runId] });
    expect((await ask()).cached?.runId).toBe(runId);
  });

  it.each(["", '{"schema":"holoscope.run","ver', "{}"])("when its file reads %j; it is detected anew", async (text) => {
    const first = await ask();
    await writeFile(fileOf(first.id), text);
    const second = await ask();
    expect(second).toMatchObject({ status: "done", detections: first.detections });
    expect(second).not.toHaveProperty("cached");
    expect((await ask()).cached?.runId).toBe(second.id);
  });

  it("when the run failed", async () => {
    expect((await ask({ target: "fail" })).status).toBe("failed");
    const again = await ask({ target: "fail" });
    expect(again.status).toBe("failed");
    expect(again).not.toHaveProperty("cached");
  });
});

const withEngine = (run: RunRecord, changes: Partial<NonNullable<RunRecord["engine"]>>) => ({
  ...run,
  engine: { ...run.engine, ...changes },
});

function withFiles(run: RunRecord, sha256: string | null) {
  const [model, ...others] = run.model.files;
  return { ...run, model: { ...run.model, files: [{ ...model, sha256 }, ...others] } };
}
