import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { EngineState } from "../contract/api.ts";
import { type AtomicWriter, removeLeftovers } from "./atomic-file.ts";
import { Backends } from "./backends.ts";
import { Detections } from "./detections.ts";
import type { DoctorConfig } from "./doctor/doctor.ts";
import { EngineSupervisor } from "./engine-supervisor.ts";
import { EventHub } from "./events.ts";
import type { FindGpuTypes } from "./gpu-types.ts";
import type { HubEnvironment } from "./hub/hub-access.ts";
import { defaultHubTimings, type HubTimings } from "./hub/hub-client.ts";
import { ImageStore } from "./images.ts";
import { type Log, type LogLevel, openLog } from "./log.ts";
import { machineMemory } from "./model-files/fit.ts";
import { JobBoard } from "./model-files/jobs.ts";
import { ModelFiles } from "./model-files/model-files.ts";
import { ModelFolder } from "./model-files/model-folder.ts";
import { ModelRemoval } from "./model-files/removal.ts";
import { ModelRegistry } from "./models.ts";
import { TaskQueue } from "./queue.ts";
import { RunExchange } from "./run-exchange.ts";
import { RunStore } from "./run-store.ts";
import { SettingsStore } from "./settings.ts";
import { storageError } from "./storage-error.ts";
import { defaultTimings, type HostTimings } from "./timings.ts";
import { TruthStore } from "./truth-store.ts";
import type { HostOptions } from "./types.ts";

/** What surrounds a host: patience, hardware and disk. Tests replace them. */
export interface HostSurroundings {
  readonly timings?: Partial<HostTimings>;
  readonly findGpuTypes?: FindGpuTypes;
  readonly hasGpuHardware?: () => boolean;
  readonly writeFile?: AtomicWriter;
  readonly doctor?: Omit<DoctorConfig, "parts">;
  readonly hubTimings?: Partial<HubTimings>;
  /** Where the hub's address, its token and the proxies come from; the process's own unless a test gives another. */
  readonly env?: HubEnvironment;
}

/** The host's parts, each of which does one thing; handlers.ts makes methods of them. */
export interface HostParts {
  readonly options: HostOptions;
  readonly timings: HostTimings;
  readonly log: Log;
  readonly events: EventHub;
  readonly settings: SettingsStore;
  readonly backends: Backends;
  readonly supervisor: EngineSupervisor;
  readonly queue: TaskQueue;
  readonly images: ImageStore;
  readonly models: ModelRegistry;
  readonly runs: RunStore;
  readonly exchange: RunExchange;
  readonly truth: TruthStore;
  readonly detections: Detections;
  readonly jobs: JobBoard;
  readonly doctorSurroundings: Omit<DoctorConfig, "parts">;
  readonly modelFolder: ModelFolder;
  readonly modelFiles: ModelFiles;
  readonly modelRemoval: ModelRemoval;
  engineState(): EngineState;
}

/** Reads what is on disk and connects the parts. Starts no engine. Throws STORAGE_FAILED or DISK_FULL. */
export async function assembleParts(options: HostOptions, surroundings: HostSurroundings): Promise<HostParts> {
  const { dataFolder, resourcesFolder, appVersion } = options;
  await prepareDataFolder(dataFolder);
  const timings = { ...defaultTimings, ...surroundings.timings };
  const log = openLog(dataFolder);
  const write = (level: LogLevel, text: string): void => log.write(level, text);
  const events = new EventHub((event, error) => write("error", `A listener of ${event} failed: ${String(error)}`));
  const stored = {
    dataFolder,
    log,
    ...(surroundings.writeFile === undefined ? {} : { writeFile: surroundings.writeFile }),
  };

  const engineState = (): EngineState => supervisor.state(queue.waiting);
  const announceEngine = (): void => events.emit("engine.state", engineState());
  const queue = new TaskQueue(announceEngine);
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
    probe: (imagePath) =>
      supervisor.light(settings.current.backend, async (engine) => {
        const reply = await engine.request({ type: "probe", imagePath }, "probed", { silenceMs: timings.probe });
        return reply.value;
      }),
  });
  const models = await ModelRegistry.open({
    ...stored,
    resourcesFolder,
    onChange: (list) => events.emit("models.changed", list),
    inspect: (modelPath, mmprojPath) =>
      supervisor.light(settings.current.backend, async (engine) => {
        const body = { type: "inspect", pair: { modelPath, mmprojPath } } as const;
        const reply = await engine.request(body, "inspected", { silenceMs: timings.inspect });
        return reply.value;
      }),
  });
  const runs = new RunStore({ ...stored, onChange: (change) => events.emit("runs.changed", change) });
  const exchange = new RunExchange(runs, images);
  const truth = new TruthStore({ ...stored, onChange: (change) => events.emit("truth.changed", change) });
  const detections = new Detections({
    queue,
    supervisor,
    images,
    models,
    runs,
    settings,
    events,
    log,
    timings,
    appVersion,
  });
  const jobs = new JobBoard({ log: write, onChange: (job) => events.emit("models.job", job) });
  const modelFolder = new ModelFolder(dataFolder);
  void modelFolder.removeLeftovers();
  const modelFiles = new ModelFiles({
    models,
    folder: modelFolder,
    jobs,
    memory: async () => machineMemory(await backends.known()),
    hubTimings: { ...defaultHubTimings, ...surroundings.hubTimings },
    env: surroundings.env ?? process.env,
  });
  const modelRemoval = new ModelRemoval(models, modelFolder);
  return {
    options,
    timings,
    log,
    events,
    settings,
    backends,
    supervisor,
    queue,
    images,
    models,
    runs,
    exchange,
    truth,
    detections,
    jobs,
    doctorSurroundings: surroundings.doctor ?? {},
    modelFolder,
    modelFiles,
    modelRemoval,
    engineState,
  };
}

async function prepareDataFolder(dataFolder: string): Promise<void> {
  try {
    await mkdir(dataFolder, { recursive: true });
  } catch (error) {
    throw storageError(error, "make its data folder");
  }
  void removeLeftovers(dataFolder);
  for (const name of ["images", "runs", "annotations", "truth", "index"]) {
    void removeLeftovers(path.join(dataFolder, name));
  }
}
