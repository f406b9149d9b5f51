import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Truth, truthLimits } from "../../../app/contract/index.ts";
import { type FakeHost, startFakeHost } from "../../support/fake-engine.ts";

let fake: FakeHost;
beforeEach(async () => {
  fake = await startFakeHost();
});
afterEach(() => fake.dispose());

const imageId = "a".repeat(64);
const other = "b".repeat(64);
const truth: Truth = {
  format: "screenspot",
  source: "screens.json",
  elements: [
    { id: "1", label: "button", bbox: [1.5, 2, 30, 40], text: "OK" },
    { id: "2", bbox: [5, 5, 5, 5], point: [5, 5] },
  ],
};
const element = { id: "1", bbox: [0, 0, 1, 1] as [number, number, number, number] };
const set = (value: unknown, id = imageId) => fake.host.call("truth.set", { imageId: id, truth: value as Truth });
const get = async (id = imageId) => (await fake.host.call("truth.get", { imageId: id })).truth;

describe("ground truth", () => {
  it("is kept beside an image, stored or not, over a restart, until it is cleared", async () => {
    expect(await get()).toBeNull();
    expect(await set(truth)).toEqual(truth);
    const after = await fake.again();
    expect(await after.call("truth.get", { imageId })).toEqual({ truth });
    expect(await get(other)).toBeNull();
    expect(await fake.host.call("truth.clear", { imageId })).toEqual({ cleared: true });
    expect(await fake.host.call("truth.clear", { imageId })).toEqual({ cleared: false });
    expect(await get()).toBeNull();
  });

  it("is replaced as a whole, and every change is told to every window", async () => {
    await set(truth);
    const next: Truth = { ...truth, elements: [] };
    await set(next);
    expect(await get()).toEqual(next);
    await fake.host.call("truth.clear", { imageId });
    expect(fake.seen("truth.changed")).toEqual([
      { imageId, truth },
      { imageId, truth: next },
      { imageId, truth: null },
    ]);
  });

  it.each([
    ["a format that is none", { ...truth, format: "no such format" }],
    ["a box that ends before it begins", { ...truth, elements: [{ id: "1", bbox: [9, 0, 1, 1] }] }],
    ["a box with three numbers", { ...truth, elements: [{ id: "1", bbox: [9, 0, 1] }] }],
    ["a number that is none", { ...truth, elements: [{ id: "1", bbox: [0, 0, Number.NaN, 1] }] }],
    ["an id twice", { ...truth, elements: [element, element] }],
    ["too many elements", { ...truth, elements: Array(truthLimits.elements + 1).fill(element) }],
    ["a label too long", { ...truth, elements: [{ ...element, label: "x".repeat(truthLimits.labelLength + 1) }] }],
  ])("with %s is refused, and what was there stays", async (_name, wrong) => {
    await set(truth);
    await expect(set(wrong)).rejects.toMatchObject({ code: "BAD_REQUEST" });
    expect(await get()).toEqual(truth);
  });

  it("takes no path for an image id", async () => {
    await expect(set(truth, "../settings")).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });

  it("that is damaged says so", async () => {
    await set(truth);
    await writeFile(path.join(fake.dataFolder, "truth", `${imageId}.json`), '{"format":');
    await expect(get()).rejects.toMatchObject({ code: "STORAGE_FAILED", hint: "Load the ground truth again." });
  });
});
