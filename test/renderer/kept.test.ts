import { describe, expect, it } from "vitest";
import {
  HoloscopeError,
  type KeptData,
  type MethodParams,
  type RunSummary,
  summariseRun,
  type Truth,
} from "../../app/contract/index.ts";
import type { DocumentImage, TruthDocument } from "../../app/truth/document.ts";
import { createAppStore, patch } from "../../renderer/store/app-store.ts";
import { Commands } from "../../renderer/store/commands/index.ts";
import { connectStore } from "../../renderer/store/connect.ts";
import type { TruthQuestion } from "../../renderer/store/truth-slice.ts";
import { eventually } from "../support/patience.ts";
import { FakeClient } from "./fake-client.ts";
import { imageRef, modelEntry, runRecord, settings } from "./records.ts";

const [a, b] = [imageRef("a"), imageRef("b")];
const records = [
  runRecord("run-a-000001", a),
  runRecord("run-a-000002", a),
  runRecord("run-b-000001", b),
  runRecord("run-b-000002", b),
] as const;
const usage: KeptData = {
  images: { count: 2, bytes: 2468 },
  runs: { count: 4, bytes: 4000 },
  truth: { count: 0, bytes: 0 },
  trash: { count: 0, bytes: 0 },
};
const truth: Truth = { format: "boxes", source: "a.json", elements: [{ id: "t1", bbox: [1, 2, 30, 40] }] };

type Answers = ConstructorParameters<typeof FakeClient>[0];

/** A window with both images open, on a host that keeps them with two runs each and tells what it removes. */
async function openWindow(answers: Answers = {}) {
  let kept: readonly RunSummary[] = records.map((run) => summariseRun(run));
  const remove = (ids: readonly string[]) => {
    const gone = kept.filter(({ imageId }) => ids.includes(imageId));
    kept = kept.filter((run) => !gone.includes(run));
    client.emit("runs.changed", { added: [], changed: [], removed: gone.map(({ id }) => id) });
    client.emit("images.removed", { ids: [...ids] });
    return { images: ids.length, runs: gone.length, bytes: 2000 };
  };
  const client: FakeClient = new FakeClient({
    "runs.start": () => ({ runId: "run-started-1" }),
    "runs.cancel": () => ({ cancelled: true }),
    "runs.list": ({ imageId }) => kept.filter((run) => imageId === undefined || run.imageId === imageId),
    "runs.get": ({ runId }: MethodParams<"runs.get">) => {
      const found = records.find(({ id }) => id === runId);
      if (found === undefined) throw new HoloscopeError("RUN_NOT_FOUND", "There is no such run.");
      return found;
    },
    "runs.deleteMany": ({ runIds }) => {
      client.emit("runs.changed", { added: [], changed: [], removed: [...runIds] });
      return { deleted: [...runIds] };
    },
    "images.delete": ({ ids }) => remove(ids),
    "storage.clear": () => remove([a.id, b.id]),
    "storage.usage": () => usage,
    ...answers,
  });
  const store = createAppStore();
  const commands = new Commands(client, store);
  connectStore(client, store, commands);
  patch(store, "host", { settings, models: [modelEntry("nano", { detect: "trained", locate: "unsupported" })] });
  for (const { id } of records) await commands.runFiles.open(id);
  commands.selectImage(a.id);
  const state = () => store.getState();
  return {
    client,
    commands,
    store,
    state,
    asked: () => state().kept.question,
    toasts: () => state().toasts.list.map(({ text }) => text),
    called: (method: string) => client.calls.filter((call) => call.method === method).map(({ params }) => params),
  };
}

