import { describe, expect, it } from "vitest";
import { type EngineState, HoloscopeError } from "../../app/contract/index.ts";
import { createAppStore, patch } from "../../renderer/store/app-store.ts";
import { Commands } from "../../renderer/store/commands/index.ts";
import { connectStore } from "../../renderer/store/connect.ts";
import { currentActiveRun, detectBlocker, shownDetections, shownRun } from "../../renderer/store/selectors.ts";
import { eventually } from "../support/patience.ts";
import { FakeClient } from "./fake-client.ts";
import { detection, imageRef, modelEntry, runRecord, settings } from "./records.ts";

const image = imageRef("a");
const runId = "run-00000001";
const idle: EngineState = { state: "idle", queued: 0, restarts: 0 };
const notFound = new HoloscopeError("RUN_NOT_FOUND", "There is no such run.");
const nano = modelEntry("nano", { detect: "trained", locate: "unsupported" });

type Answers = ConstructorParameters<typeof FakeClient>[0];

async function openedWindow(answers: Answers = {}, addFile?: ConstructorParameters<typeof FakeClient>[1]) {
  const client = new FakeClient(
    {
      "runs.start": () => ({ runId }),
      "runs.list": () => [],
      "settings.update": (change) => ({ ...settings, ...change }) as typeof settings,
      ...answers,
    },
    addFile,
  );
  const store = createAppStore();
  const commands = new Commands(client, store);
  connectStore(client, store, commands);
  patch(store, "host", { settings, models: [nano], engine: idle, connection: "open" });
  commands.openImages([image]);
  await eventually(() => expect(shownRun(store.getState())).toBeDefined());
  return { client, store, commands };
}

describe("the life of a run in the window", () => {
  it("streams phases, stages and boxes, then shows the record", async () => {
    const { client, store } = await openedWindow();
    expect(currentActiveRun(store.getState())?.status).toBe("queued");
    client.emit("run.progress", { runId, phase: "encode", fraction: 0.5 });
    client.emit("run.stage", { runId, stage: { stage: "decode", ms: 5 } });
    client.emit("run.progress", { runId, phase: "generate" });
    client.emit("run.detection", { runId, detection: detection("e1") });
    client.emit("run.detection", { runId, detection: detection("e2") });
    const live = shownRun(store.getState());
    expect(live).toMatchObject({ status: "running", phase: "generate", stages: [{ stage: "decode", ms: 5 }] });
    expect(live).not.toHaveProperty("fraction");
    expect(shownDetections(store.getState()).map((each) => each.id)).toEqual(["e1", "e2"]);

    client.emit("run.finished", { run: runRecord(runId, image) });
    expect(shownRun(store.getState())).toMatchObject({ status: "done", record: { totalMs: 100 } });
    expect(shownDetections(store.getState()).map((each) => each.id)).toEqual(["e1"]);
    expect(store.getState().runs.history[image.id]).toHaveLength(1);
  });

  it("keeps streamed boxes of a failed run and says why it failed", async () => {
    const { client, store } = await openedWindow();
    client.emit("run.detection", { runId, detection: detection("e1") });
    const error = { code: "ENGINE_CRASHED", message: "The engine ended.", hint: "Detect again." } as const;
    client.emit("run.finished", {
      run: runRecord(runId, image, { status: "failed", detections: [], stages: [], error }),
    });
    expect(shownRun(store.getState())).toMatchObject({ status: "failed", error });
    expect(shownDetections(store.getState())).toHaveLength(1);
    expect(store.getState().notices.list).toMatchObject([{ about: "a.png", error }]);
  });

  it("does not call a cancelled run an error, and ignores what comes after its end", async () => {
    const { client, store } = await openedWindow();
    const error = { code: "CANCELLED", message: "Cancelled." } as const;
    client.emit("run.finished", { run: runRecord(runId, image, { status: "cancelled", detections: [], error }) });
    client.emit("run.detection", { runId, detection: detection("late") });
    expect(shownRun(store.getState())?.status).toBe("cancelled");
    expect(shownDetections(store.getState())).toEqual([]);
    expect(store.getState().notices.list).toEqual([]);
  });

  it("takes the event before the answer to the call as well as after", async () => {
    let announceNext: (() => string) | undefined;
    const { client, store, commands } = await openedWindow({
      "runs.start": () => ({ runId: announceNext?.() ?? runId }),
    });
    announceNext = () => {
      const next = "run-00000002";
      client.emit("run.queued", { runId: next, request: { imageId: image.id, mode: "detect" }, position: 1 });
      client.emit("run.progress", { runId: next, phase: "decode" });
      return next;
    };
    await commands.detect(image.id);
    expect(shownRun(store.getState())).toMatchObject({ id: "run-00000002", status: "running", phase: "decode" });
  });

  it("leaves runs of images that are not open alone", async () => {
    const { client, store } = await openedWindow();
    client.emit("run.finished", { run: runRecord("run-00000009", imageRef("f")) });
    expect(Object.keys(store.getState().runs.byId)).toEqual([runId]);
  });
});

