import { describe, expect, it } from "vitest";
import {
  HoloscopeError,
  type ModelJob,
  type ModelStorage,
  type PairInspection,
  presets,
  type UnfinishedPull,
} from "../../../app/contract/index.ts";
import { jobFigures, jobFraction, jobVerb } from "../../../app/presentation/model-jobs.ts";
import { groupJobs, pullTitle, withJob } from "../../../renderer/logic/models/jobs.ts";
import { presetOptions } from "../../../renderer/logic/models/presets.ts";
import { importCommand, weightType } from "../../../renderer/logic/models/texts.ts";
import { createAppStore, patch } from "../../../renderer/store/app-store.ts";
import { Commands } from "../../../renderer/store/commands/index.ts";
import { connectStore } from "../../../renderer/store/connect.ts";
import { eventually } from "../../support/patience.ts";
import { FakeClient } from "../fake-client.ts";

const job = (change: Partial<ModelJob> = {}): ModelJob => ({
  id: "job-1",
  kind: "pull",
  title: "some-org/Tiny: Tiny-Q4_K_M.gguf",
  state: "running",
  bytesDone: 0,
  bytesTotal: 0,
  notes: [],
  ...change,
});
const unfinished: UnfinishedPull = {
  id: "pull-1",
  request: { reference: "hf:some-org/Tiny:Q4_K_M", model: "gguf/Tiny-Q4_K_M.gguf" },
  file: "Tiny-Q4_K_M.gguf",
  bytesDone: 10,
  bytesTotal: 100,
};
const storage = (change: Partial<ModelStorage> = {}): ModelStorage => ({
  folder: "/data/models",
  usedBytes: 0,
  freeBytes: 1e9,
  models: [],
  unfinished: [],
  unused: [],
  ...change,
});

const entry = {
  id: "tiny",
  name: "Tiny",
  bundled: false,
  modelPath: "/m.gguf",
  mmprojPath: "/p.gguf",
  family: "qwen25vl",
  architecture: "qwen2vl",
  bytes: 10,
  modes: { detect: "trained", locate: "trained" },
} as const;
const inspectionOf = (preset: string): PairInspection => {
  const file = { path: "/m.gguf", bytes: 10, architecture: "qwen2vl", tensorTypes: {} };
  return { model: file, mmproj: file, family: "qwen25vl", modes: entry.modes, preset };
};

describe("jobs", () => {
  it("keeps the newest state of each", () => {
    const jobs = withJob(withJob([], job()), job({ id: "job-2" }));
    expect(withJob(jobs, job({ bytesDone: 5 })).map(({ id, bytesDone }) => [id, bytesDone])).toEqual([
      ["job-1", 5],
      ["job-2", 0],
    ]);
  });

  it("tells share, speed and time left, and nothing before they are known", () => {
    expect(jobFraction(job())).toBeUndefined();
    expect(jobFigures(job())).toBe("");
    const known = job({ bytesDone: 1.2e9, bytesTotal: 4.8e9, bytesPerSecond: 12e6, secondsLeft: 300 });
    expect(jobFigures(known)).toBe("1.2 GB of 4.8 GB (25.0 %), 12.0 MB/s, 5 min left");
    expect(jobFigures({ ...known, state: "retrying" })).toBe("1.2 GB of 4.8 GB (25.0 %)");
    expect(jobVerb({ ...known, state: "retrying" })).toContain("trying again");
  });

  it("shows a download once: running, or to be resumed with its last error, or ended", () => {
    expect(pullTitle(unfinished.request)).toBe(job().title);
    const running = groupJobs([job()], [unfinished], []);
    expect([running.running.length, running.paused.length, running.ended.length]).toEqual([1, 0, 0]);

    const error = new HoloscopeError("DOWNLOAD_CORRUPT", "Wrong checksum.").toInfo();
    const failed = groupJobs([job({ state: "failed", error })], [unfinished], []);
    expect([failed.running.length, failed.ended.length]).toEqual([0, 0]);
    expect(failed.paused).toEqual([{ pull: unfinished, error }]);

    const ended = groupJobs([job({ state: "failed", error }), job({ id: "job-2", state: "done" })], [], []);
    expect(ended.ended.map(({ id }) => id)).toEqual(["job-2"]);
    expect(groupJobs([job({ state: "done" })], [], ["job-1"]).ended).toEqual([]);
    expect(groupJobs([job({ state: "cancelled" })], [], []).ended).toEqual([]);
  });
});

describe("texts", () => {
  it("names the type that holds most bytes where the header names none", () => {
    const summary = { path: "/m.gguf", bytes: 10, architecture: "clip" };
    const tensorTypes = { f32: { tensors: 90, bytes: 1 }, bf16: { tensors: 4, bytes: 9 } };
    expect(weightType({ ...summary, tensorTypes })).toBe("BF16");
    expect(weightType({ ...summary, tensorTypes, quantisation: "Q4_K_M" })).toBe("Q4_K_M");
  });

  it("quotes paths for a shell", () => {
    expect(importCommand(" /a b/$m.gguf ", "")).toBe('holoscope models import "/a b/\\$m.gguf"');
    expect(importCommand("m.gguf", "p.gguf")).toContain('--mmproj "p.gguf"');
  });
});

