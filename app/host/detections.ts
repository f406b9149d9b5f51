import {
  type AnsweredRun,
  type CachedFrom,
  type DetectRequest,
  defined,
  type EngineResult,
  type EventName,
  type EventPayload,
  type FocusReport,
  HoloscopeError,
  localEngineId,
  presetForName,
  type RunRecord,
} from "../contract/index.ts";
import { abortable, cancelledError } from "./abortable.ts";
import { type ElsewhereEngine, elsewhereInfo, modelName, modelOf } from "./endpoints/elsewhere.ts";
import { poolEngines } from "./endpoints/pool-engines.ts";
import type { EndpointStore } from "./endpoints/store.ts";
import type { EngineEvent } from "./engine/process.ts";
import type { SharedParts } from "./engine/shared-parts.ts";
import type { ReadyEngine } from "./engine/supervisor.ts";
import { detectWith } from "./engine/work.ts";
import { describeMachine } from "./machine.ts";
import { findFocusBase } from "./runs/focus-base.ts";
import { Prefetch } from "./runs/prefetch.ts";
import {
  engineInfoOf,
  finishedRecord,
  newRunId,
  type PlannedRun,
  type RunProgress,
  settingsOf,
  unfinishedRecord,
} from "./runs/record.ts";
import { mayBeCached, type ResultCache } from "./runs/result-cache.ts";
import { Serial } from "./serial.ts";

/** The report of a run in focus mode for which there was no earlier run to compare with. */
const noFocusBase: FocusReport = {
  outcome: "full",
  reason: "There is no earlier run of a screenshot of this size with the same model and settings.",
  changedTiles: 0,
  totalTiles: 0,
  keptDetections: 0,
};

interface DetectionParts extends SharedParts {
  readonly endpoints: EndpointStore;
  readonly elsewhere: ElsewhereEngine;
  readonly results: ResultCache;
  /** Called when one more run is stored. */
  readonly onSaved: () => void;
}

/** Whether this machine alone may do it. */
function isLocal({ engines }: PlannedRun): boolean {
  return engines.every((id) => id === localEngineId);
}

/** What any engine is asked for a run. */
function detectBody({ image, imagePath, settings, request: { mode, target, repeat, profileOps } }: PlannedRun) {
  return {
    imageId: image.id,
    imagePath,
    mode,
    settings,
    ...defined({
      target,
      // A series measures, so none of its runs may reuse anything.
      fresh: repeat === undefined ? undefined : true,
      profileOps: profileOps === true ? true : undefined,
    }),
  };
}

/** Takes a detection from its request to its written run record. */
export class Detections {
  readonly #parts: DetectionParts;
  /** Planning reads files, so requests are planned one at a time: otherwise they could enter the queue out of order. */
  readonly #planning = new Serial();
  readonly #prefetch: Prefetch;
  /** Queued and running runs by id. */
  readonly #active = new Map<string, { readonly run: PlannedRun; readonly done: Promise<RunRecord> }>();

  constructor(parts: DetectionParts) {
    this.#parts = parts;
    this.#prefetch = new Prefetch({ pool: parts.pool, silenceMs: parts.timings.runSilence });
  }