describe("commands", () => {
  it("hold an image that is opened before the host has told its settings", async () => {
    const client = new FakeClient({ "runs.start": () => ({ runId }), "runs.list": () => [] });
    const store = createAppStore();
    new Commands(client, store).openImages([image]);
    // The client answers within promises alone: all that could follow has happened after one turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.calls.map((call) => call.method)).not.toContain("runs.start");
    patch(store, "host", { settings, models: [nano] });
    await eventually(() => expect(shownRun(store.getState())?.id).toBe(runId));
    expect(store.getState().runs.starting).toEqual([]);
  });

  it("report a bad file by its name and go on with the next", async () => {
    const good = imageRef("b");
    const { commands, store } = await openedWindow({}, async (file) => {
      if (file.size === 1) throw new HoloscopeError("IMAGE_UNREADABLE", "not an image", "Use PNG.");
      return good;
    });
    await commands.openFiles([new File(["x"], "bad.png"), new File(["xx"], "b.png")]);
    const { images, notices } = store.getState();
    expect(images).toMatchObject({ adding: 0, currentId: good.id, order: [image.id, good.id] });
    expect(notices.list).toMatchObject([{ about: "bad.png", error: { code: "IMAGE_UNREADABLE" } }]);
  });

  it("take back a setting that the host refuses", async () => {
    const { commands, store } = await openedWindow({
      "settings.update": () => Promise.reject(new HoloscopeError("STORAGE_FAILED", "disk")),
    });
    const change = commands.settings.update({ profile: "speed" });
    expect(store.getState().host.settings?.profile).toBe("speed");
    await change;
    expect(store.getState().host.settings?.profile).toBe("balanced");
    expect(store.getState().notices.list[0]?.error.code).toBe("STORAGE_FAILED");
  });

  it("change the mode along with a model that lacks it", async () => {
    const { commands, client, store } = await openedWindow();
    patch(store, "host", { models: [nano, modelEntry("holo", { detect: "unsupported", locate: "trained" })] });
    await commands.settings.update({ modelId: "holo" });
    expect(client.calls.at(-1)).toEqual({ method: "settings.update", params: { modelId: "holo", mode: "locate" } });
    expect(detectBlocker(store.getState())).toContain("Type what to locate");
    commands.setTarget("the search field");
    expect(detectBlocker(store.getState())).toBeUndefined();
  });

  it.each([
    ["end runs that a restarted host has forgotten", "failed", () => Promise.reject(notFound)],
    ["take in runs that finished while the connection was lost", "done", () => runRecord(runId, image)],
  ] as const)("%s", async (_what, status, getRun) => {
    const { client, store } = await openedWindow({
      "app.info": () => ({
        version: "0",
        platform: "linux",
        door: "browser",
        llamaCppRelease: "b1",
        dataFolder: "",
        problems: [],
      }),
      "engine.state": () => idle,
      "settings.get": () => settings,
      "models.list": () => [nano],
      "images.samples": () => [],
      "backends.list": () => [],
      "runs.get": getRun,
    });
    client.connections.emit("lost");
    client.connections.emit("open");
    await eventually(() => expect(shownRun(store.getState())?.status).toBe(status));
  });

  it("close an image: its run is cancelled and its neighbour shown", async () => {
    const { commands, client, store } = await openedWindow({ "runs.cancel": () => ({ cancelled: true }) });
    const second = imageRef("c");
    commands.openImages([second], false);
    commands.closeImage(image.id);
    expect(client.calls).toContainEqual({ method: "runs.cancel", params: { runId } });
    expect(store.getState().images.currentId).toBe(second.id);
    expect(store.getState().runs.byId[runId]).toBeUndefined();
  });
});
