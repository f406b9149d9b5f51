import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type Backend,
  type BBox,
  type Detection,
  type DetectOverrides,
  type Device,
  type ErrorInfo,
  type ImageRef,
  localStageNames,
  type Mode,
  type Point,
  type ProfileName,
  type Repeat,
  type RunAnnotations,
  type RunRecord,
  type RunStatus,
  resolveSettings,
  runFileSchema,
  runRecordSchema,
  type Size,
  type Stage,
  type StageName,
  stageNames,
  type Warning,
} from "../../app/contract/index.ts";

/** One element; `bbox` in px of the image. */
export interface BoxFixture {
  readonly bbox: BBox;
  /** "button" if left out. */
  readonly label?: string;
  /** 0.9 if left out; below the run's minimum confidence the element goes to `belowThreshold`. */
  readonly confidence?: number;
  readonly text?: string;
  readonly point?: Point;
}

/** What a run is made of; everything left out is that of a finished run of 1280x800 px on a CPU with three elements. */
export interface RunFixture {
  readonly id?: string;
  readonly createdAt?: string;
  readonly status?: RunStatus;
  readonly image?: ImageRef;
  readonly boxes?: readonly BoxFixture[];
  /** ms by stage; the total is their sum. */
  readonly stages?: Partial<Record<StageName, number>>;
  readonly reused?: readonly StageName[];
  readonly backend?: Backend;
  readonly machine?: string;
  /** Name of the model; its id is made from it. */
  readonly model?: string;
  readonly family?: string;
  readonly profile?: ProfileName;
  readonly overrides?: DetectOverrides;
  readonly mode?: Mode;
  readonly target?: string;
  readonly repeat?: Repeat;
  readonly warnings?: readonly Warning[];
  /** Of a run that did not finish. */
  readonly error?: ErrorInfo;
}

export const defaultStages = {
  decode: 12,
  preprocess: 8,
  encode: 500,
  prefill: 60,
  generate: 100,
  parse: 2,
  other: 3,
} as const satisfies Partial<Record<StageName, number>>;

export const defaultBoxes: readonly BoxFixture[] = [
  { label: "button", bbox: [40, 40, 200, 90] },
  { label: "text field", bbox: [240, 40, 640, 90], confidence: 0.8 },
  { label: "icon", bbox: [1180, 30, 1220, 70], confidence: 0.6 },
];

const hex = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

/** An image that no machine has: its id is made from name and size. */
export function imageFixture(name = "screen.png", size: Size = { width: 1280, height: 800 }): ImageRef {
  const id = hex(`${name} ${size.width}x${size.height}`);
  return { id, name, ...size, bytes: 100_000, format: "png", frames: 1 };
}

