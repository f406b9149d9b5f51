import { describe, expect, it } from "vitest";
import type { DetectRequest, MethodParams, RunRecord } from "../../app/contract/index.ts";
import { createAppStore, patch } from "../../renderer/store/app-store.ts";
import { Commands } from "../../renderer/store/commands/index.ts";
import { connectStore } from "../../renderer/store/connect.ts";
import { withImage } from "../../renderer/store/images-slice.ts";
import { eventually } from "../support/patience.ts";
import { FakeClient } from "./fake-client.ts";
import { imageRef, modelEntry, runRecord, settings } from "./records.ts";

const image = imageRef("a");
const nano = modelEntry("nano", { detect: "trained", locate: "unsupported" });

/** A window whose host answers each run by `outcome`; runs that it leaves open end when they are cancelled. */
function openWindow(outcome: (index: number) => RunRecord["status"] | undefined, stored: readonly RunRecord[] = []) {
  const started: DetectRequest[] = [];
  const finish = (id: string, status: RunRecord["status"]) =>
    client.emit("run.finished", {
      run: runRecord(id, image, {
        status,
        repeat: started[Number(id.slice(-4))]?.repeat,
        ...(status === "done" ? {} : { error: { code: "OUT_OF_MEMORY", message: "no memory" } }),
      }),
    });
  const client: FakeClient = new FakeClient({
    "runs.start": (request) => {
      const id = `run-0000${String(started.length).padStart(4, "0")}`;
      const status = outcome(started.length);
      started.push(request as DetectRequest);
      if (status !== undefined) setImmediate(() => finish(id, status));
      return { runId: id };
    },
    "runs.cancel": ({ runId }: MethodParams<"runs.cancel">) => {
      setImmediate(() => finish(runId, "cancelled"));
      return { cancelled: true };
    },
    "runs.get": ({ runId }) => {
      const run = stored.find(({ id }) => id === runId);
      if (run === undefined) throw new Error("no such run");
      return run;
    },
  });
  const store = createAppStore();
  const commands = new Commands(client, store);
  connectStore(client, store, commands);
  patch(store, "host", { settings, models: [nano] });
  patch(store, "images", withImage(store.getState().images, image));
  return { client, store, commands, started };
}

describe("repeating", () => {
  it("marks a warm-up and the runs of one group, and asks for the same each time", async () => {
    const { commands, store, started } = openWindow(() => "done");
    const repeating = commands.repeat.start(image.id, 3, true);
    patch(store, "host", { settings: { ...settings, profile: "speed" } });
    await repeating;
    const group = started[0]?.repeat?.group;
    expect(started.map(({ repeat }) => repeat)).toEqual([
      { group, index: 0, of: 3, warmup: true },
      { group, index: 0, of: 3 },
      { group, index: 1, of: 3 },
      { group, index: 2, of: 3 },
    ]);
    expect(new Set(started.map(({ profile }) => profile))).toEqual(new Set(["balanced"]));
    expect(store.getState().repeat.series).toMatchObject({ status: "done", runId: undefined });
    expect(store.getState().repeat.series?.records).toHaveLength(4);
  });

  it("ends with the first run that fails", async () => {
    const { commands, store, started } = openWindow((index) => (index === 1 ? "failed" : "done"));
    await commands.repeat.start(image.id, 5, false);
    expect(started).toHaveLength(2);
    expect(store.getState().repeat.series).toMatchObject({ status: "failed" });
    expect(store.getState().repeat.series?.records).toHaveLength(1);
  });

  it("is cancelled at once, keeps what was measured, and can start anew", async () => {
    const { commands, store, started, client } = openWindow((index) => (index < 2 ? "done" : undefined));
    const repeating = commands.repeat.start(image.id, 9, false);
    await eventually(() => expect(started).toHaveLength(3));
    await eventually(() => expect(store.getState().repeat.series?.runId).toBe("run-00000002"));
    await commands.repeat.cancel();
    await repeating;
    expect(client.calls.at(-1)).toEqual({ method: "runs.cancel", params: { runId: "run-00000002" } });
    expect(store.getState().repeat.series).toMatchObject({ status: "cancelled", runId: undefined });
    expect(store.getState().repeat.series?.records).toHaveLength(2);
    commands.repeat.dismiss();
    expect(store.getState().repeat.series).toBeUndefined();
  });
});

describe("comparing", () => {
  const stored = [
    runRecord("run-one-1", image),
    runRecord("run-two-2", image),
    runRecord("run-three", imageRef("b")),
  ] as const;

  it("opens two runs of one image, and the sides never hold the same run", async () => {
    const { commands, store } = openWindow(() => "done", stored);
    await commands.compare.open(["run-one-1", "run-two-2"]);
    expect(store.getState().screen.current).toBe("compare");
    commands.compare.setSide("a", "run-two-2");
    expect(store.getState().compare).toMatchObject({ a: "run-two-2", b: "run-one-1" });
    commands.compare.flicker();
    expect(store.getState().compare.overlay).toBe("a");
    commands.compare.flicker();
    expect(store.getState().compare.overlay).toBe("b");
    commands.compare.look({ selectedId: "e1-e1" });
    commands.compare.escape();
    expect(store.getState().screen.current).toBe("compare");
    commands.compare.escape();
    expect(store.getState().screen.current).toBe("image");
  });

  it.each([
    ["runs of different images", ["run-one-1", "run-three"], "different images"],
    ["a single run", ["run-one-1"], "needs two runs"],
    ["a run that is gone", ["run-one-1", "run-gone-9"], "no such run"],
  ])("refuses %s and says why", async (_what, ids, message) => {
    const { commands, store } = openWindow(() => "done", stored);
    await commands.compare.open(ids);
    expect(store.getState().screen.current).toBe("image");
    expect(store.getState().notices.list[0]?.error.message).toContain(message);
  });
});