describe("commands", () => {
  const listing = {
    repository: "some-org/Tiny",
    endpoint: "http://hub",
    models: [],
    mmprojs: [],
    suggestedModel: "a.gguf",
    suggestedMmproj: "mmproj.gguf",
  };

  it("downloads what the listing suggests or the user picks", async () => {
    const client = new FakeClient({
      "models.remote.list": () => listing,
      "models.pull": () => ({ jobId: "job-1" }),
    });
    const store = createAppStore();
    const { models } = new Commands(client, store);
    await models.lookUp(" hf:some-org/Tiny ");
    models.pick({ model: "b.gguf" });
    await models.download();
    expect(client.calls).toEqual([
      { method: "models.remote.list", params: { reference: "hf:some-org/Tiny" } },
      { method: "models.pull", params: { reference: "hf:some-org/Tiny", model: "b.gguf", mmproj: "mmproj.gguf" } },
    ]);
  });

  it("takes the mmproj that goes with the picked model, unless the user picks another", async () => {
    const file = (path: string, mmproj: string) => ({ path, bytes: 1, parts: [{ path, bytes: 1 }], mmproj });
    const models = [file("3b.gguf", "mmproj-3b.gguf"), file("7b.gguf", "mmproj-7b.gguf")];
    const client = new FakeClient({ "models.remote.list": () => ({ ...listing, models }) });
    const store = createAppStore();
    const commands = new Commands(client, store).models;
    await commands.lookUp("some-org/Tiny");
    commands.pick({ model: "7b.gguf" });
    expect(store.getState().models.hub).toMatchObject({ model: "7b.gguf", mmproj: "mmproj-7b.gguf" });
    commands.pick({ mmproj: "mmproj-3b.gguf" });
    expect(store.getState().models.hub).toMatchObject({ model: "7b.gguf", mmproj: "mmproj-3b.gguf" });
  });

  it("keeps being offline in its place, without a notice", async () => {
    const offline = new HoloscopeError("HUB_OFFLINE", "The hub cannot be reached.", "Check the network.");
    const client = new FakeClient({ "models.remote.list": () => Promise.reject(offline) });
    const store = createAppStore();
    await new Commands(client, store).models.lookUp("some-org/Tiny");
    expect(store.getState().models.hub).toMatchObject({ looking: false, error: { code: "HUB_OFFLINE" } });
    expect(store.getState().notices.list).toEqual([]);
  });

  it("drops the answer to a question that was followed by another", async () => {
    let answerFirst: (value: typeof listing) => void = () => {};
    const client = new FakeClient({
      "models.remote.list": ({ reference }) =>
        reference === "slow/one"
          ? new Promise((resolve) => {
              answerFirst = resolve;
            })
          : { ...listing, repository: reference },
    });
    const store = createAppStore();
    const { models } = new Commands(client, store);
    const first = models.lookUp("slow/one");
    await models.lookUp("fast/two");
    answerFirst({ ...listing, repository: "slow/one" });
    await first;
    expect(store.getState().models.hub.listing?.repository).toBe("fast/two");
  });

  it("removes files only where they lie in the models folder, and undoes it", async () => {
    const client = new FakeClient({
      "models.remove": ({ deleteFiles }) => ({ removed: true, freedBytes: deleteFiles === true ? 10 : 0 }),
      "models.restore": () => entry,
    });
    const store = createAppStore();
    const commands = new Commands(client, store);
    await commands.models.remove(entry);
    const managed = { id: "tiny", bytes: 10, managed: true, missing: false };
    patch(store, "models", { storage: storage({ models: [managed] }) });
    await commands.models.remove(entry);
    await commands.undo.undo();
    expect(client.calls).toEqual([
      { method: "models.remove", params: { id: "tiny", deleteFiles: false } },
      { method: "models.remove", params: { id: "tiny", deleteFiles: true } },
      { method: "models.restore", params: { id: "tiny" } },
    ]);
  });

  it("chooses how a model is asked, and reads anew what that comes to", async () => {
    const info = { entry, inspection: inspectionOf("gta1") };
    const client = new FakeClient({ "models.presets.choose": () => entry, "models.info": () => info });
    const store = createAppStore();
    patch(store, "models", { inspections: { tiny: inspectionOf("qwen2.5-vl") } });
    const commands = new Commands(client, store);
    await commands.models.choosePreset("tiny", "gta1");
    await commands.models.choosePreset("tiny", "auto");
    expect(client.calls.filter(({ method }) => method === "models.presets.choose").map(({ params }) => params)).toEqual(
      [
        { id: "tiny", preset: "gta1" },
        { id: "tiny", preset: null },
      ],
    );
    expect(store.getState().models.inspections.tiny?.preset).toBe("gta1");
  });

  it("offers presets of the model's base, and all where that is not known", () => {
    const all = [...presets, { ...presets[0], id: "mine", name: "Mine", own: true } as (typeof presets)[number]];
    const options = presetOptions(all, "qwen3-vl", undefined);
    expect(options[0]).toEqual({ value: "auto", text: "By its name: Qwen3-VL" });
    expect(options.map(({ value }) => value)).toEqual(["auto", "holo2", "ui-venus-1.5", "qwen3-vl"]);
    expect(presetOptions(all, "holo1.5", "holo1.5")).toContainEqual({ value: "mine", text: "Mine (yours)" });
    expect(presetOptions(all, "gone", "gone")).toHaveLength(all.length + 1);
  });

  it("looks at the disk again when a job ends while the view is shown", async () => {
    const client = new FakeClient({
      "models.suggestions": () => [],
      "models.presets.list": () => ({ presets: [], problems: [] }),
      "models.jobs": () => [],
      "models.list": () => [],
      "models.storage": () => storage(),
    });
    const store = createAppStore();
    const commands = new Commands(client, store);
    connectStore(client, store, commands);
    await commands.models.open();
    const looks = () => client.calls.filter(({ method }) => method === "models.storage").length;
    const before = looks();
    client.emit("models.job", job());
    expect(store.getState().models.jobs).toHaveLength(1);
    expect(looks()).toBe(before);
    client.emit("models.job", job({ state: "done" }));
    await eventually(() => expect(looks()).toBe(before + 1));
  });
});