/** A real PNG as the host would describe it. Its size stands at bytes 16 to 23 (PNG specification, IHDR). */
export function pngImage(bytes: Buffer, name: string): ImageRef {
  const size = { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  return { id: hex(bytes), name, ...size, bytes: bytes.byteLength, format: "png", frames: 1 };
}

/** A record that holds by the contract's schema. Two different fixtures get different ids. */
export function makeRun(fixture: RunFixture = {}): RunRecord {
  const createdAt = fixture.createdAt ?? "2026-03-01T09:00:00.000Z";
  const { image = imageFixture(), status = "done", profile = "balanced", mode = "detect", backend = "cpu" } = fixture;
  const settings = resolveSettings(profile, fixture.overrides);
  const all = (fixture.boxes ?? defaultBoxes).map((box, index) => detectionFixture(box, index + 1, image));
  const stages = stagesOf(fixture);
  return runRecordSchema.parse({
    schema: "holoscope.run",
    version: 1,
    id: fixture.id ?? idOf(fixture, createdAt),
    status,
    createdAt,
    app: { version: "0.1.0", node: "20.20.0" },
    machine: {
      name: fixture.machine ?? "Test bench",
      platform: backend === "metal" ? "darwin" : "linux",
      arch: backend === "metal" ? "arm64" : "x64",
      osRelease: "6.0",
      cpu: "Test CPU",
      physicalCores: 8,
      logicalCores: 16,
      memoryBytes: 32e9,
    },
    engine: {
      backend,
      backendReason: "chosen in the settings",
      llamaCppRelease: "b1",
      features: "",
      devices: [deviceOf(backend)],
    },
    model: { ...modelOf(fixture), files: [] },
    image,
    mode,
    ...(fixture.target === undefined ? {} : { target: fixture.target }),
    profile,
    settings,
    ...(fixture.repeat === undefined ? {} : { repeat: fixture.repeat }),
    detections: all.filter(({ confidence }) => confidence >= settings.minConfidence),
    belowThreshold: all.filter(({ confidence }) => confidence < settings.minConfidence),
    stages,
    totalMs: stages.reduce((sum, { ms }) => sum + ms, 0),
    warnings: [...(fixture.warnings ?? [])],
    ...(status === "done" ? { result: resultOf(fixture, all) } : { error: fixture.error ?? defaultError(status) }),
  } satisfies RunRecord);
}

/** The detection "e<number>" of an image of this size. */
export function detectionFixture(box: BoxFixture, number: number, { width, height }: Size): Detection {
  const [x1, y1, x2, y2] = box.bbox;
  const values = [(x1 / width) * 1000, (y1 / height) * 1000, (x2 / width) * 1000, (y2 / height) * 1000];
  return {
    id: `e${number}`,
    label: box.label ?? "button",
    ...(box.text === undefined ? {} : { text: box.text }),
    bbox: box.bbox,
    ...(box.point === undefined ? {} : { point: box.point }),
    confidence: box.confidence ?? 0.9,
    confidenceSource: "token-probability",
    raw: { space: "normalised-1000", values: values.map(Math.round) },
  };
}

/** Boxes in rows over the whole image, none overlapping, in six labels of falling confidence. */
export function gridOfBoxes(count: number, { width, height }: Size): BoxFixture[] {
  const labels = ["button", "icon", "text field", "link", "checkbox", "menu item"];
  const columns = Math.ceil(Math.sqrt((count * width) / height));
  const cell = { width: width / columns, height: height / Math.ceil(count / columns) };
  return Array.from({ length: count }, (_, index) => {
    const x = (index % columns) * cell.width;
    const y = Math.floor(index / columns) * cell.height;
    return {
      label: labels[index % labels.length] ?? "button",
      bbox: [x + cell.width * 0.1, y + cell.height * 0.1, x + cell.width * 0.9, y + cell.height * 0.9],
      confidence: 1 - (0.7 * index) / count,
    };
  });
}

const setups = [
  { machine: "Workstation", backend: "cuda", speed: 0.2 },
  { machine: "MacBook Pro", backend: "metal", speed: 1.5 },
  { machine: "Office PC", backend: "cpu", speed: 2.1 },
  { machine: "Old laptop", backend: "cpu", speed: 4 },
] as const;
const models = ["Nano", "Qwen3-VL 2B", "UI-Venus 2B"];
const profileNames = ["speed", "balanced", "quality"] as const;

/**
 * A library: `count` runs, one an hour going back from the first of March 2026, over four machines, three models,
 * three profiles and ten images, one in 25 failed. The same each time.
 */
export function makeRuns(count: number, boxesEach = 3): RunRecord[] {
  const newest = Date.parse("2026-03-01T09:00:00.000Z");
  return Array.from({ length: count }, (_, index) => {
    const setup = setups[index % setups.length] ?? setups[0];
    const image = imageFixture(`screen ${(index % 10) + 1}.png`);
    // Up to 10 % slower than its setup, in an order that looks arbitrary.
    const factor = setup.speed * (1 + ((index * 7919) % 101) / 1000);
    return makeRun({
      createdAt: new Date(newest - index * 3_600_000).toISOString(),
      machine: setup.machine,
      backend: setup.backend,
      model: models[Math.floor(index / setups.length) % models.length] ?? "Nano",
      profile: profileNames[Math.floor(index / 12) % profileNames.length] ?? "balanced",
      image,
      boxes: gridOfBoxes(boxesEach, image),
      stages: scaled(factor),
      ...(index % 25 === 24 ? { status: "failed" as const } : {}),
    });
  });
}

/** Writes runs into the library of a data folder, as the host stores them. */
export async function writeRuns(dataFolder: string, runs: readonly RunRecord[]): Promise<void> {
  const folder = path.join(dataFolder, "runs");
  await mkdir(folder, { recursive: true });
  for (const run of runs)
    await writeFile(path.join(folder, `${run.id}.json`), `${JSON.stringify(run, undefined, 1)}\n`);
}

/** Text of a run file with what travels along: the image's bytes, name, tags and note. */
export function runFileOf(
  run: RunRecord,
  extra: { readonly image?: Buffer; readonly annotations?: RunAnnotations } = {},
): string {
  const attachments = {
    ...(extra.image === undefined ? {} : { imageBase64: extra.image.toString("base64") }),
    ...(extra.annotations === undefined ? {} : { annotations: extra.annotations }),
  };
  return JSON.stringify(runFileSchema.parse({ ...run, attachments }));
}

function idOf(fixture: RunFixture, createdAt: string): string {
  const [date = "", time = ""] = createdAt.split("T");
  const digest = hex(JSON.stringify(fixture)).slice(0, 8);
  return `${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${digest}`;
}

function stagesOf({ stages = defaultStages, reused = [] }: RunFixture): Stage[] {
  return stageNames.flatMap((stage) => {
    const ms = stages[stage];
    return ms === undefined ? [] : [{ stage, ms, ...(reused.includes(stage) ? { reused: true } : {}) }];
  });
}

function scaled(factor: number): Partial<Record<StageName, number>> {
  return Object.fromEntries(localStageNames.map((stage) => [stage, defaultStages[stage] * factor]));
}

function modelOf({ model = "Nano", family = "qwen3vl" }: RunFixture) {
  return { id: model.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"), name: model, family };
}

function deviceOf(backend: Backend): Device {
  const type = backend === "cpu" ? "cpu" : "gpu";
  const name = type === "cpu" ? "CPU" : `${backend}0`;
  return { name, description: `Test ${name}`, type, backend, memoryFree: 8e9, memoryTotal: 16e9 };
}

function resultOf({ family = "qwen3vl" }: RunFixture, detections: readonly Detection[]): RunRecord["result"] {
  const answer = detections.map(({ label, raw }) => ({ bbox_2d: raw.values, label }));
  return {
    ...(detections.length === 0 ? {} : { firstDetectionMs: 590 }),
    tokens: { image: 920, text: 12, generated: 18 * detections.length },
    input: { width: 1280, height: 800 },
    prompt: "Detect every UI element.",
    rawOutput: JSON.stringify(answer),
    effective: { contextTokens: 4096, batchTokens: 1024, threads: 8, generateThreads: 4 },
    model: {
      description: "test model",
      family,
      architecture: "qwen3vl",
      projector: "qwen3vl_merger",
      parameters: 18e6,
      layers: 6,
      contextLengthTrained: 4096,
      loadMs: 90,
    },
    memory: { languageModel: [], visionEncoder: [], residentBytes: 1e8 },
  };
}

function defaultError(status: RunStatus): ErrorInfo {
  return status === "cancelled"
    ? { code: "CANCELLED", message: "The run was cancelled." }
    : { code: "OUT_OF_MEMORY", message: "There is not enough memory.", hint: "Choose a smaller model." };
}