  /** See Host.detect. */
  async start(
    request: DetectRequest,
    keep: boolean,
  ): Promise<{ readonly runId: string; readonly cached?: CachedFrom; readonly done: Promise<AnsweredRun> }> {
    const { run, stored } = await this.#planning.run(async () => {
      const run = await this.#plan(request, keep);
      return { run, stored: await this.#findCached(run) };
    });
    if (stored !== undefined) {
      const { id: runId, createdAt } = stored;
      const cached = { runId, createdAt };
      // The same bytes may have come under another name.
      return { runId, cached, done: Promise.resolve({ ...stored, image: run.image, cached }) };
    }
    const { pool, images } = this.#parts;
    const letGo = images.hold(run.image.id);
    // Of the present or last attempt.
    let progress = this.#newProgress();
    const done = new Promise<RunRecord>((resolve) => {
      pool.add({
        id: run.id,
        engines: run.engines,
        run: async (signal, engineId) => {
          this.#prefetch.begun(run);
          progress = this.#newProgress();
          resolve(await this.#finish(run, await this.#run(run, engineId, progress, signal)));
        },
        givenUp: async (error) => {
          resolve(await this.#finish(run, this.#failed(run, progress, error)));
        },
        dropped: async () => {
          this.#prefetch.dropped(run);
          resolve(await this.#finish(run, this.#cancelledInQueue(run)));
        },
        moved: (position) => this.#tell(run, "run.queued", { runId: run.id, request: run.request, position }),
      });
    }).finally(() => {
      letGo();
      this.#active.delete(run.id);
    });
    this.#active.set(run.id, { run, done });
    if (isLocal(run)) this.#prefetch.queued(run);
    return { runId: run.id, done };
  }

  /** Cancels the runs of images, or all that are kept; resolves when their records are written. */
  async end(imageIds?: readonly string[]): Promise<void> {
    // Runs that are being planned become active first.
    await this.#planning.run(async () => {});
    const runs = [...this.#active].filter(([, { run }]) => imageIds?.includes(run.image.id) ?? run.keep);
    for (const [id] of runs) this.cancel(id);
    await Promise.all(runs.map(([, { done }]) => done));
  }

  /** False if no run with this id is queued or running. */
  cancel(runId: string): boolean {
    return this.#parts.pool.cancel(runId);
  }

  async #plan(request: DetectRequest, keep: boolean): Promise<PlannedRun> {
    const { images, models, settings, endpoints, elsewhere, pool } = this.#parts;
    if (request.mode === "locate" && request.target === undefined) {
      throw new HoloscopeError("BAD_REQUEST", "There is nothing to locate.", "Describe the element to be located.");
    }
    await settings.refresh();
    const now = new Date();
    const { path: imagePath, ref: image } = await images.file(request.imageId);
    const model = await models.get(request.modelId ?? settings.current.modelId);
    const engines = request.engines ?? settings.current.engines;
    if (engines.some((id) => id !== localEngineId)) pool.setEngines(poolEngines(await endpoints.list(), elsewhere));
    return {
      id: newRunId(now),
      createdAt: now.toISOString(),
      keep,
      request,
      image,
      imagePath,
      model,
      engines,
      backend: request.backend ?? settings.current.backend,
      ...settingsOf(request, settings.current, model),
    };
  }

  /** Rejects with what another engine may not meet; whatever else happens is in the record. */
  async #run(run: PlannedRun, engineId: string, progress: RunProgress, signal: AbortSignal): Promise<RunRecord> {
    const { appVersion, log } = this.#parts;
    const begin = performance.now();
    try {
      if (engineId !== localEngineId) return await this.#runElsewhere(engineId, run, progress, signal);
      const answer = await this.#detect(run, progress, signal);
      return finishedRecord(run, progress, answer, appVersion);
    } catch (caught) {
      const error = HoloscopeError.from(caught);
      progress.elapsedMs = performance.now() - begin;
      if (error.retry !== undefined && !signal.aborted) {
        log.write("warn", `Run ${run.id} failed on the engine ${engineId}: ${error.message}`);
        this.#tell(run, "run.progress", { runId: run.id, phase: "queued" });
        throw error;
      }
      if (!signal.aborted && error.code !== "CANCELLED") return this.#failed(run, progress, error);
      log.write("info", `Run ${run.id} cancelled: ${error.message}`);
      return unfinishedRecord(run, progress, "cancelled", cancelledError().toInfo(), appVersion);
    }
  }

  #failed(run: PlannedRun, progress: RunProgress, error: HoloscopeError): RunRecord {
    const { appVersion, log } = this.#parts;
    log.write("error", `Run ${run.id} failed: ${error.message}`);
    return unfinishedRecord(run, progress, "failed", error.toInfo(), appVersion);
  }