describe("deleting for good", () => {
  it("asks first, with the number of runs; no means nothing is deleted", async () => {
    const { commands, asked, called } = await openWindow();
    await commands.kept.askImage(a);
    expect(asked()).toEqual({ kind: "images", images: [a], runs: 2, selected: undefined });
    commands.kept.dismiss();
    expect(asked()).toBeUndefined();
    await commands.kept.confirm();
    expect(called("images.delete")).toEqual([]);
    expect(called("storage.clear")).toEqual([]);
  });

  it("closes the screenshot, offers no undo and says what went", async () => {
    const { commands, asked, called, state, toasts } = await openWindow();
    commands.selection.select("e1");
    await commands.kept.askImage(a);
    await commands.kept.confirm();
    expect(called("images.delete")).toEqual([{ ids: [a.id] }]);
    expect(asked()).toBeUndefined();
    expect(state().images).toMatchObject({ order: [b.id], currentId: b.id });
    expect(Object.values(state().runs.byId).map(({ imageId }) => imageId)).toEqual([b.id, b.id]);
    expect(state().view.selectedIds).toEqual([]);
    expect(state().toasts.list).toMatchObject([{ text: "Deleted 1 screenshot and 2 runs, 2.0 kB" }]);
    expect(state().toasts.list[0]).not.toHaveProperty("undoId");
    await commands.undo.undo();
    expect(toasts().at(-1)).toBe("Nothing to undo");
    expect(state().images.order).toEqual([b.id]);
  });

  it("of the library's selected runs names their screenshots once, and tells of runs that are not selected", async () => {
    const { commands, asked, called, state } = await openWindow();
    await commands.library.open();
    for (const index of [0, 1, 2] as const) commands.library.toggle(records[index].id);
    await commands.kept.askSelected();
    expect(asked()).toMatchObject({ kind: "images", runs: 4, selected: 3 });
    expect(asked()).toHaveProperty("images", [
      { id: a.id, name: "a.png" },
      { id: b.id, name: "b.png" },
    ]);
    await commands.kept.confirm();
    expect(called("images.delete")).toEqual([{ ids: [a.id, b.id] }]);
    expect(state().library).toMatchObject({ runs: [], selection: { ids: new Set(), activeId: undefined } });
    expect(state().images.order).toEqual([]);
  });

  it("reports what cannot be deleted, and keeps open what was not", async () => {
    const failing = () => {
      throw new HoloscopeError("STORAGE_FAILED", "The image is in use.");
    };
    const { client, commands, state, toasts } = await openWindow({ "images.delete": failing });
    await commands.library.open();
    commands.library.selectAll();
    await commands.kept.askSelected();
    await commands.kept.confirm();
    client.emit("images.removed", { ids: [a.id] });
    expect(state().notices.list).toMatchObject([{ about: "Delete", error: { code: "STORAGE_FAILED" } }]);
    expect(toasts()).not.toContainEqual(expect.stringContaining("Deleted"));
    expect(state().images.order).toEqual([b.id]);
  });

  it("of everything names the host's figures and closes all", async () => {
    const { commands, asked, state, toasts } = await openWindow();
    await commands.kept.askAll();
    expect(asked()).toEqual({ kind: "all", kept: usage });
    await commands.kept.confirm();
    expect(state().images).toMatchObject({ order: [], currentId: undefined });
    expect(toasts()).toEqual(["Deleted 2 screenshots and 4 runs, 2.0 kB"]);
  });

  it("tidies without a question, and keeps the figures on screen right", async () => {
    const removed = [
      { images: 1, runs: 3, bytes: 5000 },
      { images: 0, runs: 0, bytes: 0 },
    ];
    const { commands, called, state, toasts } = await openWindow({
      "storage.tidy": () => removed.shift() ?? Promise.reject(new HoloscopeError("STORAGE_FAILED", "disk")),
    });
    await commands.kept.tidy();
    expect(called("storage.usage")).toEqual([]);
    commands.showScreen("settings");
    await commands.kept.tidy();
    expect(toasts()).toEqual(["Removed 1 screenshot and 3 runs, 5.0 kB", "Nothing to remove"]);
    await commands.kept.tidy();
    expect(state().notices.list).toMatchObject([{ about: "Tidy", error: { code: "STORAGE_FAILED" } }]);
    expect(called("storage.usage")).toHaveLength(2);
    expect(state().kept.usage).toEqual(usage);
  });
});

