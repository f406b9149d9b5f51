import { describe, expect, it } from "vitest";
import type { Truth } from "../../app/contract/index.ts";
import { createAppStore, update } from "../../renderer/store/app-store.ts";
import { Commands } from "../../renderer/store/commands/index.ts";
import { connectStore } from "../../renderer/store/connect.ts";
import { withImage } from "../../renderer/store/images-slice.ts";
import { withFinishedRun } from "../../renderer/store/runs-slice.ts";
import {
  currentMetrics,
  currentMistakes,
  focusedMistake,
  measuredImages,
} from "../../renderer/store/truth-selectors.ts";
import { eventually } from "../support/patience.ts";
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

const file = (name: string, value: unknown) => ({ name, value, text: JSON.stringify(value) });

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
    await commands.truth.take([file("labels.json", coco)]);
    expect([...host.keys()]).toEqual([first.id]);
    expect(currentMetrics(store.getState())).toMatchObject({ matched: 1, missed: 0, extra: 0, f1: 1 });

    update(store, "images", (images) => withImage(images, later));
    await eventually(() => expect(host.get(later.id)).toMatchObject({ format: "coco", elements: [] }));
    expect(store.getState().truth.byImage[later.id]).toBeDefined();
    expect(measuredImages(store.getState())).toMatchObject({
      measured: [{ image: first }],
      withoutRun: [later],
    });
  });

  it("comes back from the host when an image is opened", async () => {
    const { store, commands } = openedWindow({ [first.id]: stored });
    await eventually(() => expect(currentMetrics(store.getState())).toMatchObject({ missed: 1, extra: 1 }));
    await commands.truth.clear(first.id);
    expect(currentMetrics(store.getState())).toBeUndefined();
    await commands.undo.undo();
    expect(store.getState().truth.byImage[first.id]).toEqual(stored);
  });

  it("is given by hand to the shown image where the file has another name for it", async () => {
    const { host, store, commands } = openedWindow();
    update(store, "images", (images) => ({ ...images, currentId: first.id }));
    const elsewhere = { ...coco, images: [{ id: 1, file_name: "elsewhere.png" }] };
    await commands.truth.take([file("labels.json", elsewhere)]);
    expect(host.size).toBe(0);
    const [asked] = store.getState().truth.questions;
    if (asked?.kind !== "image") throw new Error("nothing is asked");
    expect(asked.target).toEqual(first);
    await commands.truth.answerImage(asked, asked.images[0]);
    expect(host.get(first.id)?.elements).toEqual([{ id: "t1", bbox: [10, 20, 110, 60] }]);
    expect(store.getState().truth.questions).toEqual([]);
  });

  it("asks for a unit that cannot be right, and takes the answer for images that are opened later too", async () => {
    const { host, store, commands } = openedWindow();
    const fractions = {
      images: coco.images,
      annotations: [1, 2].map((image_id) => ({ image_id, bbox: [0.01, 0.04, 0.1, 0.08] })),
    };
    await commands.truth.take([file("labels.json", fractions)]);
    expect(host.size).toBe(0);
    const [asked] = store.getState().truth.questions;
    if (asked?.kind !== "unit") throw new Error("nothing is asked");
    const reading = asked.doubts[0].readings.find(({ text }) => text.startsWith("fractions"))?.reading;
    if (reading === undefined) throw new Error("fractions are not offered");
    await commands.truth.answerUnit(asked, reading);
    expect(host.get(first.id)?.elements).toEqual([{ id: "t1", bbox: [10, 20, 110, 60] }]);
    expect(currentMetrics(store.getState())).toMatchObject({ matched: 1, f1: 1 });

    update(store, "images", (images) => withImage(images, later));
    await eventually(() => expect(host.get(later.id)?.elements).toHaveLength(1));
    expect(store.getState().truth.questions).toEqual([]);
  });

  it("keeps nothing of a question that is dismissed", async () => {
    const { host, store, commands } = openedWindow();
    const fractions = { ...coco, annotations: [{ image_id: 1, bbox: [0.01, 0.04, 0.1, 0.08] }] };
    await commands.truth.take([file("labels.json", fractions)]);
    commands.truth.dismissQuestion();
    expect(store.getState().truth.questions).toEqual([]);
    expect(host.size).toBe(0);
  });

  it("names YOLO's classes by the list that is dropped with the labels", async () => {
    const { host, commands } = openedWindow();
    const yolo = { name: "first.txt", text: "1 0.06 0.08 0.1 0.08\n" };
    await commands.truth.take([yolo, { name: "classes.txt", text: "link\nbutton\n" }]);
    expect(host.get(first.id)).toMatchObject({
      format: "yolo",
      elements: [{ label: "button", bbox: [expect.closeTo(10), 20, 110, 60] }],
    });
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
    expect(store.getState().view.selectedIds.at(-1)).toBeUndefined();
    commands.truth.jump(1);
    expect(store.getState().view.selectedIds.at(-1)).toBe("e1");
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