  /** The whole screenshot is detected anew: what focus mode and calibrated thresholds rest on is this machine's model. */
  async #runElsewhere(id: string, planned: PlannedRun, progress: RunProgress, signal: AbortSignal): Promise<RunRecord> {
    const { endpoints, elsewhere, settings: store, appVersion } = this.#parts;
    const endpoint = await endpoints.get(id);
    progress.engine = elsewhereInfo(endpoint, undefined);
    const { profile, settings } = settingsOf(planned.request, store.current, {});
    const run = { ...planned, profile, settings: { ...settings, focus: false } };
    const known = await elsewhere.known(endpoint, signal);
    progress.engine = elsewhereInfo(endpoint, known);
    const name = modelName(modelOf(endpoint, known));
    progress.model = { id: name, name, family: endpoint.preset ?? presetForName(name) ?? "unknown" };
    const answer = await elsewhere.detect(endpoint, detectBody(run), {
      signal,
      onEvent: (event) => this.#pass(run, progress, event),
    });
    return finishedRecord(run, progress, answer, appVersion);
  }

  async #detect(run: PlannedRun, progress: RunProgress, signal: AbortSignal): Promise<EngineResult> {
    const { supervisor, models, timings, runs, images } = this.#parts;
    if (supervisor.current === undefined) this.#tell(run, "run.progress", { runId: run.id, phase: "starting" });
    const engine = await abortable(signal, supervisor.ready(run.backend));
    this.#noteEngine(progress, engine);
    progress.files = await abortable(signal, models.files(run.model));
    // Looked for only now, so that the run before this one in the queue is considered.
    const focus = run.settings.focus ? await findFocusBase(runs, images, run, progress) : undefined;
    const value = await detectWith(
      engine,
      run.model,
      { ...detectBody(run), ...defined({ focus }) },
      {
        supervisor,
        timings,
        id: run.id,
        signal,
        onEvent: (event) => {
          if (event.type === "progress" && event.phase === "generate") this.#prefetch.generating(run, engine.process);
          this.#pass(run, progress, event);
        },
      },
    ).finally(() => this.#prefetch.ended());
    return run.settings.focus ? { ...value, focus: value.focus ?? noFocusBase } : value;
  }

  /**
   * The stored run that answers the request, if there is one and it may be used. It does not wait in the queue; if
   * looking for it fails, the detection itself will report the cause.
   */
  async #findCached(run: PlannedRun): Promise<RunRecord | undefined> {
    const { settings, supervisor, models, results, log } = this.#parts;
    if (!settings.current.resultCache || !isLocal(run) || !mayBeCached(run)) return undefined;
    try {
      // The stored run must come from the same backend and devices, so the engine has to be known first.
      await supervisor.light(run.backend, async () => {});
      const engine = await supervisor.fitting(run.backend);
      if (engine === undefined) return undefined;
      const { info, process } = engine;
      const stored = await results.find(run, {
        engine: { ...info, backend: process.backend },
        machine: this.#machine(),
        files: await models.files(run.model),
      });
      if (stored !== undefined) log.write("info", `Answered with the stored run ${stored.id}`);
      return stored;
    } catch (error) {
      log.write("info", `No stored run was looked for: ${HoloscopeError.from(error).message}`);
      return undefined;
    }
  }

  #noteEngine(progress: RunProgress, { info, backend, reason, fallback }: ReadyEngine): void {
    progress.machine = this.#machine();
    progress.engine = engineInfoOf(info, backend, reason);
    if (fallback !== undefined) progress.warnings.push({ code: "BACKEND_FALLBACK", message: fallback });
  }

  /** Of a run that is not kept only its caller hears. */
  #tell<E extends EventName>({ keep }: PlannedRun, event: E, payload: EventPayload<E>): void {
    if (keep) this.#parts.events.emit(event, payload);
  }

  #pass(run: PlannedRun, progress: RunProgress, event: EngineEvent): void {
    const runId = run.id;
    if (event.type === "detection") {
      progress.detections.push(event.detection);
      this.#tell(run, "run.detection", { runId, detection: event.detection });
    } else if (event.type === "stage") {
      progress.stages.push(event.stage);
      this.#tell(run, "run.stage", { runId, stage: event.stage });
    } else {
      const { phase, fraction } = event;
      this.#tell(run, "run.progress", { runId, phase, ...defined({ fraction }) });
    }
  }

  #cancelledInQueue(run: PlannedRun): RunRecord {
    const error = cancelledError("The run was cancelled before it began.").toInfo();
    return unfinishedRecord(run, this.#newProgress(), "cancelled", error, this.#parts.appVersion);
  }

  #newProgress(): RunProgress {
    return { machine: this.#machine(), files: [], warnings: [], detections: [], stages: [], elapsedMs: 0 };
  }

  #machine() {
    const { settings, supervisor } = this.#parts;
    return describeMachine(settings.current.machineName, supervisor.lastInfo?.physicalCores);
  }

  /**
   * Writes the record, if it is to be kept, and announces it. If the disk is full, the record is not stored, but the
   * result is still returned.
   */
  async #finish(planned: PlannedRun, run: RunRecord): Promise<RunRecord> {
    const { pool, models } = this.#parts;
    const written = planned.keep ? await this.#save(run) : run;
    this.#tell(planned, "run.finished", { run: written });
    // Not while another run waits: reading gigabytes would distort its timings.
    const unhashed = run.model.files.some(({ sha256 }) => sha256 === null);
    if (unhashed && pool.waiting === 0) models.hashInBackground(planned.model);
    return written;
  }

  async #save(run: RunRecord): Promise<RunRecord> {
    const { runs, results, log, onSaved } = this.#parts;
    try {
      await runs.save(run);
      await results.remember(run);
      onSaved();
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