describe("a screenshot that is gone", () => {
  it("is told where this window has not deleted it", async () => {
    const { client, state, toasts } = await openWindow();
    client.emit("images.removed", { ids: [a.id, "c".repeat(64)] });
    expect(toasts()).toEqual(["Closed a.png: no longer kept"]);
    expect(state().images.order).toEqual([b.id]);
    client.emit("images.removed", { ids: [a.id] });
    expect(toasts()).toHaveLength(1);
  });

  it("is out of comparison, ticks, repetition, batch, ground truth and what was to be asked about it", async () => {
    const { client, commands, state, store } = await openWindow();
    for (const { id } of records) commands.compare.choose(id, true);
    await commands.compare.open([records[0].id, records[1].id]);
    const image: DocumentImage = { names: ["else.png"], readings: [], elements: [], skipped: [] };
    const document: TruthDocument = { source: "else.json", format: "boxes", images: [image], skipped: [] };
    const doubt = (target: typeof a) => ({ image, target, reason: "too large", readings: [] });
    const questions: readonly TruthQuestion[] = [
      { kind: "image", document, images: [image], target: a },
      { kind: "unit", document, doubts: [doubt(a), doubt(b)] },
    ];
    patch(store, "truth", { byImage: { [a.id]: truth, [b.id]: truth }, questions });
    patch(store, "repeat", {
      series: { group: "g", imageId: a.id, of: 2, warmups: 0, status: "done", runId: undefined, records: [] },
    });
    const items = [a, b].map((each) => ({ id: each.id, name: "x.png", status: "done" as const, image: each }));
    patch(store, "batch", { phase: "ended", items });

    client.emit("runs.changed", { added: [], changed: [], removed: [records[0].id, records[1].id] });
    client.emit("images.removed", { ids: [a.id] });
    expect(state().compare).toMatchObject({ records: [], a: undefined, b: undefined });
    expect(state().compare.chosen).toEqual([records[2].id, records[3].id]);
    expect(state().screen.current).toBe("image");
    expect(Object.keys(state().truth.byImage)).toEqual([b.id]);
    expect(state().truth.questions).toEqual([{ kind: "unit", document, doubts: [doubt(b)] }]);
    expect(state().repeat.series).toBeUndefined();
    expect(state().batch.items.map(({ id }) => id)).toEqual([b.id]);
    client.emit("images.removed", { ids: [b.id] });
    expect(state().batch.phase).toBe("empty");
    expect(state().truth.questions).toEqual([]);
  });

  it("leaves what is about other screenshots alone", async () => {
    const { client, commands, state } = await openWindow();
    await commands.compare.open([records[2].id, records[3].id]);
    const before = state();
    client.emit("images.removed", { ids: [a.id] });
    expect(state().compare).toBe(before.compare);
    expect(state().screen.current).toBe("compare");
    expect(state().images.byId[b.id]).toEqual(b);
    expect(state().runs.history[b.id]).toEqual(before.runs.history[b.id]);
  });

  it("takes its undo offers with it; those that can still bring something back stay", async () => {
    const restored: unknown[] = [];
    const { client, commands, state, store, toasts } = await openWindow({
      "truth.clear": () => ({ cleared: true }),
      "runs.restore": ({ runIds }) => {
        restored.push(runIds);
        return [];
      },
    });
    await commands.library.open();
    patch(store, "truth", { byImage: { [a.id]: truth } });
    await commands.truth.clear(a.id);
    await commands.library.delete([records[0].id]);
    await commands.library.delete([records[1].id, records[2].id]);
    commands.closeImage(a.id);
    expect(toasts()).toHaveLength(4);
    client.emit("images.removed", { ids: [a.id] });
    expect(toasts()).toEqual(["Deleted 2 runs"]);

    // Its runs were removed for good, too, of which the window has not heard.
    await commands.undo.undo();
    expect(restored).toEqual([[records[1].id, records[2].id]]);
    expect(state().notices.list).toMatchObject([
      { about: 'Undo of "Deleted 2 runs"', error: { code: "RUN_NOT_FOUND" } },
    ]);
    await commands.undo.undo();
    expect(toasts().at(-1)).toBe("Nothing to undo");
  });

  it("comes back if it is a sample, which belongs to the application", async () => {
    const samples = [imageRef("c"), imageRef("d")];
    const { client, state, store } = await openWindow({ "images.samples": () => samples });
    patch(store, "images", { samples });
    client.emit("images.removed", { ids: [a.id, "c".repeat(64)] });
    expect(state().images.samples.map(({ name }) => name)).toEqual(["d.png"]);
    await eventually(() => expect(state().images.samples).toEqual(samples));
    client.emit("images.removed", { ids: [b.id] });
    expect(client.calls.filter(({ method }) => method === "images.samples")).toHaveLength(1);
  });
});
