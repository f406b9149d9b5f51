import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calibrate } from "../../app/engine/answer/calibration.ts";
import { ownKeys, readOwnMetadata } from "../../app/engine/families/own-metadata.ts";
import { readGguf } from "../../app/gguf/read.ts";
import { setMetadata } from "../../training/evaluation/gguf-metadata.ts";
import { fewerSteps, fitCalibration, poolAdjacentViolators } from "../../training/evaluation/isotonic.ts";
import { reliabilityOf } from "../../training/evaluation/measure.ts";
import { chooseThresholds } from "../../training/evaluation/thresholds.ts";
import { createRandom } from "../support/gguf/random.ts";
import { writeGguf } from "../support/gguf/writer.ts";

const outcomes = (...pairs: readonly [number, boolean][]) => pairs.map(([raw, right]) => ({ raw, right }));

/** Boxes that are right as often as the square of their confidence says. */
function overconfident(count: number, seed: number) {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const raw = random();
    return { raw, right: random() < raw ** 2 };
  });
}

describe("poolAdjacentViolators", () => {
  it("pools what falls, as worked out by hand", () => {
    const steps = poolAdjacentViolators(
      outcomes([0.9, true], [0.1, false], [0.2, true], [0.3, false], [0.4, false], [0.5, true]),
    );
    expect(steps).toHaveLength(3);
    expect(steps[0]).toEqual({ count: 1, raw: 0.1, right: 0 });
    expect(steps[1]?.count).toBe(3);
    expect(steps[1]?.raw).toBeCloseTo(0.3, 12);
    expect(steps[1]?.right).toBeCloseTo(1 / 3, 12);
    expect(steps[2]?.right).toBe(1);
    expect(steps[2]?.raw).toBeCloseTo(0.7, 12);
  });

  it("does not tell equal confidences apart", () => {
    expect(poolAdjacentViolators(outcomes([0.5, false], [0.5, true]))).toEqual([{ count: 2, raw: 0.5, right: 0.5 }]);
  });

  it("rises in both, and loses no box", () => {
    const steps = poolAdjacentViolators(overconfident(3000, 1));
    expect(steps.reduce((sum, { count }) => sum + count, 0)).toBe(3000);
    for (const [index, { raw, right }] of steps.slice(1).entries()) {
      expect(raw).toBeGreaterThan(steps[index]?.raw ?? 1);
      expect(right).toBeGreaterThan(steps[index]?.right ?? 1);
    }
  });
});

describe("fewerSteps", () => {
  const step = (count: number, raw: number, right: number) => ({ count, raw, right });

  it("joins those that differ least", () => {
    const fewer = fewerSteps([step(10, 0.1, 0.1), step(10, 0.5, 0.5), step(30, 0.9, 0.6)], 2, 1);
    expect(fewer.map(({ count }) => count)).toEqual([10, 40]);
    expect(fewer[1]?.raw).toBeCloseTo(0.8, 12);
    expect(fewer[1]?.right).toBeCloseTo(0.575, 12);
  });

  it("leaves no step with too few boxes, at either end too", () => {
    const fewer = fewerSteps([step(1, 0, 0), step(30, 0.4, 0.2), step(30, 0.6, 0.7), step(2, 0.99, 1)], 24, 20);
    expect(fewer.map(({ count }) => count)).toEqual([31, 32]);
    expect(fewerSteps([step(1, 0, 0), step(2, 1, 1)], 24, 20)).toEqual([step(3, 2 / 3, 2 / 3)]);
  });
});

