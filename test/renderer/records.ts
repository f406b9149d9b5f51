import {
  type Detection,
  type ImageRef,
  type ModelEntry,
  profiles,
  type RunRecord,
  type Settings,
  settingsSchema,
} from "../../app/contract/index.ts";

export const settings: Settings = settingsSchema.parse({});

export function imageRef(digit: string, name = `${digit}.png`): ImageRef {
  return { id: digit.repeat(64), name, width: 1000, height: 500, bytes: 1234, format: "png", frames: 1 };
}

export function detection(id: string, bbox: Detection["bbox"] = [10, 20, 110, 60]): Detection {
  return {
    id,
    label: "button",
    bbox,
    confidence: 0.9,
    confidenceSource: "token-probability",
    raw: { space: "normalised-1000", values: [10, 40, 110, 120] },
  };
}

export function modelEntry(id: string, modes: ModelEntry["modes"]): ModelEntry {
  return {
    id,
    name: id,
    bundled: false,
    modelPath: "model.gguf",
    mmprojPath: "mmproj.gguf",
    family: "qwen3vl",
    architecture: "qwen3vl",
    bytes: 1,
    modes,
  };
}

export function runRecord(id: string, image: ImageRef, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    schema: "holoscope.run",
    version: 1,
    id,
    status: "done",
    createdAt: "2026-01-02T03:04:05.000Z",
    app: { version: "0.1.0", node: "20.0.0" },
    machine: {
      name: "Bench",
      platform: "linux",
      arch: "x64",
      osRelease: "6",
      cpu: "CPU",
      physicalCores: 2,
      logicalCores: 2,
      memoryBytes: 1,
    },
    model: { id: "nano", name: "Nano", family: "qwen3vl", files: [] },
    image,
    mode: "detect",
    profile: "balanced",
    settings: profiles.balanced,
    detections: [detection("e1")],
    belowThreshold: [],
    stages: [{ stage: "encode", ms: 80 }],
    totalMs: 100,
    warnings: [],
    ...changes,
  };
}
