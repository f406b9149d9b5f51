import { HoloscopeError, parseOrThrow } from "../contract/errors.ts";
import type { FocusReport } from "../contract/focus.ts";
import {
  type AnsweredRun,
  type CachedFrom,
  type DetectRequestInput,
  detectRequestSchema,
  type EngineResult,
  type RunRecord,
} from "../contract/run.ts";
import { abortable, cancelledError } from "./abortable.ts";
import type { EngineEvent } from "./engine-process.ts";
import type { EngineSupervisor, ReadyEngine } from "./engine-supervisor.ts";
import { doEngineWork } from "./engine-work.ts";
import type { EventHub } from "./events.ts";
import { type FocusBase, findFocusBase } from "./focus-base.ts";
import type { ImageStore } from "./images.ts";
import type { Log } from "./log.ts";
import { describeMachine } from "./machine.ts";
import type { ModelRegistry } from "./models.ts";
import { Prefetch } from "./prefetch.ts";
import type { TaskQueue } from "./queue.ts";
import { findCachedRun, mayBeCached } from "./result-cache.ts";
import {
  engineInfoOf,
  finishedRecord,
  newRunId,
  type PlannedRun,
  type RunProgress,
  settingsOf,
  unfinishedRecord,
} from "./run-record.ts";
import type { RunStore } from "./run-store.ts";
import { Serial } from "./serial.ts";
import type { SettingsStore } from "./settings.ts";
import type { HostTimings } from "./timings.ts";

export interface DetectionsConfig {
  readonly queue: TaskQueue;
  readonly supervisor: EngineSupervisor;
  readonly images: ImageStore;
  readonly models: ModelRegistry;
  readonly runs: RunStore;
  readonly settings: SettingsStore;
  readonly events: EventHub;
  readonly log: Log;
  readonly timings: HostTimings;
  readonly appVersion: string;
}

/** The report of a run in focus mode that had no other to compare with. */
const noFocusBase: FocusReport = {
  outcome: "full",
  reason: "There is no earlier run of a screenshot of this size with the same model and settings.",
  changedTiles: 0,
  totalTiles: 0,
  keptDetections: 0,
};

/** From a request to a written run record. */
export class Detections {
  readonly #config: DetectionsConfig;
  /** Planning reads files: one after the other, so that requests queue in the order they came. */
  readonly #planning = new Serial();
  readonly #prefetch: Prefetch;

  constructor(config: DetectionsConfig) {
    this.#config = config;
    this.#prefetch = new Prefetch({ queue: config.queue, silenceMs: config.timings.runSilence });
  }

  /** See Host.detect. */
  async start(
    input: DetectRequestInput,
  ): Promise<{ readonly runId: string; readonly cached?: CachedFrom; readonly done: Promise<AnsweredRun> }> {
    const { run, stored } = await this.#planning.run(async () => {
      const run = await this.#plan(input);
      return { run, stored: await this.#findCached(run) };
    });
    if (stored !== undefined) {
      const { id: runId, createdAt } = stored;
      const cached = { runId, createdAt };
      // The same bytes may have come under another name.
      return { runId, cached, done: Promise.resolve({ ...stored, image: run.image, cached }) };
    }
    const { queue, events } = this.#config;
    const done = new Promise<RunRecord>((resolve) => {
      queue.add({
        id: run.id,
        run: async (signal) => {
          this.#prefetch.begun(run);
          resolve(await this.#finish(run, await this.#run(run, signal)));
        },
        dropped: async () => {
          this.#prefetch.dropped(run);
          resolve(await this.#finish(run, this.#cancelledInQueue(run)));
        },
        moved: (position) => events.emit("run.queued", { runId: run.id, request: run.request, position }),
      });
    });
    this.#prefetch.queued(run);
    return { runId: run.id, done };
  }

  /** False if no such run waits or runs. */
  cancel(runId: string): boolean {
    return this.#config.queue.cancel(runId);
  }

  async #plan(input: DetectRequestInput): Promise<PlannedRun> {
    const { images, models, settings } = this.#config;
    const request = parseOrThrow(detectRequestSchema, input, "BAD_REQUEST", "The request");
    if (request.mode === "locate" && request.target === undefined) {
      throw new HoloscopeError("BAD_REQUEST", "There is nothing to locate.", "Describe the element to be located.");
    }
    const now = new Date();
    const { path: imagePath, ref: image } = await images.file(request.imageId);
    const model = await models.get(request.modelId ?? settings.current.modelId);
    return {
      id: newRunId(now),
      createdAt: now.toISOString(),
      request,
      image,
      imagePath,
      model,
      backend: request.backend ?? settings.current.backend,
      ...settingsOf(request, settings.current, model),
    };
  }

