import { spreadOf } from "./report.ts";
import { type BenchResult, benchResultSchema, type SideName, type SideResult } from "./result.ts";

function side(name: SideName, total: number, more: Partial<SideResult> = {}): SideResult {
  return {
    name,
    note: `how ${name} was run`,
    stages: { input: spreadOf([20]), encode: spreadOf([total - 120]), generate: spreadOf([100]) },
    total: spreadOf([total - 10, total, total + 10]),
    ratio: spreadOf([total / 500]),
    wall: spreadOf([total + 5]),
    second: { total: spreadOf([total / 4]), ofFirst: spreadOf([0.25]), reused: ["encode"] },
    imageTokens: 920,
    newTokens: 64,
    sameAnswers: 3,
    ...more,
  };
}

/** A result with made-up figures. */
export function benchFixture(more: Partial<BenchResult> = {}): BenchResult {
  return benchResultSchema.parse({
    schema: "holoscope.bench",
    version: 1,
    createdAt: "2026-01-02T03:04:05.000Z",
    machine: {
      name: "test",
      platform: "linux",
      arch: "x64",
      osRelease: "6.1",
      cpu: "Test CPU",
      physicalCores: 2,
      logicalCores: 2,
      memoryBytes: 8e9,
    },
    loadAverage: { before: 0.1, after: 1.9 },
    versions: { llamaCpp: "v0.4.0", node: "20.20.0", backend: "cpu", devices: ["CPU: Test CPU"] },
    model: { name: "Model <1> & co", files: [{ role: "model", name: "model.gguf", bytes: 11e6 }] },
    input: {
      image: "settings.png",
      width: 1280,
      height: 736,
      modelWidth: 1280,
      modelHeight: 736,
      imageTokens: 920,
      textTokens: 61,
    },
    settings: {
      newTokens: 64,
      runs: 3,
      threads: 2,
      generateThreads: 1,
      contextTokens: 1280,
      batchTokens: 1024,
      maxImageTokens: 921,
      overrides: {},
    },
    sides: [side("holoscope", 500), side("bare", 1000, { peakBytes: 2e8 })],
    leftOut: [{ name: "server", reason: "not built" }],
    batches: [{ images: 8, msPerImage: { holoscope: 250, bare: 500 }, steadyPerSecond: { holoscope: 4.2, bare: 2 } }],
    growth: [
      {
        imageTokens: 256,
        width: 672,
        height: 384,
        runs: 1,
        total: { holoscope: 100, bare: 200 },
        encode: { bare: 90 },
      },
      { imageTokens: 920, width: 1280, height: 736, runs: 1, total: { holoscope: 500, bare: 1000 }, encode: {} },
    ],
    ...more,
  });
}
