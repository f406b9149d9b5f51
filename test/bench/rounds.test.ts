import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { samplePath } from "../support/repository.ts";
import { batchSizes } from "./bench.ts";
import { growthSteps, ImageCopies } from "./images.ts";
import type { SideName } from "./result.ts";
import { runRounds, summarise } from "./rounds.ts";
import { atOnce, inTurn, type Measured, type Side } from "./sides/side.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "holoscope-bench-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A side that takes a given time for each image, and writes down what it was asked. */
function stubSide(name: SideName, times: readonly number[], asked: string[]): Side {
  let at = 0;
  const measured = (totalMs: number, answer: string): Measured => ({
    totalMs,
    wallMs: totalMs + 1,
    stages: { input: 1, encode: totalMs - 1 },
    newTokens: 64,
    reused: [],
    answer,
  });
  return {
    name,
    note: "",
    first: async (image) => {
      asked.push(`${name} ${path.basename(image)}`);
      return measured(times[at++ % times.length] ?? 0, `answer ${name === "server" && at === 3 ? "other" : ""}`);
    },
    second: async () => ({ ...measured(5, ""), reused: ["encode"] }),
    batch: async () => [],
    peakBytes: () => undefined,
    end: async () => {},
  };
}

describe("rounds", () => {
  it("give every side the same new image, the sides taking turns to begin, and do not count the warm one", async () => {
    const asked: string[] = [];
    const sides = [stubSide("holoscope", [900, 10, 20, 30], asked), stubSide("server", [900, 20, 60, 30], asked)];
    const copies = await ImageCopies.of(samplePath("settings"), folder, "round", { width: 64, height: 32 });
    const runs = await runRounds(sides, copies, 3, () => {});
    expect(asked).toEqual([
      ...["holoscope round-0.png", "server round-0.png"],
      ...["holoscope round-1.png", "server round-1.png"],
      ...["server round-2.png", "holoscope round-2.png"],
      ...["holoscope round-3.png", "server round-3.png"],
    ]);
    const [own, other] = runs;
    if (own === undefined || other === undefined) throw new Error("There are two sides.");
    const summary = summarise(other, own);
    expect(summary.total).toMatchObject({ median: 30, min: 20, max: 60, runs: 3 });
    expect(summary.ratio).toMatchObject({ median: 2, min: 1, max: 3 });
    expect(summary.second.total.median).toBe(5);
    expect(summary.second.reused).toEqual(["encode"]);
    expect(summary.sameAnswers).toBe(2);
    expect(summary.firstBox).toBeUndefined();
    expect(Object.keys(summary.stages)).toEqual(["input", "encode"]);
  });
});

describe("copies of an image", () => {
  it("differ from each other in their first pixel only", async () => {
    const copies = await ImageCopies.of(samplePath("settings"), folder, "copy", { width: 64, height: 32 });
    const [one, two] = await copies.many(2);
    if (one === undefined || two === undefined) throw new Error("Two copies were asked for.");
    expect(one).toMatchObject({ width: 64, height: 32 });
    expect(await readFile(one.file)).not.toEqual(await readFile(two.file));
    const [a, b] = await Promise.all([one, two].map(({ file }) => sharp(file).removeAlpha().raw().toBuffer()));
    expect(a?.subarray(3)).toEqual(b?.subarray(3));
  });
});

describe("steps of growth", () => {
  it("are sizes that the model takes as they are, up to 4096 tokens", () => {
    const steps = growthSteps({ factor: 28, minTokens: 8, maxTokens: 4096 });
    expect(steps.map(({ imageTokens }) => imageTokens)).toEqual([252, 510, 1008, 2040, 4080]);
    for (const { width, height, imageTokens } of steps) {
      expect([width % 28, height % 28]).toEqual([0, 0]);
      expect((width / 28) * (height / 28)).toBe(imageTokens);
    }
  });

  it("end at a smaller model's own limit", () => {
    const tokens = growthSteps({ factor: 32, minTokens: 8, maxTokens: 921 }).map(({ imageTokens }) => imageTokens);
    expect(tokens).toHaveLength(3);
    expect(tokens.at(-1)).toBeGreaterThan(850);
    expect(tokens.at(-1)).toBeLessThanOrEqual(921);
  });
});

describe("batch sizes", () => {
  it.each([
    [100, [1, 10, 100]],
    [8, [1, 8]],
    [1, [1]],
  ])("up to %d", (largest, sizes) => {
    expect(batchSizes(largest)).toEqual(sizes);
  });
});

describe("a batch", () => {
  const waits: Readonly<Record<string, number>> = { a: 40, b: 10, c: 25 };
  const work = (image: string) => new Promise((resolve) => setTimeout(resolve, waits[image]));

  it("in turn ends after all waits together, at once after the longest; each answer's time is told, ascending", async () => {
    vi.useFakeTimers();
    const turns = inTurn(Object.keys(waits), work);
    await vi.runAllTimersAsync();
    expect(await turns).toEqual([40, 50, 75]);
    const once = atOnce(Object.keys(waits), work);
    await vi.runAllTimersAsync();
    expect(await once).toEqual([10, 25, 40]);
    vi.useRealTimers();
  });
});
