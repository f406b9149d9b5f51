import { describe, expect, it, vi } from "vitest";
import type { Truth } from "../../app/contract/index.ts";
import { createAppStore, update } from "../../renderer/store/app-store.ts";
import { Commands } from "../../renderer/store/commands.ts";
import { connectStore } from "../../renderer/store/connect.ts";
import { withImage } from "../../renderer/store/images-slice.ts";
import { withFinishedRun } from "../../renderer/store/runs-slice.ts";
import {
  currentMetrics,
  currentMistakes,
  focusedMistake,
  measuredImages,
} from "../../renderer/store/truth-selectors.ts";
import { FakeClient } from "./fake-client.ts";
import { detection, imageRef, runRecord } from "./records.ts";

const first = imageRef("a", "first.png");
const later = imageRef("b", "later.png");
const coco = {
  images: [
    { id: 1, file_name: "first.png" },
    { id: 2, file_name: "later.png" },
  ],
  annotations: [{ image_id: 1, bbox: [10, 20, 100, 40] }],
};
const stored: Truth = { format: "dom", source: "dom.json", elements: [{ id: "t1", bbox: [500, 0, 600, 50] }] };

/** A window over a host that keeps truth, with one image and its run: one detection at [10, 20, 110, 60]. */
function openedWindow(kept: Readonly<Record<string, Truth>> = {}) {
  const host = new Map(Object.entries(kept));
  const client = new FakeClient({
    "truth.get": ({ imageId }) => ({ truth: host.get(imageId) ?? null }),
    "truth.set": ({ imageId, truth }) => {
      host.set(imageId, truth as Truth);
      return truth as Truth;
    },
    "truth.clear": ({ imageId }) => ({ cleared: host.delete(imageId) }),
  });
  const store = createAppStore();
  const commands = new Commands(client, store);
  connectStore(client, store, commands);
  update(store, "images", (images) => withImage(images, first));
  update(store, "runs", (runs) => withFinishedRun(runs, runRecord("run-00000001", first)));
  return { host, client, store, commands };
}

describe("ground truth in the window", () => {
  it("is given to the host, and waits for images that are not open yet", async () => {
    const { host, store, commands } = openedWindow();
    await commands.truth.take([{ name: "labels.json", value: coco }]);
    expect([...host.keys()]).toEqual([first.id]);
    expect(currentMetrics(store.getState())).toMatchObject({ matched: 1, missed: 0, extra: 0, f1: 1 });

    update(store, "images", (images) => withImage(images, later));
    await vi.waitFor(() => expect(host.get(later.id)).toMatchObject({ format: "coco", elements: [] }));
    expect(store.getState().truth.byImage[later.id]).toBeDefined();
    expect(measuredImages(store.getState())).toMatchObject({
      measured: [{ image: first }],
      withoutRun: [later],
    });
  });

  it("comes back from the host when an image is opened", async () => {
    const { store, commands } = openedWindow({ [first.id]: stored });
    await vi.waitFor(() => expect(currentMetrics(store.getState())).toMatchObject({ missed: 1, extra: 1 }));
    await commands.truth.clear(first.id);
    expect(currentMetrics(store.getState())).toBeUndefined();
    await commands.undoing.undo();
    expect(store.getState().truth.byImage[first.id]).toEqual(stored);
  });

  it("changes with the host, also when another window changed it", () => {
    const { client, store } = openedWindow();
    client.emit("truth.changed", { imageId: first.id, truth: stored });
    expect(store.getState().truth.byImage[first.id]).toEqual(stored);
    client.emit("truth.changed", { imageId: first.id, truth: null });
    client.emit("truth.changed", { imageId: later.id, truth: stored });
    expect(store.getState().truth.byImage).toEqual({});
  });

  it("leads from mistake to mistake; each jump is a new one, and only detections are selected", () => {
    const { client, store, commands } = openedWindow();
    client.emit("truth.changed", { imageId: first.id, truth: stored });
    expect(currentMistakes(store.getState()).map(({ id }) => id)).toEqual(["missed-t1", "extra-e1"]);
    commands.truth.jump(1);
    expect(store.getState().view.selectedId).toBeUndefined();
    commands.truth.jump(1);
    expect(store.getState().view.selectedId).toBe("e1");
    commands.truth.goTo("extra-e1");
    expect(store.getState().truth.focus).toEqual({ mistakeId: "extra-e1", jump: 3 });
    commands.truth.setRule({ minIou: 0.1 });
    expect(focusedMistake(store.getState())?.id).toBe("extra-e1");
    commands.truth.goTo("no-such");
    expect(store.getState().truth.focus?.jump).toBe(3);
  });

  it("follows the confidence filter, also below the run's own threshold", () => {
    const { client, store, commands } = openedWindow();
    client.emit("truth.changed", { imageId: first.id, truth: stored });
    const below = [{ ...detection("e9", [500, 0, 600, 50]), confidence: 0.1 }];
    update(store, "runs", (runs) => withFinishedRun(runs, runRecord("run-00000001", first, { belowThreshold: below })));
    expect(currentMetrics(store.getState())).toMatchObject({ matched: 0, missed: 1, extra: 1 });
    commands.declutter.setMinConfidence(0.05);
    expect(currentMetrics(store.getState())).toMatchObject({ matched: 1, missed: 0, extra: 1 });
    commands.declutter.setMinConfidence(0.95);
    expect(currentMetrics(store.getState())).toMatchObject({ matched: 0, missed: 1, extra: 0, precision: null });
  });
});