describe("fitCalibration", () => {
  it("makes confidences true on boxes that it has not seen, in at most 24 knots of float32", () => {
    const map = fitCalibration(overconfident(20_000, 2));
    expect(map.raw.length).toBeLessThanOrEqual(24);
    expect(map.raw.length).toBeGreaterThan(5);
    expect(map.raw).toEqual(map.raw.map(Math.fround));
    const unseen = overconfident(20_000, 3);
    const errorOf = (confidence: (raw: number) => number) =>
      reliabilityOf(unseen.map(({ raw, right }) => ({ confidence: confidence(raw), right }))).calibrationError;
    expect(errorOf((raw) => raw)).toBeGreaterThan(0.15);
    expect(errorOf((raw) => calibrate(map, raw))).toBeLessThan(0.02);
  });

  it("makes a flat map where confidence says nothing, and refuses a handful of boxes", () => {
    const flat = fitCalibration(
      outcomes(...Array.from({ length: 60 }, (_, i): [number, boolean] => [0.5, i % 4 === 0])),
    );
    expect(flat).toEqual({ raw: [0, 1], calibrated: [0.25, 0.25] });
    expect(() => fitCalibration(overconfident(10, 4))).toThrow("too few");
  });
});

describe("chooseThresholds", () => {
  const at = (minConfidence: number, precision: number, f1: number) => ({ minConfidence, figures: { precision, f1 } });

  it("takes the best F1, and for Quality the lowest that is right half of the time", () => {
    const sweep = [at(0, 0.3, 0.4), at(0.1, 0.5, 0.6), at(0.2, 0.6, 0.7), at(0.3, 0.8, 0.7), at(0.4, 0.9, 0.5)];
    expect(chooseThresholds(sweep)).toEqual({ speed: 0.2, balanced: 0.2, quality: 0.1 });
  });

  it("never puts Quality above Balanced", () => {
    expect(chooseThresholds([at(0, 0.2, 0.4), at(0.5, 0.6, 0.3)])).toEqual({ speed: 0, balanced: 0, quality: 0 });
    expect(chooseThresholds([at(0, 0.2, 0.3), at(0.5, 0.4, 0.4)]).quality).toBe(0.5);
  });
});

describe("setMetadata", () => {
  let folder = "";
  let file = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "holoscope-metadata-"));
    file = path.join(folder, "model.gguf");
    await writeGguf(file, {
      metadata: {
        "general.architecture": { type: "string", value: "qwen3vl" },
        "tokenizer.ggml.tokens": { type: "array", of: "string", value: ["a", "ä", ""] },
        "general.file_type": { type: "uint32", value: 0 },
      },
      tensors: ["first", "second"].map((name) => ({
        name,
        type: "f32",
        shape: [3, 5],
        values: () => Float32Array.from({ length: 15 }, (_, index) => index * 0.1),
      })),
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const parts = async () => {
    const read = await readGguf(file);
    const bytes = await readFile(file);
    return { ...read, data: bytes.subarray(read.dataStart), header: bytes.subarray(0, read.infosStart) };
  };
  const entries = {
    [ownKeys.raw]: [0.25, 0.5, 1],
    [ownKeys.calibrated]: [0, 0.5, 0.75],
    [`${ownKeys.threshold}.speed`]: 0.4,
    [`${ownKeys.threshold}.balanced`]: 0.3,
    [`${ownKeys.threshold}.quality`]: 0.1,
  };

  it("adds keys, keeps all others and every byte of the tensors, and leaves nothing beside the file", async () => {
    const before = await parts();
    await setMetadata(file, entries);
    const after = await parts();
    expect(after.data.equals(before.data)).toBe(true);
    expect(after.dataStart % after.alignment).toBe(0);
    const inData = ({ tensors, dataStart }: typeof after) =>
      tensors.map(({ name, start, bytes }) => [name, start - dataStart, bytes]);
    expect(inData(after)).toEqual(inData(before));
    expect(after.header.subarray(24, before.header.length).equals(before.header.subarray(24))).toBe(true);
    expect(await readdir(folder)).toEqual(["model.gguf"]);
    const once = await readFile(file);
    await setMetadata(file, entries);
    expect((await readFile(file)).equals(once)).toBe(true);
  });

  it("is read by the engine", async () => {
    await setMetadata(file, entries);
    expect(readOwnMetadata(await readGguf(file))).toEqual({
      calibration: { raw: [0.25, 0.5, 1], calibrated: [0, 0.5, 0.75] },
      minConfidence: { speed: 0.4, balanced: 0.3, quality: 0.1 },
    });
  });
});
