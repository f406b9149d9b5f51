import { type Detection, type RunRecord, resolveSettings, type Stage } from "../../app/contract/index.ts";

export const sampleStages: readonly Stage[] = [
  { stage: "decode", ms: 12 },
  { stage: "preprocess", ms: 8 },
  { stage: "encode", ms: 500 },
  { stage: "prefill", ms: 60 },
  { stage: "generate", ms: 100 },
  { stage: "parse", ms: 2 },
  { stage: "other", ms: 3 },
];

export function sampleDetection(index: number, label = "button"): Detection {
  return {
    id: `e${index}`,
    label,
    bbox: [10 * index, 20, 10 * index + 40, 50],
    confidence: 0.9,
    confidenceSource: "token-probability",
    raw: { space: "normalised-1000", values: [1, 2, 3, 4] },
  };
}

/** A finished run of an image of 1920x1080 px on one CPU, with two elements and 685 ms in all. */
export function sampleRun(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    schema: "holoscope.run",
    version: 1,
    id: "run-00000001",
    status: "done",
    createdAt: "2025-01-02T03:04:05.000Z",
    app: { version: "0.0.0", node: "20.0.0" },
    machine: {
      name: "Test bench",
      platform: "linux",
      arch: "x64",
      osRelease: "6.0",
      cpu: "Slow CPU",
      physicalCores: 2,
      logicalCores: 4,
      memoryBytes: 8e9,
    },
    engine: {
      backend: "cpu",
      backendReason: "No GPU was found",
      llamaCppRelease: "v0.4.0",
      features: "AVX2",
      devices: [],
    },
    model: { id: "nano", name: "Nano", family: "qwen3vl", files: [] },
    image: { id: "a".repeat(64), name: "screen.png", width: 1920, height: 1080, bytes: 1000, format: "png", frames: 1 },
    mode: "detect",
    profile: "balanced",
    settings: resolveSettings("balanced"),
    repeat: undefined,
    detections: [sampleDetection(1), sampleDetection(2, "menu item")],
    belowThreshold: [],
    stages: [...sampleStages],
    totalMs: 685,
    warnings: [],
    result: {
      firstDetectionMs: 590,
      tokens: { image: 920, text: 12, generated: 50 },
      input: { width: 1280, height: 736 },
      prompt: "Detect every UI element.",
      rawOutput: '[{"bbox_2d":[1,2,3,4],"label":"button"}]',
      effective: { contextTokens: 2048, batchTokens: 1024, threads: 2, generateThreads: 1 },
      model: {
        description: "qwen3vl",
        family: "qwen3vl",
        architecture: "qwen3vl",
        projector: "qwen3vl_merger",
        parameters: 18e6,
        layers: 6,
        contextLengthTrained: 2048,
        loadMs: 90,
      },
      memory: { languageModel: [], visionEncoder: [], residentBytes: 1e8 },
    },
    ...changes,
  };
}
