import { chmod, mkdir } from "node:fs/promises";
import path from "node:path";
import { defined, type EngineState } from "../contract/index.ts";
import { Detections } from "./detections.ts";
import { type AtomicWriter, privateFile, privateFolder, removeLeftovers } from "./disk/atomic.ts";
import { storageError } from "./disk/storage-error.ts";
import { deviceTypesOf } from "./doctor/device-types.ts";
import { Doctor } from "./doctor/doctor.ts";
import { type DoctorSurroundings, realSurroundings } from "./doctor/parts.ts";
import { EndpointCalls } from "./endpoints/calls.ts";
import { ElsewhereEngine } from "./endpoints/elsewhere.ts";
import { openKeys } from "./endpoints/keys.ts";
import { localEngine } from "./endpoints/pool-engines.ts";
import { EndpointStore } from "./endpoints/store.ts";
import { Backends } from "./engine/backends.ts";
import type { FindGpuTypes } from "./engine/gpu.ts";
import { spawnNode } from "./engine/spawn-node.ts";
import { EngineSupervisor } from "./engine/supervisor.ts";
import { defaultTimings, type HostTimings } from "./engine/timings.ts";
import { EventHub } from "./events.ts";
import { ImageStore } from "./images/store.ts";
import { type LogLevel, openLog } from "./log.ts";
import { machineMemory } from "./models/files/fit.ts";
import { JobBoard } from "./models/files/jobs.ts";
import { ModelFiles } from "./models/files/model-files.ts";
import { ModelFolder } from "./models/files/model-folder.ts";
import { ModelRemoval } from "./models/files/removal.ts";
import type { HubEnvironment } from "./models/hub/hub-access.ts";
import { defaultHubTimings, type HubTimings } from "./models/hub/hub-client.ts";
import type { DeviceTypes } from "./models/mmproj-choice.ts";
import { PresetStore } from "./models/preset-store.ts";
import { ModelRegistry } from "./models/registry.ts";
import type { Clock } from "./pool/clock.ts";
import { Pool } from "./pool/pool.ts";
import { DetectionData } from "./runs/detection-data.ts";
import { RunExchange } from "./runs/exchange.ts";
import { ResultCache } from "./runs/result-cache.ts";
import { RunStore } from "./runs/store.ts";
import { TruthStore } from "./runs/truth.ts";
import { SettingsStore } from "./settings.ts";
import type { HostOptions } from "./types.ts";

/** Timeouts, hardware probes and disk access, which tests replace. */
export interface HostSurroundings {
  readonly timings?: HostTimings;
  readonly findGpuTypes?: FindGpuTypes;
  readonly hasGpuHardware?: () => boolean;
  readonly writeFile?: AtomicWriter;
  readonly doctor?: Partial<DoctorSurroundings>;
  readonly hubTimings?: HubTimings;
  /** Of the pool of engines: how long one that failed is left alone. */
  readonly clock?: Clock;
  /** Where the hub's address, its token and the proxies are read from; by default the process's environment. */
  readonly env?: HubEnvironment;
}

/** The host's parts, each with one responsibility; handlers.ts combines them into the contract's methods. */
export type HostParts = Awaited<ReturnType<typeof assembleParts>>;

/**
 * Reads what is stored on disk and connects the parts; does not start an engine. Throws STORAGE_FAILED or DISK_FULL.
 */
