import { describe, expect, it } from "vitest";
import type { KeptImage } from "../../../app/host/images/store.ts";
import { removable } from "../../../app/host/runs/retention.ts";
import type { KeptRun } from "../../../app/host/runs/store.ts";

const hour = 60 * 60 * 1000;
const day = 24 * hour;
const now = 1000 * day;
const forEver = { keepDays: 0, keepGb: 0 };

const image = (id: string, age: number, changes: Partial<KeptImage> = {}): KeptImage => ({
  id,
  bytes: 400e6,
  usedAtMs: now - age,
  state: "whole",
  sample: false,
  held: false,
  ...changes,
});
const run = (id: string, imageId: string | undefined, age: number): KeptRun => ({
  id,
  imageId,
  storedAtMs: now - age,
  bytes: 100e6,
});
const tidied = (
  images: readonly KeptImage[],
  runs: readonly KeptRun[],
  settings = forEver,
  named: readonly string[] = [],
) =>
  removable(
    { images, runs, named: new Set(named), allKnown: !runs.some(({ imageId }) => imageId === undefined) },
    settings,
    now,
  );

describe("what belongs to nothing", () => {
  it("an image that was opened a day ago and never detected goes; a younger one, and one with a run, stays", () => {
    const images = [image("old", 25 * hour), image("new", 23 * hour), image("used", 900 * day)];
    const gone = tidied(images, [run("r", "used", 900 * day)]);
    expect(gone).toEqual({ imageIds: ["old"], runIds: [] });
  });

  it("an image with ground truth, among the recent ones or of a deleted run stays", () => {
    expect(tidied([image("a", 900 * day)], [], forEver, ["a"]).imageIds).toEqual([]);
  });

  it("an image in use and a bundled sample stay, whatever the settings say", () => {
    const images = [image("a", 900 * day, { held: true }), image("b", hour)];
    expect(tidied(images, [], { keepDays: 1, keepGb: 0.1 }).imageIds).toEqual([]);
  });

  it("what a dead process left of a request goes after an hour, not before", () => {
    const images = [image("old", 61 * 60_000, { state: "lent" }), image("new", 59 * 60_000, { state: "lent" })];
    expect(tidied(images, []).imageIds).toEqual(["old"]);
  });

  it("nothing goes for belonging to nothing while a run or an image is of a version that cannot be read", () => {
    expect(tidied([image("a", 900 * day)], [run("newer", undefined, 0)]).imageIds).toEqual([]);
    expect(tidied([image("a", 900 * day, { state: "unknown" })], []).imageIds).toEqual([]);
    // By the user's own limit it does go.
    expect(tidied([image("a", 900 * day, { state: "unknown" })], [], { keepDays: 7, keepGb: 0 }).imageIds).toEqual([
      "a",
    ]);
  });

  it("remains of a broken image go, its runs stay", () => {
    const gone = tidied([image("a", 2 * hour, { state: "broken" })], [run("r", "a", 900 * day)]);
    expect(gone).toEqual({ imageIds: ["a"], runIds: [] });
  });
});

describe("keeping for days", () => {
  it("removes older runs, and images that were not used since", () => {
    const images = [image("stale", 8 * day), image("reopened", 6 * day), image("detected", 30 * day)];
    const runs = [
      run("s", "stale", 8 * day),
      run("r", "reopened", 9 * day),
      run("d1", "detected", 30 * day),
      run("d2", "detected", 2 * day),
    ];
    const gone = tidied(images, runs, { keepDays: 7, keepGb: 0 }, ["stale", "reopened"]);
    expect(gone).toEqual({ imageIds: ["stale"], runIds: ["s", "r", "d1"] });
  });

  it("counts for runs whose image is not stored, and for broken ones, from the time they came here", () => {
    const runs = [run("a", "elsewhere", 8 * day), run("b", undefined, 8 * day), run("c", "elsewhere", 6 * day)];
    expect(tidied([], runs, { keepDays: 7, keepGb: 0 }).runIds).toEqual(["a", "b"]);
  });
});

describe("keeping for gigabytes", () => {
  const images = [image("a", 3 * day), image("b", 2 * day), image("c", day)];
  const runs = [run("ra", "a", hour), run("rb", "b", 2 * day), run("rc", "c", day)];

  it("removes whole screenshots with their runs, those used longest ago first", () => {
    expect(tidied(images, runs, { keepDays: 0, keepGb: 1 })).toEqual({ imageIds: ["b"], runIds: ["rb"] });
    expect(tidied(images, runs, { keepDays: 0, keepGb: 1.5 })).toEqual({ imageIds: [], runIds: [] });
  });

  it("counts no sample, whose runs count; the newest screenshot is another", () => {
    const sample = image("s", 0, { sample: true, held: true, bytes: 5e9 });
    expect(tidied([sample, ...images], [run("rs", "s", 10 * day), ...runs], { keepDays: 0, keepGb: 1.5 })).toEqual({
      imageIds: [],
      runIds: ["rs"],
    });
    expect(tidied([sample, image("only", day)], [], { keepDays: 0, keepGb: 0.001 }).imageIds).toEqual([]);
  });

  it("keeps the newest, even if it alone is too much", () => {
    expect(tidied(images, runs, { keepDays: 0, keepGb: 0.001 }).imageIds).toEqual(["b", "c"]);
  });
});