  async #run(run: PlannedRun, signal: AbortSignal): Promise<RunRecord> {
    const { appVersion, log } = this.#config;
    const progress = this.#newProgress();
    const begin = performance.now();
    try {
      const answer = await this.#detect(run, progress, signal);
      return finishedRecord(run, progress, answer, appVersion);
    } catch (caught) {
      const error = HoloscopeError.from(caught);
      progress.elapsedMs = performance.now() - begin;
      const status = signal.aborted || error.code === "CANCELLED" ? "cancelled" : "failed";
      const reason = status === "cancelled" ? cancelledError() : error;
      log.write(status === "failed" ? "error" : "info", `Run ${run.id} ${status}: ${error.message}`);
      return unfinishedRecord(run, progress, status, reason.toInfo(), appVersion);
    }
  }

  async #detect(run: PlannedRun, progress: RunProgress, signal: AbortSignal): Promise<EngineResult> {
    const { supervisor, models, events, timings } = this.#config;
    if (supervisor.current === undefined) events.emit("run.progress", { runId: run.id, phase: "starting" });
    const engine = await abortable(signal, supervisor.ready(run.backend));
    this.#noteEngine(progress, engine);
    progress.files = await abortable(signal, models.files(run.model));
    const { modelPath, mmprojPath } = run.model;
    const focus = run.settings.focus ? await this.#focusBase(run, progress) : undefined;
    const { value } = await doEngineWork(
      engine,
      {
        type: "detect",
        imagePath: run.imagePath,
        pair: { modelPath, mmprojPath },
        mode: run.request.mode,
        ...(run.request.target === undefined ? {} : { target: run.request.target }),
        settings: run.settings,
        ...(focus === undefined ? {} : { focus }),
        // A series measures: each of its runs does everything.
        ...(run.request.repeat === undefined ? {} : { fresh: true }),
        ...(run.request.profileOps === true ? { profileOps: true } : {}),
      },
      "detected",
      {
        supervisor,
        timings,
        id: run.id,
        signal,
        onEvent: (event) => {
          if (event.type === "progress" && event.phase === "generate") this.#prefetch.generating(run, engine.process);
          this.#pass(run.id, progress, event);
        },
      },
    ).finally(() => this.#prefetch.ended());
    supervisor.setLoaded({ modelId: run.model.id, model: value.model });
    return run.settings.focus ? { ...value, focus: value.focus ?? noFocusBase } : value;
  }

  /**
   * The stored run that answers the request, if it may be answered so. Nothing waits in the queue for it, and what fails
   * on the way is left to the detection itself to report.
   */
  async #findCached(run: PlannedRun): Promise<RunRecord | undefined> {
    const { settings, supervisor, models, runs, log, appVersion } = this.#config;
    if (!settings.current.resultCache || !mayBeCached(run)) return undefined;
    try {
      // Which backend answers and what it runs on is part of the question.
      await supervisor.light(run.backend, async () => {});
      const engine = await supervisor.fitting(run.backend);
      if (engine === undefined) return undefined;
      const { info, process } = engine;
      const stored = await findCachedRun(runs, run, {
        engine: { ...info, backend: process.backend },
        machine: this.#machine(),
        files: await models.files(run.model),
        appVersion,
      });
      if (stored !== undefined) log.write("info", `Answered with the stored run ${stored.id}`);
      return stored;
    } catch (error) {
      log.write("info", `No stored run was looked for: ${HoloscopeError.from(error).message}`);
      return undefined;
    }
  }

  /** The run to compare with; looked for when this run's turn comes, so that the one before it in the queue counts. */
  #focusBase(run: PlannedRun, progress: RunProgress): Promise<FocusBase | undefined> {
    const { runs, images } = this.#config;
    return findFocusBase(runs, images, run, progress);
  }

  #noteEngine(progress: RunProgress, { info, backend, reason, fallback }: ReadyEngine): void {
    progress.machine = this.#machine();
    progress.engine = engineInfoOf(info, backend, reason);
    if (fallback !== undefined) progress.warnings.push({ code: "BACKEND_FALLBACK", message: fallback });
  }

  #pass(runId: string, progress: RunProgress, event: EngineEvent): void {
    const { events } = this.#config;
    if (event.type === "detection") {
      progress.detections.push(event.detection);
      events.emit("run.detection", { runId, detection: event.detection });
    } else if (event.type === "stage") {
      progress.stages.push(event.stage);
      events.emit("run.stage", { runId, stage: event.stage });
    } else {
      const { phase, fraction } = event;
      events.emit("run.progress", { runId, phase, ...(fraction === undefined ? {} : { fraction }) });
    }
  }

  #cancelledInQueue(run: PlannedRun): RunRecord {
    const error = cancelledError("The run was cancelled before it began.").toInfo();
    return unfinishedRecord(run, this.#newProgress(), "cancelled", error, this.#config.appVersion);
  }

  #newProgress(): RunProgress {
    return { machine: this.#machine(), files: [], warnings: [], detections: [], stages: [], elapsedMs: 0 };
  }

  #machine() {
    const { settings, supervisor } = this.#config;
    return describeMachine(settings.current.machineName, supervisor.lastInfo?.physicalCores);
  }

  /** Writes the record and tells everyone. A full disk costs the file, never the result. */
  async #finish({ model }: PlannedRun, run: RunRecord): Promise<RunRecord> {
    const { events, queue, models } = this.#config;
    const written = await this.#save(run);
    events.emit("run.finished", { run: written });
    // Not beside a waiting run: reading gigabytes would show in its timings.
    const unhashed = run.model.files.some(({ sha256 }) => sha256 === null);
    if (unhashed && queue.waiting === 0) models.hashInBackground(model);
    return written;
  }

  async #save(run: RunRecord): Promise<RunRecord> {
    const { runs, log } = this.#config;
    try {
      await runs.save(run);
      return run;
    } catch (caught) {
      const error = HoloscopeError.from(caught);
      log.write("error", `Run ${run.id} is not saved: ${error.message}`);
      const warned: RunRecord = { ...run, warnings: [...run.warnings, { code: "NOT_SAVED", message: error.message }] };
      runs.keepUnsaved(warned);
      return warned;
    }
  }
}