export async function assembleParts(options: HostOptions, surroundings: HostSurroundings) {
  const { dataFolder, resourcesFolder, appVersion } = options;
  await prepareDataFolder(dataFolder);
  const timings = surroundings.timings ?? defaultTimings;
  const log = openLog(dataFolder);
  const write = (level: LogLevel, text: string): void => log.write(level, text);
  const events = new EventHub((event, error) => write("error", `A listener of ${event} failed: ${String(error)}`));
  const stored = {
    dataFolder,
    log,
    ...defined({ writeFile: surroundings.writeFile }),
  };

  const engineState = (): EngineState => supervisor.state(pool.waiting);
  const announceEngine = (): void => events.emit("engine.state", engineState());
  const pool = new Pool([localEngine], { onChange: announceEngine, ...defined({ clock: surroundings.clock }) });
  const backends = new Backends({ log: write, ...surroundings });
  const supervisor = new EngineSupervisor({
    spawn: options.spawnEngine,
    backends,
    log: write,
    onChange: announceEngine,
    startTimeoutMs: timings.start,
    exitTimeoutMs: timings.exit,
  });
  const settings = await SettingsStore.open({
    ...stored,
    onChange: (current) => events.emit("settings.changed", current),
  });
  const images = new ImageStore({
    ...stored,
    samplesFolder: path.join(resourcesFolder, "samples"),
    platform: process.platform,
    upright: (imagePath) =>
      supervisor.light(settings.current.backend, async (engine) => {
        const body = { type: "overlay" as const, ground: imagePath, elements: [] };
        const reply = await engine.request(body, "overlaid", { silenceMs: timings.overlay });
        return reply.value.png;
      }),
    probe: (imagePath) =>
      supervisor.light(settings.current.backend, async (engine) => {
        const reply = await engine.request({ type: "probe", imagePath }, "probed", { silenceMs: timings.probe });
        return reply.value;
      }),
  });
  const deviceTypes = async (): Promise<DeviceTypes> => {
    // Which mmproj to take must not depend on whether something was detected before.
    await supervisor.light(settings.current.backend, async () => {}).catch(() => {});
    return supervisor.current === undefined ? () => undefined : deviceTypesOf(supervisor.current);
  };
  const presets = new PresetStore(stored);
  const models = await ModelRegistry.open({
    ...stored,
    resourcesFolder,
    onChange: (list) => events.emit("models.changed", list),
    deviceTypes,
    inspectModel: (modelPath) =>
      supervisor.light(settings.current.backend, async (engine) => {
        const body = { type: "inspect-model", modelPath } as const;
        const reply = await engine.request(body, "model-inspected", { silenceMs: timings.inspect });
        return reply.value;
      }),
    presets,
    inspect: (pair) =>
      supervisor.light(settings.current.backend, async (engine) => {
        const body = { type: "inspect", pair } as const;
        const reply = await engine.request(body, "inspected", { silenceMs: timings.inspect });
        return reply.value;
      }),
  });
  const endpoints = await EndpointStore.open({ ...stored, onChange: () => void announceEndpoints() });
  const keys = await openKeys({ ...stored, cipher: options.cipher, env: surroundings.env ?? process.env });
  const elsewhere = new ElsewhereEngine({
    spawn: options.spawnEngine,
    timings,
    log: write,
    endpoints,
    keys,
    models,
    presets,
  });
  const endpointCalls = new EndpointCalls({ endpoints, keys, elsewhere, settings });
  const announceEndpoints = async (): Promise<void> =>
    events.emit("endpoints.changed", await endpointCalls.list().catch(() => []));
  const runs = new RunStore({ ...stored, onChange: (change) => events.emit("runs.changed", change) });
  const exchange = new RunExchange(runs, images);
  const truth = new TruthStore({ ...stored, onChange: (change) => events.emit("truth.changed", change) });
  const results = new ResultCache({ ...stored, runs, appVersion });
  const shared = { pool, supervisor, images, models, runs, settings, events, log, timings, appVersion };
  const detections = new Detections({
    ...shared,
    endpoints,
    elsewhere,
    results,
    onSaved: () => detectionData.runAdded(),
  });
  const detectionData = new DetectionData({
    ...stored,
    images,
    runs,
    truth,
    results,
    settings,
    events,
    endDetections: (imageIds) => detections.end(imageIds),
  });
  const { spawnProgram = spawnNode } = options;
  const doctor = new Doctor({ ...shared, backends, spawnProgram, ...realSurroundings, ...surroundings.doctor });
  const jobs = new JobBoard({ log: write, onChange: (job) => events.emit("models.job", job) });
  const modelFolder = new ModelFolder(dataFolder);
  void modelFolder.removeLeftovers();
  const modelFiles = new ModelFiles({
    models,
    folder: modelFolder,
    jobs,
    deviceTypes,
    memory: async () => machineMemory(await backends.known()),
    hubTimings: surroundings.hubTimings ?? defaultHubTimings,
    env: surroundings.env ?? process.env,
  });
  const modelRemoval = new ModelRemoval(models, modelFolder);
  return {
    ...shared,
    options,
    backends,
    exchange,
    truth,
    detections,
    detectionData,
    endpoints,
    keys,
    elsewhere,
    endpointCalls,
    jobs,
    doctor,
    modelFolder,
    modelFiles,
    modelRemoval,
    presets,
    engineState,
  };
}

/** Folders in the data folder whose files are written atomically. */
const writtenFolders = ["images", "runs", "annotations", "truth", "index", "cache", "presets"] as const;

/**
 * Closes the data folder to other users. A folder that was there before keeps its own rights, because HOLOSCOPE_DATA may
 * name one that holds other things too; what earlier versions wrote inside it is closed.
 */
async function prepareDataFolder(dataFolder: string): Promise<void> {
  try {
    await mkdir(dataFolder, { recursive: true, mode: privateFolder });
  } catch (error) {
    throw storageError(error, "make its data folder");
  }
  void removeLeftovers(dataFolder);
  for (const name of writtenFolders) void removeLeftovers(path.join(dataFolder, name));
  for (const name of [...writtenFolders, "logs", "models", "trash"]) await makePrivate(name, privateFolder);
  for (const name of ["settings.json", "models.json", "endpoints.json", "endpoint-keys.json"])
    await makePrivate(name, privateFile);

  async function makePrivate(name: string, mode: number): Promise<void> {
    // Most are not there at the first start.
    await chmod(path.join(dataFolder, name), mode).catch(() => {});
  }
}
